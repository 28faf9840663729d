"""Leaves and head of the ledger as tables, in the same database and the same transaction as the decisions.

`_log` writes inside a transaction that is already open and has its turn; `append_to_ledger` opens one of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from headgate.errors import ConflictError
from headgate.ledger.log import Prepared
from headgate.ledger.store import Head
from headgate.stores.database import Database, Work

_LEAVES = "SELECT content FROM ledger_leaves WHERE number >= ? AND number < ? ORDER BY number"
_HEAD = "SELECT size, peaks, checkpoint FROM ledger_state"
_KEEP = (
    "INSERT INTO ledger_state (one, size, peaks, checkpoint) VALUES (1, ?, ?, ?) ON CONFLICT (one) DO UPDATE SET "
    "size = excluded.size, peaks = excluded.peaks, checkpoint = excluded.checkpoint"
)


class LedgerTables:
    """See `ledger.store.LedgerStore`."""

    _database: Database

    def ledger_head(self) -> Head | None:
        """Return the head that was stored last, None before the first."""
        row = self._database.one(_HEAD)
        return None if row is None else Head(row[0], bytes(row[1]), bytes(row[2]))

    def ledger_leaves(self, start: int, end: int) -> list[bytes]:
        """Return the leaves with numbers in [start, end), in order."""
        return [bytes(row[0]) for row in self._database.read(_LEAVES, (start, end))]

    def append_to_ledger(self, leaves: Sequence[bytes], head: Head, expected_size: int) -> None:
        """Store leaves and head in one transaction; see `ledger.store.LedgerStore`."""
        with self._database.transaction() as db:
            db.take_turn()
            self._log(db, leaves, head, expected_size)

    def tell_ledger(self, content: bytes) -> None:
        """Leave an entry for the ledger; see `stores.store.Ledger`."""
        with self._database.transaction() as db:
            db.take_turn()
            tell(db, content)

    def told_to_ledger(self) -> list[tuple[int, bytes]]:
        """Return what was left for the ledger and is not logged yet; see `stores.store.Ledger`."""
        rows = self._database.read("SELECT number, content FROM ledger_told ORDER BY number")
        return [(int(number), bytes(content)) for number, content in rows]

    def _forget_told(self, db: Work, until: int) -> None:
        if until >= 0:
            db.execute("DELETE FROM ledger_told WHERE number <= ?", (until,))

    def _check_logged(self, logged: Prepared | None) -> None:
        """Raise ConflictError where a batch is there already, but not with these leaves."""
        if logged is None:
            return
        start, end = logged.expected_size, logged.expected_size + len(logged.leaves)
        if self.ledger_leaves(start, end) != list(logged.leaves):
            raise _another_writer(self._size(), start)

    def _size(self) -> int:
        head = self.ledger_head()
        return 0 if head is None else head.size

    def _log(self, db: Work, leaves: Sequence[bytes], head: Head, expected_size: int) -> None:
        size = self._size()
        if size != expected_size or head.size != expected_size + len(leaves):
            raise _another_writer(size, expected_size)
        db.append("ledger_leaves", enumerate(leaves, expected_size))
        db.execute(_KEEP, head)


def tell(db: Work, content: bytes) -> None:
    """Leave an entry for the ledger inside a transaction that has its turn."""
    db.execute("INSERT INTO ledger_told SELECT COALESCE(MAX(number), -1) + 1, ? FROM ledger_told", (content,))


def _another_writer(size: int, expected: int) -> ConflictError:
    return ConflictError(
        f"The ledger has {size} entries and not {expected}: another writer went on",
        where="ledger_state",
        repair="Stop this writer; one writer only may serve a home.",
    )
