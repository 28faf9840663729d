"""The file in which keys of data subjects lie, opened; and files that only their owner can read."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from headgate.errors import FileError

_WAIT_SECONDS: Final = 10
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS subject_keys(
  subject TEXT NOT NULL, period TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (subject, period))
  STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS legal_holds(
  subject TEXT PRIMARY KEY, reason TEXT NOT NULL, person TEXT NOT NULL, until_us INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;
"""


def opened_keys(path: Path) -> sqlite3.Connection:
    """Return the file of keys, made with mode 600 when missing. Raises FileError where others can read it."""
    if not path.exists():
        path.touch(mode=0o600)
    if path.stat().st_mode & 0o077:
        raise FileError("Others can read the subjects' keys", where=str(path), repair="Make the file mode 600.")
    try:
        db = sqlite3.connect(path, check_same_thread=False, timeout=_WAIT_SECONDS)
        _log_ahead(db)
        for setting in ("synchronous = FULL", "secure_delete = ON"):
            db.execute(f"PRAGMA {setting}")
        db.executescript(_SCHEMA)
    except sqlite3.Error as error:
        raise FileError(
            f"The subjects' keys cannot be opened: {error}", where=str(path), repair="Restore them from a backup."
        ) from error
    return db


def _log_ahead(db: sqlite3.Connection) -> None:
    """Set the write-ahead log. Where two programs do it at once in a new file, SQLite refuses one without waiting."""
    until = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(0.01)


def write_private(path: Path, content: bytes) -> None:
    """Write a file of mode 600 so that it is there whole or not at all."""
    aside = path.with_name(f".{path.name}.new")
    with closing(os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)
