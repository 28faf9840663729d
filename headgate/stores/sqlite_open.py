"""How SQLite files are opened, and what is done about one after a failure. Every connection of headgate comes by here.

After a failed sync the system may call pages clean that never reached the disk, so a second sync proves nothing. What
stands in the log of such a file is copied into its main part and synced there, as fresh writes, before anything new is
built on it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

from headgate.errors import FileError, UnavailableError

Connect: TypeAlias = Callable[..., Any]  # `sqlite3.connect`, or what behaves like it


def settle(db: sqlite3.Connection, name: str) -> None:
    """Write all of the log into the file, sync it and empty the log. Raises UnavailableError where that fails."""
    try:
        busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.Error as error:
        raise _unsettled(name, str(error)) from error
    if busy:
        raise _unsettled(name, "another program reads or writes it")


def places(path: Path) -> tuple[tuple[int, int], ...]:
    """Return which files stand under the name of a database and of its log. Raises FileError where one is gone."""
    name = os.fspath(path)
    try:
        found = [os.stat(name)]
    except OSError as error:
        raise FileError(
            f"The file is gone: {error.strerror}",
            where=path.name,
            repair="Stop the service and put the file back, or restore the home from a backup.",
        ) from error
    with suppress(FileNotFoundError):
        found.append(os.stat(f"{name}-wal"))
    return tuple((each.st_dev, each.st_ino) for each in found)


def _unsettled(name: str, why: str) -> UnavailableError:
    return UnavailableError(
        f"The log of the file cannot be written into it: {why}",
        where=name,
        repair="Free disk space, restore the right to write or end what locks the file.",
    )
