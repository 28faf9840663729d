"""A ledger in a SQLite file of its own, for a log without payments: see `tables_ledger` for what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from headgate.limits import STORE_WAIT_MS
from headgate.stores.sqlite_database import SqliteDatabase
from headgate.stores.tables_ledger import LedgerTables

LEDGER_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS ledger_leaves(number INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS ledger_state(one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL,"
    " peaks BLOB NOT NULL, checkpoint BLOB NOT NULL) STRICT",
)


class SqliteLedgerFile(LedgerTables):
    """See `ledger.store.LedgerStore`. Raises FileError when the file cannot be opened."""

    def __init__(self, path: Path, *, wait_ms: int = STORE_WAIT_MS) -> None:
        self._database = SqliteDatabase(path, wait_ms)
        with self._database.transaction() as db:
            for statement in LEDGER_SCHEMA:
                db.execute(statement)

    def close(self) -> None:
        """Close the file."""
        self._database.close()
