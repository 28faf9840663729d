"""The tables of the SQLite store, and how a file of it is opened.

Contents are MessagePack of the values; columns beside them exist only to be searched and sorted by.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from headgate.errors import FileError
from headgate.stores.sqlite_open import Connect

VERSION: Final = 4
APPLICATION: Final = 0x68676462  # "hgdb", so that another program's file is never taken for a store

LEDGER: Final = """
CREATE TABLE ledger_leaves(number INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT;
CREATE TABLE ledger_state(
  one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, peaks BLOB NOT NULL,
  checkpoint BLOB NOT NULL) STRICT;
CREATE TABLE ledger_told(number INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT;
"""
SCHEMA: Final = """
CREATE TABLE journal(
  seq INTEGER PRIMARY KEY, clock_us INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT, content BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX journal_id ON journal(kind, id) WHERE id IS NOT NULL;
CREATE TABLE archived(
  kind TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
CREATE TABLE parts(
  name TEXT NOT NULL UNIQUE, first_seq INTEGER NOT NULL, last_seq INTEGER PRIMARY KEY, first_clock_us INTEGER NOT NULL,
  last_clock_us INTEGER NOT NULL, decisions INTEGER NOT NULL, journal_sha256 TEXT NOT NULL,
  decisions_sha256 TEXT NOT NULL) STRICT;
CREATE TABLE decisions(
  seq INTEGER PRIMARY KEY, tx_id TEXT NOT NULL UNIQUE, action TEXT NOT NULL, content BLOB NOT NULL) STRICT;
CREATE TABLE alerts(
  tx_id TEXT PRIMARY KEY, reference_minor INTEGER NOT NULL, payment BLOB NOT NULL, decision BLOB NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE TABLE cases(
  number INTEGER PRIMARY KEY, state TEXT NOT NULL, opened_us INTEGER NOT NULL, updated_us INTEGER NOT NULL,
  rank_score REAL, value_minor INTEGER NOT NULL, content BLOB NOT NULL) STRICT;
CREATE INDEX cases_state ON cases(state);
CREATE TABLE case_alerts(
  tx_id TEXT PRIMARY KEY REFERENCES alerts(tx_id), number INTEGER NOT NULL REFERENCES cases(number))
  STRICT, WITHOUT ROWID;
CREATE TABLE users(
  name TEXT PRIMARY KEY, role TEXT NOT NULL, password_hash TEXT NOT NULL, created_us INTEGER NOT NULL,
  disabled INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE web_sessions(
  token_hash TEXT PRIMARY KEY, login TEXT NOT NULL REFERENCES users(name) ON DELETE CASCADE,
  created_us INTEGER NOT NULL, expires_us INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE login_attempts(
  number INTEGER PRIMARY KEY, login TEXT NOT NULL, clock_us INTEGER NOT NULL) STRICT;
CREATE INDEX login_attempts_user ON login_attempts(login, clock_us);
CREATE TABLE api_keys(
  key_hash TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, role TEXT NOT NULL, created_us INTEGER NOT NULL,
  disabled INTEGER NOT NULL, scopes TEXT NOT NULL, expires_us INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE announcements(
  seq INTEGER NOT NULL, place INTEGER NOT NULL, clock_us INTEGER NOT NULL, subject TEXT NOT NULL,
  content BLOB NOT NULL, PRIMARY KEY (seq, place)) STRICT, WITHOUT ROWID;
CREATE INDEX announcements_subject ON announcements(subject);
CREATE TABLE heard(
  subscriber TEXT PRIMARY KEY, seq INTEGER NOT NULL, place INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE dead_letters(
  subscriber TEXT NOT NULL, seq INTEGER NOT NULL, place INTEGER NOT NULL, content BLOB NOT NULL,
  PRIMARY KEY (subscriber, seq, place)) STRICT, WITHOUT ROWID;
"""
_UPGRADES: Final = {3: LEDGER}  # what a file of an earlier version lacks


def opened(path: Path, wait_ms: int, connect: Connect) -> sqlite3.Connection:
    """Open the file, made with its tables when missing or empty. Raises FileError with what is wrong."""
    try:
        db: sqlite3.Connection = connect(path, check_same_thread=False, isolation_level=None)
        _prepare(db, wait_ms)
    except sqlite3.Error as error:
        raise FileError(
            f"The store cannot be opened: {error}",
            where=path.name,
            repair="Check that its folder can be written and that the file is a store of headgate.",
        ) from error
    return db


def _prepare(db: sqlite3.Connection, wait_ms: int) -> None:
    empty = not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if not empty:
        _check_kind(db)
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={int(wait_ms)}"):
        db.execute(f"PRAGMA {setting}")
    if not empty:
        _upgrade(db)
    else:
        made = f"PRAGMA user_version = {VERSION}; PRAGMA application_id = {APPLICATION};"
        db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} {LEDGER} {made} COMMIT;")


def _check_kind(db: sqlite3.Connection) -> None:
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
        raise sqlite3.DatabaseError("it belongs to another program")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION and version not in _UPGRADES:
        raise sqlite3.DatabaseError(f"it has schema version {version}, this program knows {VERSION}")


def _upgrade(db: sqlite3.Connection) -> None:
    """Make what an earlier version lacks, whole or not at all; of two programs that open the file one does it."""
    while (version := db.execute("PRAGMA user_version").fetchone()[0]) != VERSION:
        db.executescript(f"BEGIN IMMEDIATE; {_UPGRADES[version]} PRAGMA user_version = {version + 1}; COMMIT;")
