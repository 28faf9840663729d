"""What the tables of a store need of a database: reads, and transactions that are whole or not at all.

Statements are written once, in the SQL that SQLite and PostgreSQL share, with `?` for each argument; what the two do
differently (placeholders, fast appending, whose turn it is to write) is behind these two interfaces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol, TypeAlias

Rows: TypeAlias = list[tuple[Any, ...]]
Row: TypeAlias = Sequence[object]
RowsOf: TypeAlias = Callable[[str], Iterator[Row]]
MANY: Final = 2**62  # a limit that is none


class Work(Protocol):
    """What may be done inside a transaction."""

    def take_turn(self) -> None:
        """Wait until no other writer is between its look at the journal and its commit. Raises UnavailableError."""

    def execute(self, sql: str, arguments: Row = ()) -> int:
        """Run one statement; return how many rows it changed."""

    def execute_each(self, sql: str, rows: Iterable[Row]) -> None:
        """Run one statement for each row of arguments."""

    def append(self, table: str, rows: Iterable[Row]) -> int:
        """Insert whole rows, their columns in the order of the schema, as fast as can be; return how many."""


class Database(Protocol):
    """A database that threads may share: one statement or one transaction at a time."""

    def read(self, sql: str, arguments: Row = ()) -> Rows:
        """Return all rows of a query. Raises UnavailableError when the database cannot be read now."""

    def one(self, sql: str, arguments: Row = ()) -> tuple[Any, ...] | None:
        """Return the first row of a query, or None."""

    def transaction(self) -> AbstractContextManager[Work]:
        """Everything inside is on disk when this ends, or nothing of it after an error.

        Raises UnavailableError when the database cannot be written now, ConflictError where a key is taken.
        """

    def moment(self) -> AbstractContextManager[RowsOf]:
        """Give a function that yields every row of a table, all tables as they stand at one moment."""

    def close(self) -> None:
        """Release the database."""
