"""The SQLite store: the embedded default, one file, nothing to install.

Write-ahead log with a sync at every commit; see `sqlite_database` for what a crash leaves behind.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from headgate.stores.sqlite_announcements import SqliteAnnouncements
from headgate.stores.sqlite_cases import SqliteCases
from headgate.stores.sqlite_database import Database
from headgate.stores.sqlite_decisions import SqliteDecisions
from headgate.stores.sqlite_journal import SqliteJournal
from headgate.stores.sqlite_open import Connect
from headgate.stores.sqlite_users import SqliteUsers
from headgate.stores.store import Batch


class SqliteStore(SqliteJournal, SqliteDecisions, SqliteCases, SqliteAnnouncements, SqliteUsers):
    """See `stores.store.Store`. Raises FileError when the file cannot be opened or is not a store.

    wait_ms: how long a write waits for another program that holds the file. connect: what opens it.
    """

    def __init__(self, path: Path, *, wait_ms: int = 5000, connect: Connect = sqlite3.connect) -> None:
        self.path = path
        self._database = Database(path, wait_ms, connect)

    def commit(self, batch: Batch) -> None:
        """Write a batch in one transaction; see `stores.store.Store.commit`."""
        with self._database.transaction() as db:
            if self._is_there(batch.entries):
                return
            self._append(db, batch.entries)
            self._decide(db, batch.decisions, batch.alerts)
            self._keep_cases(db, batch.cases)
            self._announce(db, batch.announcements)

    def reopen(self) -> None:
        """Begin again with what is really on disk; see `stores.store.Store.reopen`."""
        self._database.reopen()

    def close(self) -> None:
        """Close the file."""
        self._database.close()
