"""The stage: the state in memory, and what a group of commands has added to it that is not on disk yet.

Commands look up and fold here; nothing here decides, and nothing reaches the disk before the group is committed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from headgate.decisions.record import Decision
from headgate.drivers.announcing import announced, announced_deadlines
from headgate.drivers.book import Happened, Say
from headgate.drivers.door import AnyEntry
from headgate.drivers.pipeline import Passed, Pipeline, Step
from headgate.journal.entries import Entry, Outcome, Payment, kind_of
from headgate.journal.identity import entry_id
from headgate.stores.store import Batch


class Admit(Protocol):
    """Puts pseudonyms in the place of ids."""

    def __call__(self, entry: AnyEntry) -> AnyEntry:
        """Return the entry in pseudonyms."""


class Keeper(Protocol):
    """What a command may look up of what is on disk."""

    def known(self, kind: str, ids: Sequence[str]) -> frozenset[str]:
        """Those of these identities (of a kind) under which there is an entry."""

    def entry(self, kind: str, entry_id: str) -> Entry | None:
        """An entry by its identity within its kind."""

    def payment(self, tx_id: str) -> Payment | None:
        """A payment by its id."""

    def decision(self, tx_id: str) -> Decision | None:
        """The decision on a payment."""


class Stage:
    """The state in memory, and what a group of commands has added to it that is not on disk yet.

    admit: puts pseudonyms in the place of ids.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        keeper: Keeper,
        admit: Admit,
        clock_us: int,
    ) -> None:
        self.pipeline = pipeline
        self.admit = admit
        self.clock_us = clock_us
        self._keeper = keeper
        self._passed = Passed()
        self._steps: list[Step] = []
        self._says: list[Say] = []
        self._payments: dict[str, tuple[Payment, Decision]] = {}
        self._entries: dict[tuple[str, str], Entry] = {}
        self._new: frozenset[str] = frozenset()

    def look_up(self, payments: Iterable[Payment]) -> None:
        """Ask once which payments of a group are new, since a look at the disk for each costs more than deciding it."""
        ids = [payment.tx_id for payment in payments]
        self._new = frozenset(ids) - self._keeper.known("payment", ids)

    def tick(self) -> None:
        """Let the deadlines that have passed take their place in the journal, before any command of this group."""
        self._passed = self.pipeline.tick(self.clock_us)

    def fold(self, entry: Entry) -> Step:
        """Take one entry into the state."""
        step = _without_facts(self.pipeline.step(msgspec.structs.replace(entry, clock_us=self.clock_us)))
        self._steps.append(step)
        if isinstance(step.entry, Payment):
            assert step.decision is not None, "a payment is always decided"
            self._payments[step.entry.tx_id] = (step.entry, step.decision)
        elif identity := entry_id(step.entry):
            self._entries[kind_of(step.entry), identity] = step.entry
        return step

    def say(self, say: Say) -> None:
        """Have something logged that is no entry of the journal, with this group."""
        self._says.append(say)

    def happened(self) -> Happened:
        """Everything that this group brought, for the ledger."""
        return Happened(self.clock_us, self._steps, self._passed.hold_changes, self._says)

    def entry(self, kind: str, identity: str) -> Entry | None:
        """An entry by its identity within its kind, of this group or before."""
        if kind == "payment":
            return self.payment(identity)
        return self._entries.get((kind, identity)) or self._keeper.entry(kind, identity)

    def outcome(self, outcome_id: str) -> Outcome | None:
        """An outcome that was told, in this group or before."""
        found = self.entry("outcome", outcome_id)
        assert found is None or isinstance(found, Outcome)
        return found

    def payment(self, tx_id: str) -> Payment | None:
        """A payment that was decided, in this group or before."""
        staged = self._payments.get(tx_id)
        if staged is None and tx_id in self._new:
            return None
        return staged[0] if staged else self._keeper.payment(tx_id)

    def decision(self, tx_id: str) -> Decision | None:
        """The decision on a payment, made in this group or before."""
        staged = self._payments.get(tx_id)
        return staged[1] if staged else self._keeper.decision(tx_id)

    def batch(self) -> Batch:
        """Everything that this group adds, for one transaction."""
        told = (each for step in self._steps for each in announced(step))
        return Batch(
            entries=[*self._passed.timers, *(entry for step in self._steps for entry in step.entries)],
            decisions=[step.decision for step in self._steps if step.decision],
            alerts=[step.alert for step in self._steps if step.alert],
            cases=[change.case for step in self._steps for change in step.case_changes],
            announcements=[*announced_deadlines(self._passed), *told],
        )


def _without_facts(step: Step) -> Step:
    """A step as it is kept until its group is committed: the facts of a whole group would take megabytes."""
    return Step(step.entry, step.timers, None, step.decision, step.alert, step.case_changes, step.hold_changes)
