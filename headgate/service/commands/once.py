"""Take entries that come by a caller's own ids: all of a request or none, each identity once."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

import msgspec

from headgate.errors import ConflictError, HeadgateError
from headgate.journal.entries import Entry, kind_of
from headgate.journal.identity import entry_id
from headgate.service.commands.stage import Stage

Given = TypeVar("Given")


class Told(NamedTuple):
    """An entry as it stands in the journal, and whether it had been told before."""

    entry: Entry
    repeated: bool


class Once(Generic[Given]):
    """Entries in their order, all or none. Whoever says how a wish becomes an entry has a command."""

    def __init__(self, given: Sequence[Given]) -> None:
        self.given = tuple(given)
        self._told: list[Entry] = []
        self._fresh: dict[str | None, Entry] = {}

    @property
    def taken(self) -> Container[str | None]:
        """The identities of the entries of this request that were checked so far, and are new."""
        return self._fresh.keys()

    def entry(self, given: Given, stage: Stage) -> Entry:
        """Return the entry of one wish, in pseudonyms; raises the error with which it is refused."""
        raise NotImplementedError

    def entries(self) -> Iterable[Entry]:
        """What mentions accounts by the ids of the caller."""
        return ()

    def check(self, stage: Stage) -> None:
        """Raise what `entry` raises, FieldError, or ConflictError for an identity with other content."""
        self._told, self._fresh = [], {}
        for number, given in enumerate(self.given):
            try:
                self._told.append(self._checked(given, stage))
            except HeadgateError as error:
                if len(self.given) > 1:
                    error.where = f"[{number}].{error.where}".rstrip(".")
                raise

    def fold(self, stage: Stage) -> list[Told]:
        """Return one answer for each wish."""
        return [self._taken(entry, stage) for entry in self._told]

    def _checked(self, given: Given, stage: Stage) -> Entry:
        entry = self.entry(given, stage)
        identity = entry_id(entry)
        known = self._fresh.get(identity) or (stage.entry(kind_of(entry), identity) if identity else None)
        if known is None:
            stage.pipeline.engine.check(entry)
            self._fresh |= {identity: entry} if identity else {}
        elif not _same(known, entry):
            raise ConflictError(
                f"This {kind_of(entry).replace('_', ' ')} came before with other content",
                where=_named(entry),
                repair="Compare it with what was sent first; another one needs an id of its own. Nothing was changed.",
            )
        return entry

    def _taken(self, entry: Entry, stage: Stage) -> Told:
        identity = entry_id(entry)
        known = stage.entry(kind_of(entry), identity) if identity else None
        return Told(known, True) if known else Told(stage.fold(entry).entry, False)


def _same(first: Entry, second: Entry) -> bool:
    return msgspec.structs.replace(first, seq=0, clock_us=0) == msgspec.structs.replace(second, seq=0, clock_us=0)


def _named(entry: Entry) -> str:
    return {"session": "event_id", "outcome": "outcome_id"}.get(kind_of(entry), "tx_id")
