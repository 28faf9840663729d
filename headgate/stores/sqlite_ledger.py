"""Leaves and head of the ledger in SQLite, in the same file and the same transaction as the decisions.

`_log` writes inside a transaction that is already open; `append_to_ledger` opens one of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from headgate.errors import ConflictError
from headgate.ledger.store import Head
from headgate.stores.sqlite_database import Database

LEDGER_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS ledger_leaves(number INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS ledger_state(one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL,"
    " peaks BLOB NOT NULL, checkpoint BLOB NOT NULL) STRICT",
)
_HEAD = "SELECT size, peaks, checkpoint FROM ledger_state"


class SqliteLedger:
    """See `ledger.store.LedgerStore`."""

    _database: Database

    def ledger_head(self) -> Head | None:
        """Return the head that was stored last, None before the first."""
        row = self._database.one(_HEAD)
        return None if row is None else Head(*row)

    def ledger_leaves(self, start: int, end: int) -> list[bytes]:
        """Return the leaves with numbers in [start, end), in order."""
        sql = "SELECT content FROM ledger_leaves WHERE number >= ? AND number < ? ORDER BY number"
        return [row[0] for row in self._database.read(sql, (start, end))]

    def append_to_ledger(self, leaves: Sequence[bytes], head: Head, expected_size: int) -> None:
        """Store leaves and head in one transaction; see `ledger.store.LedgerStore`."""
        with self._database.transaction() as db:
            self._log(db, leaves, head, expected_size)

    def _log(self, db: sqlite3.Connection, leaves: Sequence[bytes], head: Head, expected_size: int) -> None:
        row = db.execute(_HEAD).fetchone()
        size = 0 if row is None else row[0]
        if size != expected_size or head.size != expected_size + len(leaves):
            raise ConflictError(
                f"The ledger has {size} entries and not {expected_size}: another writer went on",
                where="ledger_state",
                repair="Stop this writer; one writer only may serve a home.",
            )
        db.executemany("INSERT INTO ledger_leaves VALUES (?, ?)", enumerate(leaves, expected_size))
        db.execute("INSERT OR REPLACE INTO ledger_state VALUES (1, ?, ?, ?)", head)


class SqliteLedgerFile(SqliteLedger):
    """A ledger in a store file of its own, for a log without payments. Raises FileError when it cannot be opened."""

    def __init__(self, path: Path, *, wait_ms: int = 5000) -> None:
        self._database = Database(path, wait_ms)
        with self._database.transaction() as db:
            for statement in LEDGER_SCHEMA:
                db.execute(statement)

    def close(self) -> None:
        """Close the file."""
        self._database.close()
