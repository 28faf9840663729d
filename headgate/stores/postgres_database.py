"""One PostgreSQL connection with its lock, its transactions, its reconnecting and its errors in words.

Order of a commit: BEGIN; the one row of `turn` is locked, so that of two writers the second waits and then finds the
journal grown; rows are copied; COMMIT returns when the server has synced its log. A server that dies before COMMIT
leaves the state before. When it dies during COMMIT, only a new look at the journal tells which of the two it is:
nothing is repeated here, the caller looks. A broken connection is replaced when the next statement outside a
transaction comes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from headgate.errors import ConflictError, FileError, UnavailableError
from headgate.stores.database import Row, Rows, RowsOf
from headgate.stores.postgres_schema import Connection, prepare

_WHERE = "PostgreSQL"
_DURABLE = ("on", "local", "remote_write", "remote_apply")


class PostgresDatabase:
    """See `stores.database.Database`. No error and no log shows the URL.

    wait_ms: how long a write waits for another. connect_seconds: how long connecting may take.
    """

    def __init__(self, url: str, wait_ms: int, connect_seconds: int) -> None:
        self._url = url
        self._wait_ms = wait_ms
        self._connect_seconds = connect_seconds
        self._lock = threading.RLock()
        self._inside = False
        with self._words():
            self._connection = self._connect()
            try:
                prepare(self._connection, self._connect)
            except BaseException:
                self._connection.close()
                raise

    def read(self, sql: str, arguments: Sequence[object] = ()) -> Rows:
        """Return all rows of a query. Raises UnavailableError when the server cannot be asked now."""
        with self._lock, self._words():
            try:
                return self._connected().execute(_written(sql), arguments).fetchall()
            except psycopg.OperationalError:
                if self._inside or not self._connection.closed:
                    raise
                return self._connected().execute(_written(sql), arguments).fetchall()

    def one(self, sql: str, arguments: Sequence[object] = ()) -> tuple[Any, ...] | None:
        """Return the first row of a query, or None."""
        rows = self.read(sql, arguments)
        return rows[0] if rows else None

    @contextmanager
    def transaction(self) -> Iterator[PostgresWork]:
        """See `stores.database.Database.transaction`."""
        with self._lock, self._words():
            connection = self._connected()
            assert not self._inside, "transactions do not nest"
            self._inside = True
            try:
                with connection.transaction():
                    yield PostgresWork(connection)
            finally:
                self._inside = False

    @contextmanager
    def moment(self) -> Iterator[RowsOf]:
        """See `stores.database.Database.moment`: a repeatable-read transaction, rows streamed."""
        with self._lock, self._words(), self._connected().transaction():
            self._connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield self._rows_of

    def _rows_of(self, table: str) -> Iterator[Row]:
        with self._connection.cursor(f"all_{table}") as cursor:
            cursor.itersize = 5000
            yield from cursor.execute(f"SELECT * FROM {table}".encode())

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()

    def _connected(self) -> Connection:
        if self._connection.closed and not self._inside:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> Connection:
        """Connect anew. Raises FileError for a server that answers before it has synced."""
        connection = psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=self._connect_seconds,
            application_name="headgate",
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
            tcp_user_timeout=max(self._wait_ms, 1000 * self._connect_seconds),
        )
        try:
            connection.execute(f"SET lock_timeout = {int(self._wait_ms)}")
            _must_be_durable(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _words(self) -> Iterator[None]:
        try:
            yield
        except psycopg.IntegrityError as error:
            raise ConflictError(
                f"The store already has something else under this key: {_said(error)}",
                where=_WHERE,
                repair="Look at what is there; nothing was changed.",
            ) from None
        except psycopg.Error as error:
            raise UnavailableError(
                f"The store cannot be used now: {_said(error)}",
                where=_WHERE,
                repair="See that the server runs, has room and lets headgate write; then look at the journal again: "
                "a commit is there whole or not at all.",
            ) from None


class PostgresWork:
    """See `stores.database.Work`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take_turn(self) -> None:
        """Lock the one row that every writer of the journal locks first."""
        self._connection.execute("SELECT one FROM turn WHERE one = 1 FOR UPDATE")

    def execute(self, sql: str, arguments: Row = ()) -> int:
        """Run one statement; return how many rows it changed."""
        return self._connection.execute(_written(sql), arguments).rowcount

    def execute_each(self, sql: str, rows: Iterable[Row]) -> None:
        """Run one statement for each row of arguments, many in one round."""
        with self._connection.cursor() as cursor:
            cursor.executemany(_written(sql), rows)

    def append(self, table: str, rows: Iterable[Row]) -> int:
        """Copy whole rows into a table; return how many."""
        rows = iter(rows)
        first = next(rows, None)
        if first is None:
            return 0
        with self._connection.cursor() as cursor:
            with cursor.copy(_copying(table)) as copy:
                copy.write_row(first)
                for row in rows:
                    copy.write_row(row)
            return cursor.rowcount


def _written(sql: str) -> bytes:
    """A statement of ours with the placeholders of this driver."""
    return sql.replace("?", "%s").encode()


def _copying(table: str) -> bytes:
    return f"COPY {table} FROM STDIN".encode()


def _said(error: psycopg.Error) -> str:
    """What the server said, without the values of rows and without anything of the URL."""
    if error.diag.message_primary:
        return error.diag.message_primary
    fatal = str(error).partition("FATAL:")[2].strip().splitlines()
    return fatal[0] if fatal else "the server does not answer, or ended the connection"


def _must_be_durable(connection: Connection) -> None:
    for name, allowed in (("synchronous_commit", _DURABLE), ("fsync", ("on",))):
        row = connection.execute(f"SHOW {name}".encode()).fetchone()
        if row is None or row[0] not in allowed:
            raise FileError(
                f"The server answers before what it was given is on disk: {name} is {row and row[0]}",
                where=_WHERE,
                repair=f"Set {name} = on for this server, database and role: an answered decision has to survive.",
            )
