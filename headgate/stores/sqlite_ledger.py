"""A ledger in a SQLite file of its own, for a log without payments: see `tables_ledger` for what is in it."""

from __future__ import annotations

from pathlib import Path

from headgate.limits import STORE_WAIT_MS
from headgate.stores.sqlite_database import SqliteDatabase
from headgate.stores.tables_ledger import LedgerTables


class SqliteLedgerFile(LedgerTables):
    """See `ledger.store.LedgerStore`. Raises FileError when the file cannot be opened."""

    def __init__(self, path: Path, *, wait_ms: int = STORE_WAIT_MS) -> None:
        self._database = SqliteDatabase(path, wait_ms)

    def close(self) -> None:
        """Close the file."""
        self._database.close()
