"""The same answers as `timeline.Edges`, kept up by running totals: a busy account costs no more than a quiet one.

Totals are exact integers and grow from the first payment that was seen; a window's sum is a difference of two.
`_cut` counts the records that were cut off, so that a place (position + `_cut`) names a record for good.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable

from headgate.facts.timeline import Edges
from headgate.facts.view import Edge


class Series(Edges):
    """Payments of one account. `_sums[i]` is the sum of all amounts before position i, `_squares` likewise.

    _peaks: places of payments larger than every later one. _latest: places of the newest payment with each
    counterparty, and _place the same by name. _before: for each payment the place of the one before it with the same
    counterparty, -1 for none.
    """

    __slots__ = ("_before", "_cut", "_latest", "_peaks", "_place", "_squares", "_sums")

    def __init__(self, key: Hashable) -> None:
        super().__init__(key)
        self._sums = [0]
        self._squares = [0]
        self._peaks: list[int] = []
        self._latest: list[int] = []
        self._place: dict[str, int] = {}
        self._before: list[int] = []
        self._cut = 0

    def append(self, record: Edge) -> None:
        """Add a payment and bring the totals up to date."""
        place = self._cut + len(self.records)
        amount = record.amount
        super().append(record)
        self._sums.append(self._sums[-1] + amount)
        self._squares.append(self._squares[-1] + amount * amount)
        while self._peaks and self.records[self._peaks[-1] - self._cut].amount <= amount:
            self._peaks.pop()
        self._peaks.append(place)
        self._meet(self.other(record), place)

    def _meet(self, other: str, place: int) -> None:
        before = self._place.get(other, -1)
        if before >= 0:
            del self._latest[bisect_left(self._latest, before)]
        self._before.append(before)
        self._latest.append(place)
        self._place[other] = place

    def compact(self) -> None:
        """Cut the forgotten payments off the lists."""
        end = self._cut + self.gone
        stale = bisect_left(self._latest, end)
        for place in self._latest[:stale]:
            del self._place[self.other(self.records[place - self._cut])]
        del self._latest[:stale], self._peaks[: bisect_left(self._peaks, end)]
        del self._sums[: self.gone], self._squares[: self.gone], self._before[: self.gone]
        super().compact()
        self._cut = end

    def total(self, first: int) -> int:
        """Sum of the amounts."""
        return self._sums[-1] - self._sums[first]

    def squares(self, first: int) -> int:
        """Sum of the squares of the amounts."""
        return self._squares[-1] - self._squares[first]

    def largest(self, first: int) -> Edge | None:
        """The payment with the largest amount; the newest of equals."""
        at = bisect_left(self._peaks, self._cut + first)
        return self.records[self._peaks[at] - self._cut] if at < len(self._peaks) else None

    def distinct(self, first: int) -> int:
        """Number of different counterparties."""
        return len(self._latest) - bisect_left(self._latest, self._cut + first)

    def new(self, first: int) -> list[Edge]:
        """The first payment with each counterparty that is in no remembered payment before position `first`."""
        oldest = self._cut + self.gone
        return [self.records[i] for i in range(first, len(self.records)) if self._before[i] < oldest]

    def newest_per_other(self, first: int, limit: int) -> list[Edge]:
        """The newest payment with each of the `limit` most recent counterparties, newest first."""
        start = max(bisect_left(self._latest, self._cut + first), len(self._latest) - limit)
        return [self.records[place - self._cut] for place in reversed(self._latest[start:])]
