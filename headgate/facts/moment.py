"""The moment of one payment: everything that was known just before it, looked up once and shared between facts.

A moment is read only. It stays true until the next entry is taken, so that evidence can be asked for afterwards.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, TypeVar

from headgate.facts.graph import BookView
from headgate.facts.spec import Span
from headgate.facts.timeline import Edges, Timeline
from headgate.facts.view import Edge
from headgate.limits import US_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from headgate.facts.book import Book
    from headgate.facts.keys import Key
    from headgate.facts.latest import Latest
    from headgate.facts.patterns.pattern import Found, Pattern
    from headgate.journal.entries import Payment

T = TypeVar("T")

_NO_EDGES = Edges(None)
_NO_RECORDS: Timeline[Any] = Timeline(None)


class Window:
    """The payments of one key in (t - w, t]: those of `line` from position `first` on."""

    __slots__ = ("count", "first", "line")

    def __init__(self, line: Edges, first: int) -> None:
        self.line = line
        self.first = first
        self.count = len(line.records) - first

    def total(self) -> int:
        """Sum of the amounts, in reference minor units."""
        return self.line.total(self.first)

    def squares(self) -> int:
        """Sum of the squares of the amounts."""
        return self.line.squares(self.first)

    def largest(self) -> Edge | None:
        """The payment with the largest amount; the newest of equals."""
        return self.line.largest(self.first)

    def distinct(self) -> int:
        """Number of different counterparties."""
        return self.line.distinct(self.first)

    def new(self) -> list[Edge]:
        """The first payment with each counterparty that was not met before in the longest window."""
        return self.line.new(self.first)

    def newest_per_other(self, limit: int) -> list[Edge]:
        """The newest payment with each of the `limit` most recent counterparties, newest first."""
        return self.line.newest_per_other(self.first, limit)

    def newest(self) -> Edge | None:
        """The newest payment."""
        return self.line.records[-1] if self.count else None

    def edges(self) -> list[Edge]:
        """All of them, oldest first."""
        return self.line.records[self.first :]


class Moment:
    """One payment and what the book holds before it. `edge` is the payment in reference minor units."""

    __slots__ = ("_book", "_found", "_local", "_seen", "_view", "_windows", "_zone", "clock_us", "edge", "payment")

    def __init__(self, book: Book, payment: Payment, edge: Edge, zone: tzinfo) -> None:
        self.payment = payment
        self.edge = edge
        self.clock_us = payment.clock_us
        self._book = book
        self._zone = zone
        self._view = BookView(book, payment.clock_us)
        self._windows: dict[tuple[Key, Span], Window] = {}
        self._found: dict[tuple[str, Span], Found] = {}
        self._seen: dict[Hashable, Any] = {}
        self._local: datetime | None = None

    def window(self, key: Key, span: Span) -> Window:
        """Return the payments of a key in a window, for instance what the payer sent in 24 hours."""
        found = self._windows.get((key, span))
        if found is None:
            found = self._windows[(key, span)] = self.window_of(key.store, key.of(self.edge), span)
        return found

    def window_of(self, store: str, key: Hashable, span: Span) -> Window:
        """Return the payments under any key of a store in a window, for instance what some other account sent."""
        line = self._book.stores[store].by_key.get(key, _NO_EDGES)
        return Window(line, line.first_after(self.clock_us - span.us))

    def latest(self, key: Key) -> Edge | None:
        """Return the newest payment of a key within the profile horizon."""
        latest: Latest = self.memory(f"latest_{key.store}")
        return latest.of(key.of(self.edge))

    def memory(self, name: str) -> Any:
        """Return a memory of the book by its name, to read from."""
        return self._book.memories[name]

    def once(self, about: Hashable, look: Callable[[], T]) -> T:
        """Return what `look` finds; it is called once a payment for what several facts are about."""
        if about not in self._seen:
            self._seen[about] = look()
        found: T = self._seen[about]
        return found

    def records(self, store: str, key: Hashable, span: Span) -> list[Any]:
        """Return the records of one key of a store in a window, oldest first."""
        line = self._book.stores[store].by_key.get(key, _NO_RECORDS)
        records: list[Any] = line.records[line.first_after(self.clock_us - span.us) :]
        return records

    def found(self, pattern: Pattern, span: Span) -> Found:
        """Return what a pattern finds that this payment would complete; the search runs once."""
        found = self._found.get((pattern.name, span))
        if found is None:
            found = pattern.find(self._view, self.edge, span.us, False)
            self._found[(pattern.name, span)] = found
        return found

    def witness(self, pattern: Pattern, span: Span) -> Found:
        """Return what a pattern finds, with its payments."""
        return pattern.find(self._view, self.edge, span.us, True)

    def age_days(self, account: str) -> float | None:
        """Days since the account was opened; None where that is not known or still to come."""
        opened_us = self._book.holder(account).opened_us
        if opened_us is None or opened_us > self.clock_us:
            return None
        return float(self.clock_us - opened_us) / 86_400_000_000.0

    def account_type(self, account: str) -> str | None:
        """The type of an account as its newest entry says."""
        return self._book.holder(account).account_type

    def country(self, account: str) -> str | None:
        """The country of an account as its newest entry says."""
        return self._book.holder(account).account_country

    @property
    def local(self) -> datetime:
        """The payment's clock in the adopter's time zone, cut to the second."""
        if self._local is None:
            self._local = datetime.fromtimestamp(self.clock_us // US_PER_SECOND, self._zone)
        return self._local
