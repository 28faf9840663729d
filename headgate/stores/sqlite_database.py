"""One SQLite connection with its lock, its transactions and its errors in words.

Order of a write: BEGIN IMMEDIATE takes the write lock, statements run, COMMIT syncs the write-ahead log to disk. A
crash before COMMIT returns leaves the state before; a crash after it leaves the state after; nothing lies between.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from headgate.errors import ConflictError, UnavailableError
from headgate.statements import inserts
from headgate.stores.database import Row, Rows, RowsOf
from headgate.stores.sqlite_open import Connect, places, settle
from headgate.stores.sqlite_schema import opened


class SqliteDatabase:
    """See `stores.database.Database`."""

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
    def transaction(self) -> Iterator[SqliteWork]:
        """See `stores.database.Database.transaction`."""
        with self._lock, self._words():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteWork(self._connection)
                self._connection.execute("COMMIT")
                self._check_place()
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def moment(self) -> Iterator[RowsOf]:
        """See `stores.database.Database.moment`."""
        with self._lock, self._words():
            self._connection.execute("BEGIN")
            try:
                self._connection.execute("SELECT count(*) FROM sqlite_master")  # from here on the view stands still
                yield lambda table: iter(self._connection.execute(f"SELECT * FROM {table}"))
            finally:
                self._connection.execute("ROLLBACK")

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy of the whole file while others read and write. Raises UnavailableError."""
        with self._words():
            copy = sqlite3.connect(path)
            try:
                with self._lock:
                    self._connection.backup(copy)
            finally:
                copy.close()

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


class SqliteWork:
    """See `stores.database.Work`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def take_turn(self) -> None:
        """Nothing to do: who began has the write lock."""

    def execute(self, sql: str, arguments: Row = ()) -> int:
        """Run one statement; return how many rows it changed."""
        return self._connection.execute(sql, arguments).rowcount

    def execute_each(self, sql: str, rows: Iterable[Row]) -> None:
        """Run one statement for each row of arguments."""
        self._connection.executemany(sql, rows)

    def append(self, table: str, rows: Iterable[Row]) -> int:
        """Insert whole rows; return how many."""
        count = 0
        for sql, arguments, many in inserts(f"INTO {table}", rows):
            self._connection.execute(sql, arguments)
            count += many
        return count
