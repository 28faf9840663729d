"""The PostgreSQL store: for those who have a server already, with its replicas and backups.

What a crash of the server or of this program leaves behind is written in `postgres_database`. Needs the optional part
`headgate[postgres]`.
"""

from __future__ import annotations

from headgate.limits import STORE_WAIT_MS
from headgate.stores.archive import Archive
from headgate.stores.postgres_database import PostgresDatabase
from headgate.stores.tables import TableStore


class PostgresStore(TableStore):
    """See `stores.store.Store`. The tables are made or upgraded when it is opened.

    url: `postgresql://…`, which no error shows. wait_ms: how long a write waits for another. Raises UnavailableError
    where the server does not answer, FileError where it may lose what it answered or has tables of a newer program.
    """

    def __init__(self, url: str, archive: Archive, *, wait_ms: int = STORE_WAIT_MS, connect_seconds: int = 5) -> None:
        super().__init__(PostgresDatabase(url, wait_ms, connect_seconds), archive)
