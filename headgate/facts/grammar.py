"""The names of facts: every name that can be asked for, and the nearest one where a name is wrong.

The grammar is finite: it is the list of all definitions. A window is one of 1h 6h 24h 72h 7d 14d 28d, a profile
looks back 90d or 400d.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from headgate.errors import LimitError, UnknownFactError, nearest
from headgate.facts.definitions import all_specs
from headgate.facts.spec import PROFILE_SPANS, SPANS, FactSpec
from headgate.limits import MAX_FACTS, US_PER_DAY, US_PER_HOUR

_WINDOW = re.compile(r"(?<=_)(\d{1,6})([hd])(?=_|$)")


@cache
def specs() -> dict[str, FactSpec]:
    """Return every fact of the grammar by its name."""
    found: dict[str, FactSpec] = {}
    for spec in all_specs():
        assert spec.name not in found, f"{spec.name} is defined twice"
        found[spec.name] = spec
    return found


def parse(name: str) -> FactSpec:
    """Return the fact of this name. Raises UnknownFactError with the nearest name."""
    spec = specs().get(name)
    if spec is None:
        raise UnknownFactError(
            f"There is no fact {name!r}",
            where="fact name",
            repair=f"{_suggestion(name)}`headgate features` prints all of them.",
        )
    return spec


def parse_all(names: Iterable[str]) -> tuple[FactSpec, ...]:
    """Return the facts of these names. Raises UnknownFactError, or LimitError for too many or repeated names."""
    asked = tuple(names)
    if len(asked) > MAX_FACTS:
        raise LimitError(
            f"{len(asked)} facts were asked for",
            where="fact names",
            repair=f"Ask for at most {MAX_FACTS} at once.",
        )
    repeated = next((name for name in asked if asked.count(name) > 1), None)
    if repeated is not None:
        raise LimitError(
            f"The fact {repeated!r} was asked for twice", where="fact names", repair="Name each fact once."
        )
    return tuple(parse(name) for name in asked)


def _suggestion(name: str) -> str:
    """Try the nearest canonical windows first, then the nearest name of all."""
    canonical = _WINDOW.sub(_nearest_window, name)
    if canonical in specs():
        windows = " ".join(span.name for span in SPANS)
        return f"Did you mean {canonical!r}? Windows are {windows}. "
    return nearest(canonical, list(specs()))


def _nearest_window(match: re.Match[str]) -> str:
    if match[0] in {span.name for span in PROFILE_SPANS}:
        return match[0]
    us = int(match[1]) * (US_PER_HOUR if match[2] == "h" else US_PER_DAY)
    return min(SPANS, key=lambda span: abs(span.us - us)).name
