"""One SQLite connection with its lock, its transactions and its errors in words.

Order of a write: BEGIN IMMEDIATE takes the write lock, statements run, COMMIT syncs the write-ahead log to disk. A
crash before COMMIT returns leaves the state before; a crash after it leaves the state after; nothing lies between.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from headgate.errors import ConflictError, UnavailableError
from headgate.stores.sqlite_open import Connect, places, settle
from headgate.stores.sqlite_schema import opened

Rows: TypeAlias = list[tuple[Any, ...]]


class Database:
    """A connection that threads may share: one statement or one transaction at a time."""

    def __init__(self, path: Path, wait_ms: int, connect: Connect = sqlite3.connect) -> None:
        self._path, self._wait_ms, self._connect = path, wait_ms, connect
        self._name = path.name
        self._lock = threading.RLock()
        self._open()

    def reopen(self) -> None:
        """Open the file again, with all that is in doubt after a failure written anew.

        Raises FileError where it is gone or cannot be opened, UnavailableError where it cannot be written.
        """
        with self._lock:
            self._connection.close()
            places(self._path)
            self._open()
            settle(self._connection, self._name)

    def read(self, sql: str, arguments: Sequence[object] = ()) -> Rows:
        """Return all rows of a query. Raises UnavailableError when the file cannot be read now."""
        with self._lock, self._words():
            return self._connection.execute(sql, arguments).fetchall()

    def one(self, sql: str, arguments: Sequence[object] = ()) -> tuple[Any, ...] | None:
        """Return the first row of a query, or None."""
        with self._lock, self._words():
            row: tuple[Any, ...] | None = self._connection.execute(sql, arguments).fetchone()
            return row

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything inside is on disk when this ends, or nothing of it after an error.

        Raises UnavailableError when the file cannot be written now, ConflictError where a key is taken.
        """
        with self._lock, self._words():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
                self._check_place()
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()

    def _open(self) -> None:
        self._connection = opened(self._path, self._wait_ms, self._connect)
        self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the log file is there from here on
        self._places = places(self._path)

    def _check_place(self) -> None:
        """A file that was removed or replaced takes writes as before, and nobody ever finds them."""
        if self._places != places(self._path):
            raise UnavailableError(
                "The file of the store was replaced while it was open",
                where=self._name,
                repair="Stop the service, put the file back, and find out what replaced it.",
            )

    @contextmanager
    def _words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.IntegrityError as error:
            raise ConflictError(
                f"The store already has something else under this key: {error}",
                where=self._name,
                repair="Look at what is there; nothing was changed.",
            ) from error
        except sqlite3.Error as error:
            raise UnavailableError(
                f"The store cannot be used now: {error}",
                where=self._name,
                repair="Free disk space, restore the right to write or end what locks the file; nothing was changed.",
            ) from error
