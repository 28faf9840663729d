"""The SQLite store: the embedded default, one file, nothing to install.

Write-ahead log with a sync at every commit; see `sqlite_database` for what a crash leaves behind.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from headgate.limits import STORE_WAIT_MS
from headgate.stores.archive import FOLDER, Archive
from headgate.stores.sqlite_database import SqliteDatabase
from headgate.stores.sqlite_open import Connect
from headgate.stores.tables import TableStore


class SqliteStore(TableStore):
    """See `stores.store.Store`. Raises FileError when the file cannot be opened or is not a store.

    archive: where the parts of older days lie; the folder `archive` beside the file unless another is given. wait_ms:
    how long a write waits for another program that holds the file. connect: what opens the file.
    """

    _database: SqliteDatabase

    def __init__(
        self,
        path: Path,
        archive: Archive | None = None,
        *,
        wait_ms: int = STORE_WAIT_MS,
        connect: Connect = sqlite3.connect,
    ) -> None:
        self.path = path
        database = SqliteDatabase(path, wait_ms, connect)
        super().__init__(database, archive or Archive(str(path.absolute().parent / FOLDER)))

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy of the whole store into a new file while others read and write."""
        self._database.copy_to(path)
