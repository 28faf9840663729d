"""The SQLite store: the embedded default, one file, nothing to install.

Write-ahead log with a sync at every commit; see `sqlite_database` for what a crash leaves behind.
"""

from __future__ import annotations

from pathlib import Path

from headgate.limits import STORE_WAIT_MS
from headgate.stores.archive import FOLDER, Archive
from headgate.stores.sqlite_database import SqliteDatabase
from headgate.stores.tables import TableStore


class SqliteStore(TableStore):
    """See `stores.store.Store`. Raises FileError when the file cannot be opened or is not a store.

    archive: where the parts of older days lie; the folder `archive` beside the file unless another is given. wait_ms:
    how long a write waits for another program that holds the file.
    """

    _database: SqliteDatabase

    def __init__(self, path: Path, archive: Archive | None = None, *, wait_ms: int = STORE_WAIT_MS) -> None:
        self.path = path
        super().__init__(SqliteDatabase(path, wait_ms), archive or Archive(str(path.absolute().parent / FOLDER)))

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy of the whole store into a new file while others read and write."""
        self._database.copy_to(path)
