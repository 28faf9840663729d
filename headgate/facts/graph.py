"""The payments as a graph for patterns: `GraphView` over the stores of a book, at the clock of one payment.

Read only; every answer is a copy of the part asked for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from headgate.facts.timeline import Edges
from headgate.facts.view import Edge

if TYPE_CHECKING:
    from headgate.facts.book import Book

_NO_EDGES = Edges(None)
_SEQ = attrgetter("seq")


class BookView:
    """What patterns may see: the payments before the judged one, whose clock is `clock_us`."""

    __slots__ = ("_book", "_clock_us")

    def __init__(self, book: Book, clock_us: int) -> None:
        self._book = book
        self._clock_us = clock_us

    def _cut(self, store: str, key: Hashable, window_us: int) -> tuple[Edges, int]:
        line: Edges = self._book.stores[store].by_key.get(key, _NO_EDGES)
        return line, line.first_after(self._clock_us - window_us)

    def outs(self, account: str, window_us: int) -> Sequence[Edge]:
        """Edges that `account` sent, oldest first."""
        line, first = self._cut("sent", account, window_us)
        return line.records[first:]

    def ins(self, account: str, window_us: int) -> Sequence[Edge]:
        """Edges that `account` received, oldest first."""
        line, first = self._cut("received", account, window_us)
        return line.records[first:]

    def pair(self, payer: str, payee: str, window_us: int) -> Sequence[Edge]:
        """Edges from `payer` to `payee`, oldest first."""
        line, first = self._cut("pair", (payer, payee), window_us)
        return line.records[first:]

    def newest_outs(self, account: str, window_us: int, limit: int) -> Sequence[Edge]:
        """At most the `limit` newest edges that `account` sent, newest first."""
        line, first = self._cut("sent", account, window_us)
        return _newest(line, first, limit)

    def newest_ins(self, account: str, window_us: int, limit: int) -> Sequence[Edge]:
        """At most the `limit` newest edges that `account` received, newest first."""
        line, first = self._cut("received", account, window_us)
        return _newest(line, first, limit)

    def newest_ins_before(self, account: str, window_us: int, seq: int, limit: int) -> Sequence[Edge]:
        """At most the `limit` newest edges that `account` received before place `seq`, newest first."""
        line, first = self._cut("received", account, window_us)
        end = bisect_left(line.records, seq, first, key=_SEQ)
        chosen = line.records[max(first, end - limit) : end]
        chosen.reverse()
        return chosen

    def newest_in_per_payer(self, account: str, window_us: int, limit: int) -> Sequence[Edge]:
        """The newest edge of each of the `limit` most recent distinct payers of `account`, newest first."""
        line, first = self._cut("received", account, window_us)
        return line.newest_per_other(first, limit)

    def newest_out_per_payee(self, account: str, window_us: int, limit: int) -> Sequence[Edge]:
        """The newest edge to each of the `limit` most recent distinct payees of `account`, newest first."""
        line, first = self._cut("sent", account, window_us)
        return line.newest_per_other(first, limit)

    def last_before(self, account: str) -> Edge | None:
        """The newest edge of `account`, either way, that left the longest window; None beyond the profile horizon."""
        before: Any = self._book.memories["before_any"]
        found: Edge | None = before.of(account)
        return found


def _newest(line: Edges, first: int, limit: int) -> list[Edge]:
    chosen = line.records[max(first, len(line.records) - limit) :]
    chosen.reverse()
    return chosen
