"""Statements over many values in a few shapes only, so that a database compiles each shape once and keeps it.

One statement for many rows also lets go of the interpreter once, where one a row lets go of it for each, and another
thread may keep it for milliseconds then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, Final, TypeVar

Value = TypeVar("Value")
_ROWS: Final = (64, 16, 4, 1)  # rows in one statement
_VALUES: Final = (1, 4, 16, 64, 400)  # values in one list


def inserts(into: str, rows: Iterable[Sequence[Any]], then: str = "") -> Iterator[tuple[str, tuple[Any, ...], int]]:
    """Yield statements that insert all rows, each with its arguments and how many rows it inserts.

    into: the table, with its columns where they are not all. then: what follows the values.
    """
    rows = iter(rows)
    while some := list(islice(rows, _ROWS[0])):
        row, done = f"({', '.join('?' * len(some[0]))})", 0
        for many in _ROWS:
            while len(some) - done >= many:
                sql = f"INSERT {into} VALUES {', '.join([row] * many)} {then}"
                yield sql, tuple(chain.from_iterable(some[done : done + many])), many
                done += many


def lists(values: Sequence[Value]) -> Iterator[tuple[str, tuple[Value, ...]]]:
    """Yield lists such as `(?, ?, ?, ?)` that hold all values, some of them more than once, each with its arguments."""
    for start in range(0, len(values), _VALUES[-1]):
        some = tuple(values[start : start + _VALUES[-1]])
        size = next(size for size in _VALUES if size >= len(some))
        yield f"({', '.join('?' * size)})", (*some, *some[:1] * (size - len(some)))
