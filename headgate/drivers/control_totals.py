"""Control totals of one UTC day of a home, for reconciliation: what entered, what was decided, what became of it.

Every figure is an exact integer, counted over archive and tail as they stand when it is asked for; a day is final when
it is over. Days follow the clock of the journal, not the payments' own time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from headgate.drivers.home import Home
from headgate.errors import FieldError
from headgate.limits import US_PER_DAY
from headgate.stores.store import Store
from headgate.stores.whole import blocks, decisions

_EPOCH: Final = date(1970, 1, 1)


class PaymentTotal(msgspec.Struct, frozen=True, kw_only=True):
    """Payments of one currency: how many, and the sum of their amounts in minor units."""

    currency: str
    count: int
    sum_minor: int


class ControlTotals(msgspec.Struct, frozen=True, kw_only=True):
    """One UTC day. first_seq and last_seq are of its first and last entry, None for a day without entries.

    entries: by kind. payments: by currency, in alphabetical order. decisions: by action; history that was only learnt
    from has none. statuses: what became of payments, by status. outcomes: by class. open: whether the day may still
    grow, because the journal has nothing after it.
    """

    day: str
    first_seq: int | None
    last_seq: int | None
    entries: dict[str, int]
    payments: tuple[PaymentTotal, ...]
    decisions: dict[str, int]
    statuses: dict[str, int]
    outcomes: dict[str, int]
    open: bool


def control_totals(home: Home, day: str) -> ControlTotals:
    """Return the totals of a UTC day (`2026-03-02`) of a home. Raises FieldError for what is no day."""
    return totals_of(home.store, day)


def totals_of(store: Store, day: str) -> ControlTotals:
    """Return the totals of a UTC day of a store. Raises FieldError for what is no day."""
    start_us = (_date(day) - _EPOCH).days * US_PER_DAY
    end_us = start_us + US_PER_DAY
    counted = _Counted()
    for block in _of_day(store, start_us, end_us):
        counted.take(block)
    return ControlTotals(
        day=day,
        first_seq=counted.first_seq,
        last_seq=counted.last_seq,
        entries=_sorted(counted.entries),
        payments=tuple(
            PaymentTotal(currency=currency, count=counted.count[currency], sum_minor=counted.sum_minor[currency])
            for currency in sorted(counted.count)
        ),
        decisions=_actions(store, counted.first_seq, counted.last_seq),
        statuses=_sorted(counted.statuses),
        outcomes=_sorted(counted.outcomes),
        open=store.last_clock_us() < end_us,
    )


class _Counted:
    def __init__(self) -> None:
        self.first_seq: int | None = None
        self.last_seq: int | None = None
        self.entries: Counter[str] = Counter()
        self.count: Counter[str] = Counter()
        self.sum_minor: defaultdict[str, int] = defaultdict(int)
        self.statuses: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()

    def take(self, block: pa.RecordBatch) -> None:
        """Count a block that is not empty, all of the day."""
        places = block.column("seq")
        self.first_seq = places[0].as_py() if self.first_seq is None else self.first_seq
        self.last_seq = places[-1].as_py()
        self.entries.update(block.column("kind").to_pylist())
        self.statuses.update(_values(block, "payment_status", "new_status"))
        self.outcomes.update(_values(block, "outcome", "outcome"))
        currencies, amounts = (_values(block, "payment", name) for name in ("currency", "amount_minor"))
        for currency, amount_minor in zip(currencies, amounts, strict=True):
            self.count[currency] += 1
            self.sum_minor[currency] += amount_minor


def _of_day(store: Store, start_us: int, end_us: int) -> Iterator[pa.RecordBatch]:
    """The entries of a day, in blocks that are not empty."""
    first = next((part.first_seq for part in store.parts() if part.last_clock_us >= start_us), None)
    for block in blocks(store, store.tail_from(start_us) if first is None else first):
        clocks = block.column("clock_us")
        wanted = block.filter(pc.and_(pc.greater_equal(clocks, start_us), pc.less(clocks, end_us)))
        if wanted.num_rows:
            yield wanted
        if clocks[-1].as_py() >= end_us:
            return


def _actions(store: Store, first_seq: int | None, last_seq: int | None) -> dict[str, int]:
    found: Counter[str] = Counter()
    if first_seq is not None and last_seq is not None:
        for decision in decisions(store, first_seq):
            if decision.seq > last_seq:
                break
            found[decision.action] += 1
    return _sorted(found)


def _values(block: pa.RecordBatch, kind: str, column: str) -> list[Any]:
    rows: list[Any] = block.filter(pc.equal(block.column("kind"), kind)).column(column).to_pylist()
    return rows


def _sorted(counted: Counter[str]) -> dict[str, int]:
    return dict(sorted(counted.items()))


def _date(day: str) -> date:
    try:
        found = datetime.strptime(day, "%Y-%m-%d").date()
    except ValueError:
        found = date.min
    if day != found.isoformat() or not 1970 <= found.year < 2100:
        raise FieldError(
            f"{day!r} is no day", where="day", repair="Write a UTC day of the years 1970 to 2099, such as 2026-03-02."
        )
    return found
