"""`sqlite3.connect` on a losing disk: as much of the standard library's interface as headgate uses, by apsw.

The standard library cannot be given a disk of one's own, so the same statements go to the same database engine by
another door. Errors come back as those of the standard library.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import apsw

_CHANGES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


def connector(vfs: str, instead: Mapping[str, str] | None = None) -> Callable[..., Connection]:
    """Return a `connect` on this disk; `instead` puts other statements in the place of some, for negative controls."""

    def connect(path: Path | str, *, isolation_level: str | None = "", **ignored: object) -> Connection:
        with _as_sqlite3():
            return Connection(apsw.Connection(str(path), vfs=vfs), isolation_level is not None, instead or {})

    return connect


class Rows:
    """The result of a statement, read at once."""

    def __init__(self, rows: Iterable[tuple[Any, ...]], rowcount: int) -> None:
        self._rows = iter(list(rows))
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self._rows

    def fetchone(self) -> tuple[Any, ...] | None:
        return next(self._rows, None)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return list(self._rows)


class Connection:
    """One connection. implicit: whether a change begins a transaction by itself, as the standard library does."""

    def __init__(self, db: apsw.Connection, implicit: bool, instead: Mapping[str, str]) -> None:
        self._db, self._implicit, self._instead = db, implicit, instead

    @property
    def in_transaction(self) -> bool:
        return bool(self._db.in_transaction)

    def execute(self, sql: str, arguments: Sequence[object] = ()) -> Rows:
        with _as_sqlite3():
            self._begin(sql)
            rows = list(self._db.execute(self._instead.get(sql, sql), tuple(arguments) or None))
            return Rows(rows, self._db.changes())

    def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> Rows:
        with _as_sqlite3():
            self._begin(sql)
            before = self._db.total_changes()
            self._db.executemany(sql, rows)
            return Rows((), self._db.total_changes() - before)

    def executescript(self, sql: str) -> None:
        with _as_sqlite3():
            list(self._db.execute(sql))

    def close(self) -> None:
        """The standard library does not tell what went wrong at the end either."""
        with suppress(apsw.Error):
            self._db.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self.in_transaction:
            self.execute("COMMIT" if kind is None else "ROLLBACK")

    def _begin(self, sql: str) -> None:
        if self._implicit and sql.startswith(_CHANGES) and not self.in_transaction:
            self._db.execute("BEGIN")


_KINDS: tuple[tuple[type[apsw.Error], type[sqlite3.Error]], ...] = (
    (apsw.ConstraintError, sqlite3.IntegrityError),
    (apsw.NotADBError, sqlite3.DatabaseError),
    (apsw.CorruptError, sqlite3.DatabaseError),
    (apsw.Error, sqlite3.OperationalError),
)


@contextmanager
def _as_sqlite3() -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        kind = next(ours for theirs, ours in _KINDS if isinstance(error, theirs))
        raise kind(f"{type(error).__name__}: {error}") from error
