"""What a witness remembers, in SQLite: one row a log, on disk (a sync at every commit) before the witness answers."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from headgate.errors import FileError, UnavailableError
from headgate.ledger.witness import Seen

_SCHEMA = """CREATE TABLE IF NOT EXISTS cosigned(
  origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL) STRICT, WITHOUT ROWID"""
_READ = "SELECT size, root, note FROM cosigned WHERE origin = ?"


class SqliteWitnessState:
    """See `ledger.witness.WitnessState`. Raises FileError when the file cannot be opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()  # requests come in threads, and a connection has one transaction at a time
        try:
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", _SCHEMA):
                self._db.execute(statement)
        except sqlite3.Error as error:
            raise FileError(
                f"The witness's memory cannot be opened: {error}",
                where=str(path),
                repair="Restore it; a witness that forgets could co-sign another history.",
            ) from error

    def seen(self, origin: str) -> Seen | None:
        """Return what was co-signed last of a log, None before the first."""
        with self._lock:
            row = self._db.execute(_READ, (origin,)).fetchone()
        return None if row is None else Seen(*row)

    def swap(self, origin: str, expected_size: int, seen: Seen) -> bool:
        """Remember `seen` if the size known so far (0: none) is `expected_size`; return whether it was."""
        with self._lock:
            try:
                return self._swapped(origin, expected_size, seen)
            except sqlite3.Error as error:
                raise UnavailableError(
                    f"The witness cannot remember now: {error}",
                    where=str(self._path),
                    repair="Free disk space or end what locks the file; nothing was co-signed.",
                ) from error

    def _swapped(self, origin: str, expected_size: int, seen: Seen) -> bool:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            row = self._db.execute(_READ, (origin,)).fetchone()
            fits = (row[0] if row else 0) == expected_size
            if fits:
                self._db.execute("INSERT OR REPLACE INTO cosigned VALUES (?, ?, ?, ?)", (origin, *seen))
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        return fits

    def close(self) -> None:
        """Close the file."""
        self._db.close()
