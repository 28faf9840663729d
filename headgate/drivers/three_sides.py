"""What a decision is by three witnesses: decided again, as it is stored, as it was logged; and where they differ.

Values in, sentences out. The log has some values in the clear and the whole record as a commitment, which opens for one
record only: so it tells which of two records was logged, but shows no value of a third.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec

from headgate.decisions.record import Decision, Versions, canonical_json
from headgate.drivers.said import named_versions
from headgate.ledger import kinds

NOTHING: Final = "nothing"
NOT_THERE: Final = "not there"
NOT_LOGGED: Final = "not in the log"
Opens: TypeAlias = Callable[[str, bytes], bool | None]
"""opens(commitment, value): whether it is to this value; None where its key is not there any more."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One value on which not all agree, each in words. where: which copy in the store it is about."""

    name: str
    recomputed: str
    stored: str
    logged: str
    where: str


class Logged(NamedTuple):
    """The entry of the log, and what opens its commitments."""

    entry: kinds.Decision
    opens: Opens

    def has(self, decision: Decision) -> bool | None:
        """Whether this whole record was logged; None where nobody can tell any more."""
        return self.opens(self.entry.record, canonical_json(decision))


def differences(
    again: Decision | None, stored: Decision | None, logged: Logged | None, where: str
) -> tuple[Difference, ...]:
    """Return every value on which those that are there do not agree. where: what copy `stored` is."""
    sides = [None if each is None else _leaves(msgspec.to_builtins(each)) for each in (again, stored)]
    clear = {} if logged is None else _clear(logged, again, stored)
    names = dict.fromkeys(name for side in (*sides, clear) if side is not None for name in side)
    found = []
    for name in names:
        told = [_shown(side, name) for side in sides]
        known = [each for each in told if each is not None]
        in_log = clear.get(name)
        if len({*known, *([] if in_log is None else [in_log])}) > 1:
            found.append(_difference(name, told, in_log or _by_record(logged, again, stored), where))
    found += _versions(again, stored, logged, where)
    return (*found, *(() if found else _unlike_any(again, stored, logged, where)))


def _difference(name: str, told: list[str | None], in_log: str, where: str) -> Difference:
    again, stored = (NOT_THERE if each is None else each for each in told)
    return Difference(name=name, recomputed=again, stored=stored, logged=in_log, where=where)


def _clear(logged: Logged, again: Decision | None, stored: Decision | None) -> dict[str, str]:
    """What the log says in the clear, by the names of a record."""
    entry = logged.entry
    found = {"seq": str(entry.seq), "action": entry.action, "facts_digest": entry.facts}
    for made in (again, stored):
        for place in range(max(len(entry.fired), len(made.fired) if made else 0)):
            name = entry.fired[place] if place < len(entry.fired) else NOTHING
            found[f"fired.{place}.scenario_id"] = name
        if made is not None and named_versions(made.versions)[0] == entry.versions:
            found |= {f"versions.{name}": str(value) for name, value in msgspec.to_builtins(made.versions).items()}
    return found


def _versions(again: Decision | None, stored: Decision | None, logged: Logged | None, where: str) -> list[Difference]:
    """The set of versions as a whole, where the log names none of both."""
    hashes = [None if each is None else named_versions(each.versions)[0] for each in (again, stored)]
    if logged is None or logged.entry.versions in hashes:
        return []
    return [_difference("versions", hashes, logged.entry.versions, where)]


def _by_record(logged: Logged | None, again: Decision | None, stored: Decision | None) -> str:
    """Which record was logged, in words; for a value that the log does not show."""
    if logged is None:
        return NOT_LOGGED
    for words, made in (("as recomputed", again), ("as stored", stored)):
        opened = None if made is None else logged.has(made)
        if opened:
            return words
        if made is not None and opened is None:
            return "cannot be read: its key was erased"
    return "another value than both"


def _unlike_any(
    again: Decision | None, stored: Decision | None, logged: Logged | None, where: str
) -> tuple[Difference, ...]:
    """The whole record, where all values agree and yet another record was logged."""
    made = again or stored
    if made is None or logged is None or logged.has(made) is not False:
        return ()
    hidden = "a record with a value that the log does not show in the clear"
    told = [None if each is None else "this record" for each in (again, stored)]
    return (_difference("record", told, hidden, where),)


def _shown(side: Mapping[str, str] | None, name: str) -> str | None:
    return None if side is None else side.get(name, NOTHING)


def _leaves(value: Any, name: str = "") -> dict[str, str]:
    if isinstance(value, dict):
        parts = [(str(key), part) for key, part in value.items()]
    elif isinstance(value, list | tuple):
        parts = [(str(place), part) for place, part in enumerate(value)]
    else:
        return {name: _text(value)}
    return {leaf: text for key, part in parts for leaf, text in _leaves(part, f"{name}.{key}" if name else key).items()}


def _text(value: object) -> str:
    """A value so that other values have other texts: floats by their shortest exact digits."""
    return repr(value) if isinstance(value, float) else NOTHING if value is None else str(value)


def with_engine(again: Decision, recorded: Versions) -> Decision:
    """Return a record with the release that is named in the recorded versions; all else is as decided again."""
    return msgspec.structs.replace(again, versions=msgspec.structs.replace(again.versions, engine=recorded.engine))
