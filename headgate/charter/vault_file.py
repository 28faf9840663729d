"""The file of a vault: its tables, and how it is made and opened. Only its owner can read it."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from headgate.errors import FileError
from headgate.stores.sqlite_open import Connect

_VERSION = 1
_APPLICATION = 0x68677674  # "hgvt", so that another program's file is never taken for a vault
_SCHEMA = """
CREATE TABLE names(
  prefix TEXT NOT NULL, id TEXT NOT NULL, pseudonym TEXT NOT NULL UNIQUE,
  PRIMARY KEY (prefix, id)) STRICT, WITHOUT ROWID;
CREATE TABLE accesses(
  number INTEGER PRIMARY KEY, clock_us INTEGER NOT NULL, actor TEXT NOT NULL, purpose TEXT NOT NULL,
  pseudonym TEXT NOT NULL, note TEXT NOT NULL) STRICT;
"""


def opened_vault(path: Path, connect: Connect) -> sqlite3.Connection:
    """Return the file of a vault, made with mode 600 when missing. Raises FileError where it cannot be opened."""
    try:
        if not path.exists():  # closing a file that is open elsewhere in this process would end its locks
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        os.chmod(path, 0o600)
        return _prepared(connect(path, check_same_thread=False))
    except (OSError, sqlite3.DatabaseError) as error:
        raise FileError(
            f"The vault cannot be opened: {error}",
            where=path.name,
            repair="Check that the folder can be written and that the file is a vault of headgate.",
        ) from error


def _prepared(db: sqlite3.Connection) -> sqlite3.Connection:
    empty = not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if not empty:
        _check_kind(db)
    for setting in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "busy_timeout=5000"):
        db.execute(f"PRAGMA {setting}")
    if empty:
        made = f"PRAGMA user_version = {_VERSION}; PRAGMA application_id = {_APPLICATION};"
        db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} {made} COMMIT;")
    return db


def _check_kind(db: sqlite3.Connection) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if db.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
        raise sqlite3.DatabaseError("it belongs to another program")
    if version != _VERSION:
        raise sqlite3.DatabaseError(f"it has version {version}, this program knows {_VERSION}")
