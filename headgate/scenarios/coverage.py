"""The library against a risk assessment: which risk has a scenario in force on which rail, and which has none.

A file of risks, the list of typologies and scenarios enter; a map leaves. Whether a scenario is any good says its
measured page, not this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from headgate.errors import FileError, ScenarioError, nearest
from headgate.scenarios.document import Text
from headgate.scenarios.scenario import Scenario

Level = Literal["low", "medium", "high"]
Texts = Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]


class Risk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One risk of an assessment: a product, the rails on which it can happen, the typologies that it may take.

    scenarios: ids of an adopter's own that look for it, beside those of the typologies.
    """

    id: Text
    title: Text
    product: Text
    rails: Texts
    level: Level
    typologies: Texts
    scenarios: tuple[Text, ...] = ()


class Covered(msgspec.Struct, frozen=True, kw_only=True):
    """One typology of a risk on one rail, and the scenarios in force that look for it there; none is a gap."""

    risk: str
    product: str
    level: Level
    typology: str
    rail: str
    scenarios: tuple[str, ...]


class _Risks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    risks: Annotated[tuple[Risk, ...], msgspec.Meta(min_length=1)]


class _Typologies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    typologies: dict[str, tuple[str, ...]]


def packaged_risks_text() -> str:
    """Return the packaged risk assessment, to start an own one from."""
    return resources.files("headgate.scenarios").joinpath("risks.toml").read_text(encoding="utf-8")


def typologies() -> Mapping[str, tuple[str, ...]]:
    """Return the ids of the packaged scenarios by typology."""
    text = resources.files("headgate.scenarios").joinpath("typologies.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=_Typologies).typologies


def read_risks(path: Path | None = None) -> tuple[Risk, ...]:
    """Return the risks of a file, or the packaged ones; raises FileError or ScenarioError for one that is malformed."""
    where = "risks.toml" if path is None else str(path)
    try:
        text = packaged_risks_text() if path is None else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(
            f"The risk assessment cannot be read: {error}", where=where, repair="Give a TOML file in UTF-8."
        ) from error
    try:
        risks = msgspec.toml.decode(text, type=_Risks).risks
    except (msgspec.DecodeError, ValueError) as error:
        raise ScenarioError(
            f"The risk assessment cannot be read: {error}",
            where=where,
            repair="Compare it with the packaged one: `headgate scenarios coverage --toml`.",
        ) from error
    _once(risks, where)
    return risks


def coverage(risks: Iterable[Risk], library: Sequence[Scenario]) -> tuple[Covered, ...]:
    """Return each typology of each risk on each of its rails, with the scenarios that look for it, in that order.

    Raises ScenarioError where a risk names a scenario that is not in force.
    """
    return tuple(_covered(tuple(risks), {each.id: each for each in library}))


def unasked(covered: Iterable[Covered], library: Sequence[Scenario]) -> tuple[str, ...]:
    """Return the scenarios in force that no risk needs."""
    used = {name for each in covered for name in each.scenarios}
    return tuple(each.id for each in library if each.id not in used)


def _covered(risks: Sequence[Risk], library: Mapping[str, Scenario]) -> Iterator[Covered]:
    known = typologies()
    for risk in risks:
        for name in risk.scenarios:
            if name not in library:
                raise ScenarioError(
                    f"The risk {risk.id!r} names the scenario {name!r}, which is not in force",
                    where=f"risks, {risk.id}",
                    repair=f"{nearest(name, tuple(library))}Give the folder that holds it with --folder.",
                )
        for typology in risk.typologies:
            named = (*known.get(typology, ()), *risk.scenarios)
            for rail in risk.rails:
                found = tuple(dict.fromkeys(n for n in named if n in library and _on_rail(library[n], rail)))
                yield Covered(
                    risk=risk.id,
                    product=risk.product,
                    level=risk.level,
                    typology=typology,
                    rail=rail,
                    scenarios=found,
                )


def _on_rail(scenario: Scenario, rail: str) -> bool:
    rails = scenario.file.applies_to.rails
    return not rails or rail in rails


def _once(risks: Sequence[Risk], where: str) -> None:
    seen: set[str] = set()
    for risk in risks:
        if risk.id in seen:
            raise ScenarioError(
                f"Two risks have the id {risk.id!r}", where=where, repair="Give one of them another id."
            )
        seen.add(risk.id)
