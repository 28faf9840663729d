"""Records of one key in journal order, and what can be asked about the newest of them.

The answers here are the obvious ones, computed from the slice they are about; `series.py` gives the same answers by
running totals. A position is an index into the lists; positions below `gone` have left the longest window.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar

from headgate.facts.view import Edge
from headgate.limits import MAX_PAYMENTS_PER_KEY_AND_WINDOW

_COMPACT_AT = 64  # forgotten records are cut off together, when they are at least this many and half of the list


class Dated(Protocol):
    """A record with its place and time in the journal."""

    @property
    def seq(self) -> int: ...
    @property
    def clock_us(self) -> int: ...


R = TypeVar("R", bound=Dated)


class Timeline(Generic[R]):
    """Records of one key, oldest first; `clocks` runs beside `records`."""

    __slots__ = ("clocks", "gone", "key", "records")

    def __init__(self, key: Hashable) -> None:
        self.key = key
        self.clocks: list[int] = []
        self.records: list[R] = []
        self.gone = 0

    def __len__(self) -> int:
        return len(self.clocks) - self.gone

    def append(self, record: R) -> None:
        """Add a record that is not older than the newest one."""
        assert len(self) < MAX_PAYMENTS_PER_KEY_AND_WINDOW
        self.clocks.append(record.clock_us)
        self.records.append(record)

    def first_after(self, clock_us: int) -> int:
        """Return the position of the first record whose clock is above `clock_us`: windows are (t - w, t]."""
        return bisect_right(self.clocks, clock_us, self.gone)

    def forget_oldest(self) -> None:
        """The oldest record has left the longest window."""
        self.gone += 1
        if self.gone >= _COMPACT_AT and 2 * self.gone >= len(self.clocks):
            self.compact()

    def compact(self) -> None:
        """Cut the forgotten records off the lists."""
        del self.clocks[: self.gone], self.records[: self.gone]
        self.gone = 0

    def remove(self, record: R) -> None:
        """Take out one record that no longer counts."""
        position = self.records.index(record, self.gone)
        del self.clocks[position], self.records[position]


class Edges(Timeline[Edge]):
    """Payments of one key, with the questions that facts ask about those from position `first` on."""

    __slots__ = ()

    def total(self, first: int) -> int:
        """Sum of the amounts."""
        return sum(edge.amount for edge in self.records[first:])

    def squares(self, first: int) -> int:
        """Sum of the squares of the amounts."""
        return sum(edge.amount * edge.amount for edge in self.records[first:])

    def largest(self, first: int) -> Edge | None:
        """The payment with the largest amount; the newest of equals."""
        return max(self.records[first:], key=lambda edge: (edge.amount, edge.seq), default=None)

    def distinct(self, first: int) -> int:
        """Number of different counterparties."""
        return len({self.other(edge) for edge in self.records[first:]})

    def new(self, first: int) -> list[Edge]:
        """The first payment with each counterparty that is in no remembered payment before position `first`."""
        before = {self.other(edge) for edge in self.records[self.gone : first]}
        found: dict[str, Edge] = {}
        for edge in self.records[first:]:
            if self.other(edge) not in before:
                found.setdefault(self.other(edge), edge)
        return list(found.values())

    def newest_per_other(self, first: int, limit: int) -> list[Edge]:
        """The newest payment with each of the `limit` most recent counterparties, newest first."""
        found: dict[str, Edge] = {}
        for edge in reversed(self.records[first:]):
            found.setdefault(self.other(edge), edge)
        return list(found.values())[:limit]

    def other(self, edge: Edge) -> str:
        """The account on the other side of the key's own account."""
        return edge.payee if edge.payer == self.key else edge.payer
