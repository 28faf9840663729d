"""What a backtest found, as values: alerts a day, precision with its interval, value, overlap, actions, examples.

Rows of both courses enter one by one; one value leaves. Outcomes are looked at when all decisions are made.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from headgate.decisions.record import Decision
from headgate.drivers.control import Estimate, counted
from headgate.journal.entries import Payment
from headgate.limits import US_PER_DAY, US_PER_HOUR


class Row(NamedTuple):
    """One payment of the period: as recorded, and decided again without and with the candidate.

    fired: the candidate scenario fired on it. reason: why it would have been read, empty where nothing says so.
    """

    payment: Payment
    reference_minor: int
    was: Decision
    without: Decision
    tried: Decision
    fired: bool
    reason: str


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A payment on which the candidate spoke. fraud: what it turned out to be, None where nobody knows."""

    tx_id: str
    clock_us: int
    payer: str
    payee: str
    reference_minor: int
    without: str
    tried: str
    reason: str
    fraud: bool | None


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """One course: its alerts, how many a day, what became of them; recall is of all known frauds of the period."""

    alerts: int
    alerts_per_day: float
    precision: Estimate
    recall: float | None
    fraud_value_minor: int


class Backtest(msgspec.Struct, frozen=True, kw_only=True):
    """What the candidate would have changed.

    spoken: payments on which it fired or, for models and policies, that would have become alerts. precision: of these,
    on known outcomes. value_minor: their sum in reference minor units. overlap: the share of them that were alerts
    without it. new_alerts, lost_alerts: how alerts differ. changes: actions that differ, and for how many payments.
    reproduced: the share of the decisions that come out as recorded when nothing is changed.
    """

    candidate: str
    content_hash: str
    from_us: int
    to_us: int
    days: float
    payments: int
    known_frauds: int
    spoken: int
    spoken_per_day: float
    precision: Estimate
    value_minor: int
    overlap: float | None
    without: Course
    tried: Course
    new_alerts: int
    lost_alerts: int
    changes: dict[str, int]
    reproduced: float
    examples: tuple[Example, ...]
    reference_currency: str


class Compared:
    """Gathers rows; keeps whole rows only for examples, those with the highest amounts."""

    def __init__(self, examples: int) -> None:
        self._examples = examples
        self._top: list[tuple[int, int, Row]] = []
        self._ids: dict[str, int] = {}
        self._alerts: tuple[list[str], list[str]] = ([], [])
        self._spoken: list[str] = []
        self._changes: Counter[str] = Counter()
        self._same = 0
        self._clocks: list[int] = []

    @property
    def payments(self) -> int:
        """How many payments there were."""
        return len(self._ids)

    def add(self, row: Row) -> None:
        """Take the next payment."""
        self._ids[row.payment.tx_id] = row.reference_minor
        self._clocks = [*self._clocks[:1], row.payment.clock_us]
        self._same += (row.was.action, row.was.alert) == (row.without.action, row.without.alert)
        for alerts, decision in zip(self._alerts, (row.without, row.tried), strict=True):
            if decision.alert:
                alerts.append(row.payment.tx_id)
        if _said(row.without) != _said(row.tried):
            self._changes[f"{_said(row.without)} -> {_said(row.tried)}"] += 1
        if row.fired or (row.reason and not row.without.alert) or (row.tried.alert and not row.without.alert):
            self._speak(row)

    def _speak(self, row: Row) -> None:
        self._spoken.append(row.payment.tx_id)
        heapq.heappush(self._top, (row.reference_minor, -row.payment.seq, row))
        if len(self._top) > self._examples:
            heapq.heappop(self._top)

    def result(self, candidate: str, content_hash: str, fraud: Mapping[str, bool], currency: str) -> Backtest:
        """Return everything; `fraud` says of payments with a known outcome whether they were one."""
        days = max(self._clocks[-1] - self._clocks[0], US_PER_HOUR) / US_PER_DAY
        before, after = (set(alerts) for alerts in self._alerts)
        frauds = {tx_id for tx_id in self._ids if fraud.get(tx_id)}
        without, tried = (self._course(alerts, days, frauds, fraud) for alerts in self._alerts)
        return Backtest(
            candidate=candidate,
            content_hash=content_hash,
            from_us=self._clocks[0],
            to_us=self._clocks[-1],
            days=days,
            payments=len(self._ids),
            known_frauds=len(frauds),
            spoken=len(self._spoken),
            spoken_per_day=len(self._spoken) / days,
            precision=counted(fraud.get(tx_id) for tx_id in self._spoken),
            value_minor=self._value(self._spoken),
            overlap=len(before.intersection(self._spoken)) / len(self._spoken) if self._spoken else None,
            without=without,
            tried=tried,
            new_alerts=len(after - before),
            lost_alerts=len(before - after),
            changes=dict(sorted(self._changes.items())),
            reproduced=self._same / len(self._ids),
            examples=tuple(_example(row, fraud) for _, _, row in sorted(self._top, reverse=True)),
            reference_currency=currency,
        )

    def _course(self, alerts: list[str], days: float, frauds: set[str], fraud: Mapping[str, bool]) -> Course:
        found = frauds.intersection(alerts)
        return Course(
            alerts=len(alerts),
            alerts_per_day=len(alerts) / days,
            precision=counted(fraud.get(tx_id) for tx_id in alerts),
            recall=len(found) / len(frauds) if frauds else None,
            fraud_value_minor=self._value(found),
        )

    def _value(self, tx_ids: Iterable[str]) -> int:
        return sum(self._ids[tx_id] for tx_id in tx_ids)


def _said(decision: Decision) -> str:
    return f"{decision.action}, read" if decision.alert else decision.action


def _example(row: Row, fraud: Mapping[str, bool]) -> Example:
    payment = row.payment
    return Example(
        tx_id=payment.tx_id,
        clock_us=payment.clock_us,
        payer=payment.payer,
        payee=payment.payee,
        reference_minor=row.reference_minor,
        without=_said(row.without),
        tried=_said(row.tried),
        reason=row.reason,
        fraud=fraud.get(payment.tx_id),
    )
