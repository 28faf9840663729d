"""Which store and which archive a home has, by its settings; and how a store is opened.

Settings in, an open store out. A store in PostgreSQL needs the optional part `headgate[postgres]`, imported only then.
"""

from __future__ import annotations

from headgate.drivers.paths import Paths
from headgate.errors import FileError
from headgate.settings.document import Settings
from headgate.stores.archive import Archive
from headgate.stores.sqlite import SqliteStore
from headgate.stores.tables import TableStore


def open_archive(paths: Paths, settings: Settings) -> Archive:
    """Return the archive of a home. Raises FileError where its storage has no driver."""
    return Archive(settings.archive.url or str(paths.archive.absolute()), settings.archive.options)


def open_store(paths: Paths, settings: Settings) -> TableStore:
    """Return the store of a home, open. Raises FileError and UnavailableError as the stores do."""
    archive, wait_ms = open_archive(paths, settings), settings.store.wait_ms
    if not settings.store.url:
        return SqliteStore(paths.store, archive, wait_ms=wait_ms)
    try:
        from headgate.stores.postgres import PostgresStore
    except ImportError as error:
        raise FileError(
            f"The store is in PostgreSQL, and {error.name} is not installed",
            where="setting [store] url",
            repair="Install headgate[postgres], or leave the setting out for the store in the home.",
        ) from error
    return PostgresStore(settings.store.url, archive, wait_ms=wait_ms, connect_seconds=settings.store.connect_seconds)
