"""Questions in SQL over a whole home: archive, tail, decisions and cases, read-only.

One SELECT goes in, rows come out. The SQL can read nothing but the views: before it runs, files, network, extensions
and Python objects are out of its reach and the settings are locked. Memory, time and rows are bounded.
"""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import duckdb
import msgspec

from headgate.drivers.home import Home
from headgate.drivers.views import make_views
from headgate.errors import QueryError, nearest
from headgate.limits import MAX_QUERY_CHARS, QUERY_MEMORY_MB, QUERY_SECONDS

_LOCKED: Final = (
    "SET enable_external_access = false",
    "SET python_enable_replacements = false",
    "SET lock_configuration = true",
)
_UNKNOWN: Final = re.compile(r'column (?:named )?"(\w+)"|Table with name (\w+)')


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of a question. `more`: whether there were more than the limit."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    more: bool


def query(
    home: Home, sql: str, limit: int, *, memory_mb: int = QUERY_MEMORY_MB, seconds: float = QUERY_SECONDS
) -> Answer:
    """Return the first `limit` rows of one SELECT over the views of a home.

    Raises QueryError for anything else, for what DuckDB refuses, and at the bounds of memory and time.
    """
    with _opened(home, memory_mb) as (connection, views):
        statement = _select(sql)
        timer = threading.Timer(seconds, connection.interrupt)
        timer.start()
        try:
            connection.execute(statement)
            rows = connection.fetchmany(limit + 1)
            columns = tuple(column[0] for column in connection.description or ())
        except duckdb.Error as error:
            raise _in_words(error, views, seconds, memory_mb) from None
        finally:
            timer.cancel()
        return Answer(columns=columns, rows=rows[:limit], more=len(rows) > limit)


def views_of(home: Home) -> dict[str, tuple[str, ...]]:
    """Return the names of the views of a home, with their columns."""
    with _opened(home, QUERY_MEMORY_MB) as (_, views):
        return views


@contextmanager
def _opened(home: Home, memory_mb: int) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, tuple[str, ...]]]]:
    with tempfile.TemporaryDirectory(prefix="headgate-query-") as spill:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{memory_mb}MB",
            "temp_directory": spill,
            "autoload_known_extensions": False,
            "autoinstall_known_extensions": False,
        }
        connection = duckdb.connect(config=config)
        try:
            views = make_views(connection, home.store)
            for setting in _LOCKED:
                connection.execute(setting)
            yield connection, views
        finally:
            connection.close()


def _select(sql: str) -> str:
    """The statement, which must be one and a SELECT."""
    repair = "Write one SELECT; a home is read here, never changed."
    if len(sql) > MAX_QUERY_CHARS:
        raise QueryError(f"The query is longer than {MAX_QUERY_CHARS} characters", repair=repair)
    try:
        found = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryError(
            _first_line(error), where="query", repair="Correct the SQL; the dialect is DuckDB's."
        ) from None
    if len(found) != 1 or found[0].type != duckdb.StatementType.SELECT:
        kinds = ", ".join(statement.type.name for statement in found) or "nothing"
        raise QueryError(f"This is no single SELECT but {kinds}", where="query", repair=repair)
    statement: str = found[0].query
    return statement


def _in_words(error: duckdb.Error, views: dict[str, tuple[str, ...]], seconds: float, memory_mb: int) -> QueryError:
    if isinstance(error, duckdb.InterruptException):
        return QueryError(f"The query took longer than {seconds:g} seconds", repair="Ask for fewer days or rows.")
    if isinstance(error, duckdb.OutOfMemoryException):
        return QueryError(f"The query needs more than {memory_mb} MB", repair="Ask for fewer days or rows at once.")
    if isinstance(error, duckdb.PermissionException):
        return QueryError("A query may read the views of the home only", repair=f"The views are {', '.join(views)}.")
    return QueryError(_first_line(error), where="query", repair=_repair(str(error), views))


def _repair(message: str, views: dict[str, tuple[str, ...]]) -> str:
    found = _UNKNOWN.search(message)
    name = found[1] or found[2] if found else ""
    if name and message.startswith("Catalog"):
        return f"{nearest(name, tuple(views))}The views are {', '.join(views)}."
    columns = tuple(dict.fromkeys(column for each in views.values() for column in each))
    hint = nearest(name, columns) if name else ""
    return f"{hint}The dialect is DuckDB's; `headgate query --views` lists views and columns."


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0].rstrip("!. ")
