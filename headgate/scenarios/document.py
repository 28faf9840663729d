"""A scenario file as values: what a compliance officer writes, before anything is compiled.

TOML text enters; fields that are not known are refused. Amounts of money are in major units of the reference
currency everywhere in the file.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

import msgspec

from headgate.errors import ScenarioError
from headgate.limits import MAX_TEXT_CHARS

Severity = Literal["low", "medium", "high", "critical"]
ScenarioAction = Literal["step_up", "review", "hold"]
Side = Literal["payer", "payee"]
Unit = Literal[
    "money",
    "payments",
    "accounts",
    "events",
    "ratio",
    "seconds",
    "hours",
    "days",
    "deviations",
    "hour",
    "number",
    "text",
]
Text = Annotated[str, msgspec.Meta(min_length=1)]
ScenarioId = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=64)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    pass  # a default is not written, so that what a later version can say in addition changes no content hash


class Reference(_Part, frozen=True, kw_only=True):
    """A public document in which the typology is described."""

    publisher: Text
    title: Text
    year: Annotated[int, msgspec.Meta(ge=1980, le=2100)]
    note: str = ""


class AppliesTo(_Part, frozen=True, kw_only=True):
    """Which payments the scenario looks at; an empty list means all, and what is not stated is not excluded.

    `sides`: whose account has to be a customer's.
    """

    rails: tuple[Text, ...] = ()
    channels: tuple[Text, ...] = ()
    sides: tuple[Side, ...] = ()


class Parameter(_Part, frozen=True, kw_only=True):
    """A number that an adopter may change between its bounds, or a text."""

    value: bool | int | float | str
    unit: Unit
    sentence: Text
    min: int | float | None = None
    max: int | float | None = None


class Example(_Part, frozen=True, kw_only=True):
    """Facts of one payment by name, and whether the scenario must fire; facts that are left out are unknown."""

    says: Text
    fires: bool
    facts: dict[str, bool | int | float | str]


class ScenarioFile(_Part, frozen=True, kw_only=True):
    """One scenario file.

    payer_words: what the payer is told when asked about a payment on which it fires, in plain words without facts.
    """

    id: ScenarioId
    title: Text
    what: Text
    references: Annotated[tuple[Reference, ...], msgspec.Meta(min_length=1)]
    severity: Severity
    action: ScenarioAction
    condition: Text
    reason: Text
    examples: tuple[Example, ...]
    applies_to: AppliesTo = AppliesTo()
    parameters: dict[str, Parameter] = {}
    payer_words: Annotated[str, msgspec.Meta(max_length=MAX_TEXT_CHARS)] = ""
    enabled: bool = True


def parse_file(text: str, where: str) -> ScenarioFile:
    """Return the scenario in TOML text; raises ScenarioError where it is malformed."""
    try:
        return msgspec.toml.decode(text, type=ScenarioFile)
    except (msgspec.DecodeError, ValueError) as error:
        raise ScenarioError(
            f"The scenario cannot be read: {error}",
            where=where,
            repair="Compare it with a packaged one: `headgate scenarios show mule-pass-through --toml`.",
        ) from error


def content_hash(file: ScenarioFile) -> str:
    """Return the sha256 hex of the content in canonical form: comments, order and layout do not count."""
    return hashlib.sha256(msgspec.json.encode(file, order="sorted")).hexdigest()
