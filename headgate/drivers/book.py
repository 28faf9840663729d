"""The book: the log of a home in memory, as its one writer keeps it. What happened goes in, signed leaves come out.

Order of a group: `write` draws keys for new data subjects (on disk when it returns) and signs in memory; the caller
puts leaves and head into the transaction of what they are about; `committed` goes on from there. A crash or a failure
before the transaction leaves keys that nothing mentions and a signature that nobody saw; after it everything. Where
nobody knows what is on disk, `begin` reads the head again, and refuses one that these keys did not sign.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple, Protocol

import msgspec

from headgate import __version__
from headgate.decisions.holds import HoldChange
from headgate.drivers.log_keys import LogKeys
from headgate.drivers.pipeline import Step
from headgate.drivers.said import Parts, Pen, held, said, versions_of
from headgate.errors import HeadgateError, LedgerError
from headgate.journal.entries import Activation, Payment
from headgate.ledger.commitments import SubjectKeys
from headgate.ledger.entries import decode_entry, encode_entry, encode_made
from headgate.ledger.kinds import Decision, Entry, LogClosed, LogOpened
from headgate.ledger.log import Log, Prepared
from headgate.ledger.store import Head
from headgate.limits import US_PER_SECOND

Say = Callable[[Pen], Entry]
"""An entry that is made when it is logged: with the clock and the keys of then."""


class Kept(Protocol):
    """What the book reads of a store."""

    def ledger_head(self) -> Head | None:
        """Return the head that was stored last."""

    def ledger_leaves(self, start: int, end: int) -> list[bytes]:
        """Return the leaves with numbers in [start, end)."""

    def told_to_ledger(self) -> list[tuple[int, bytes]]:
        """Return what other programs left for the ledger."""


class Written(NamedTuple):
    """A signed group, and where the book stands after it. told: up to which number it has what other programs left."""

    logged: Prepared
    told: int
    says: int
    at_us: int
    versions: str
    rules_hash: str


class Happened(NamedTuple):
    """What a group brought: deadlines that passed with nothing after them, steps, and what is said beside them."""

    clock_us: int
    steps: Sequence[Step] = ()
    passed: Iterable[HoldChange] = ()
    says: Iterable[Say] = ()


_LOOK_US: Final = US_PER_SECOND  # how often what other programs left is looked for


class Book:
    """The log of a store. subjects: keys of commitments. parts_of: content hashes of the parts of rules, by their hash.

    `begin` before the first group. Only the writer's thread writes; `say` may be called by any.
    """

    def __init__(self, store: Kept, keys: LogKeys, subjects: SubjectKeys, parts_of: Callable[[str], Parts]) -> None:
        self._store = store
        self.keys = keys
        self._subjects = subjects
        self._parts_of = parts_of
        self._log: Log | None = None
        self._says: list[Say] = []
        self._open = False
        self._lock = threading.Lock()
        self._last_us = self._looked_us = 0
        self._versions = self._rules_hash = ""

    def begin(self, rules_hash: str) -> None:
        """Go on from what the store has; rules_hash: the rules in force there. Raises LedgerError."""
        head = self._store.ledger_head()
        self._log = self.keys.log(head)
        self._last_us = 0 if head is None else self._last_clock(head.size)
        self._versions, self._rules_hash, self._looked_us = "", rules_hash, 0

    def reopen(self) -> None:
        """Begin again with the keys of data subjects that are really on disk."""
        self._subjects.reopen()

    def close(self) -> None:
        """Release the keys of data subjects."""
        self._subjects.close()

    def say(self, say: Say) -> None:
        """Have something logged with the next group."""
        with self._lock:
            self._says.append(say)

    def close_log(self, reason: str) -> None:
        """Have it logged that the service stopped."""
        self.say(lambda pen: LogClosed(at_us=pen.at_us, reason=reason))

    def write(self, happened: Happened) -> Written | None:
        """Return the signed leaves about what happened, None where there is nothing to say; the log is unchanged."""
        assert self._log is not None, "a book is begun before it is written"
        at_us = max(happened.clock_us, self._last_us)
        told = self._told(at_us)
        with self._lock:
            says = list(self._says)
        state = _State(self._versions, self._rules_hash, self._parts_of)
        month = datetime.fromtimestamp(at_us / US_PER_SECOND, UTC).strftime("%Y-%m")
        payers = (step.entry.payer for step in happened.steps if isinstance(step.entry, Payment))
        with self._subjects.together(month, payers) as commit:
            pen = Pen(at_us, lambda subject, value: commit(subject, month, value))
            opened = [] if self._open else [self._opened(pen)]
            entries = [*opened, *state.entries(happened, pen), *(say(pen) for say in (*happened.says, *says))]
            entries += [msgspec.structs.replace(decode_entry(content), at_us=at_us) for _, content in told]
            leaves = [encode_made(entry) if type(entry) is Decision else encode_entry(entry) for entry in entries]
        if not leaves:
            return None
        until = told[-1][0] if told else -1
        return Written(self._log.prepare(leaves), until, len(says), at_us, state.versions, state.rules_hash)

    def committed(self, written: Written) -> None:
        """Go on from a group that is now in the store."""
        assert self._log is not None
        self._log.committed(written.logged)
        self._open = True
        with self._lock:
            del self._says[: written.says]
        self._last_us = written.at_us
        self._versions, self._rules_hash = written.versions, written.rules_hash

    def _told(self, at_us: int) -> list[tuple[int, bytes]]:
        if at_us - self._looked_us < _LOOK_US:
            return []
        self._looked_us = at_us
        return self._store.told_to_ledger()

    def _last_clock(self, size: int) -> int:
        leaves = self._store.ledger_leaves(size - 1, size)
        try:
            return decode_entry(leaves[0]).at_us if leaves else 0
        except HeadgateError as error:
            raise LedgerError(
                f"The last entry of the ledger cannot be read: {error}",
                where=f"ledger_leaves, entry {size - 1}",
                repair="Restore the store; compare it with the published log.",
            ) from error

    def _opened(self, pen: Pen) -> Entry:
        keys = tuple(key.text() for key in self.keys.verifiers)
        return LogOpened(at_us=pen.at_us, origin=self.keys.origin, keys=keys, engine=f"headgate {__version__}")


class _State:
    """Which versions were named last, and which rules are in force, as a group goes by."""

    def __init__(self, versions: str, rules_hash: str, parts_of: Callable[[str], Parts]) -> None:
        self.versions, self.rules_hash, self._parts_of = versions, rules_hash, parts_of

    def entries(self, happened: Happened, pen: Pen) -> list[Entry]:
        found = [*held(happened.passed, pen)]
        for step in happened.steps:
            found += self._with_versions(step, said(step, pen, self._before(step)), pen)
            if isinstance(step.entry, Activation) and step.entry.subject_kind == "rules":
                self.rules_hash = step.entry.content_hash
        return found

    def _with_versions(self, step: Step, entries: list[Entry], pen: Pen) -> list[Entry]:
        """Name a set of versions before the first decision by it."""
        if step.decision is None:
            return entries
        for place, entry in enumerate(entries):
            if isinstance(entry, Decision) and entry.versions != self.versions:
                self.versions = entry.versions
                return [*entries[:place], versions_of(step.decision.versions, pen.at_us), *entries[place:]]
        return entries

    def _before(self, step: Step) -> Parts:
        if not isinstance(step.entry, Activation) or not self.rules_hash:
            return {}
        if step.entry.subject_kind == "rules":
            return {("rules", step.entry.subject): self.rules_hash}
        return self._parts_of(self.rules_hash)
