"""Payments summed by key and UTC day: what a profile of closed days is asked of.

One bucket a key and day, however many payments it stands for; a key whose newest bucket lies before the horizon is
dropped. Day d holds the payments whose clock // 86400000000 is d.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, TypeAlias

import msgspec

from headgate.facts.shelf import Keys
from headgate.facts.view import Edge
from headgate.limits import US_PER_DAY

DayKey: TypeAlias = str | tuple[str, str]


class Day(NamedTuple):
    """The payments of one key on one day: `n` of them, their sum and the largest, in reference minor units."""

    day: int
    n: int
    total: int
    largest: int


class Closed(NamedTuple):
    """The payments of one key in some closed days; `largest` is 0 where there is none, `active` counts the days."""

    n: int
    total: int
    largest: int
    active: int


class Days:
    """Buckets by key. keys_of: under which keys a payment stands. horizon_days: closed days that can be asked for."""

    __slots__ = ("_by_key", "_horizon", "_keys_of")

    def __init__(self, keys_of: Callable[[Edge], Keys], horizon_days: int) -> None:
        self._keys_of = keys_of
        self._horizon = horizon_days
        self._by_key: OrderedDict[Any, deque[Day]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_key)

    def add(self, edge: Edge) -> None:
        """Count a payment in the bucket of its day, under each of its keys."""
        today = edge.clock_us // US_PER_DAY
        for key in self._keys_of(edge):
            days = self._by_key.setdefault(key, deque())
            before = days.pop() if days and days[-1].day == today else Day(today, 0, 0, 0)
            largest = max(before.largest, edge.amount)
            days.append(Day(today, before.n + 1, before.total + edge.amount, largest))
            while days[0].day < today - self._horizon:
                days.popleft()
            self._by_key.move_to_end(key)

    def forget(self, clock_us: int) -> None:
        """Drop every key whose newest bucket lies before the horizon of the day of `clock_us`."""
        oldest = clock_us // US_PER_DAY - self._horizon
        while self._by_key:
            key = next(iter(self._by_key))
            if self._by_key[key][-1].day >= oldest:
                return
            del self._by_key[key]

    def closed(self, key: Hashable, clock_us: int, days: int) -> Closed:
        """Return what stands under a key in the `days` days before the day of `clock_us`; that day itself is open."""
        found = self.active(key, clock_us, days)
        return Closed(
            sum(day.n for day in found),
            sum(day.total for day in found),
            max((day.largest for day in found), default=0),
            len(found),
        )

    def active(self, key: Hashable, clock_us: int, days: int) -> list[Day]:
        """Return the days with a payment of the `days` days before the day of `clock_us`, oldest first."""
        assert days <= self._horizon
        today = clock_us // US_PER_DAY
        return [day for day in self._by_key.get(key, ()) if today - days <= day.day < today]

    def state(self) -> list[tuple[DayKey, list[tuple[int, int, str, int]]]]:
        """Return the buckets by key, the longest silent first; sums as text, they may pass 64 bits."""
        return [
            (key, [(day.day, day.n, str(day.total), day.largest) for day in days]) for key, days in self._by_key.items()
        ]

    def load(self, state: Any) -> None:
        """Take over a state."""
        assert not self._by_key
        for key, days in msgspec.convert(state, list[tuple[DayKey, list[tuple[int, int, str, int]]]]):
            self._by_key[key] = deque(Day(day, n, int(total), largest) for day, n, total, largest in days)
