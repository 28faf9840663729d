"""The drift watch: closed days of live payments against what the model learnt from, fact by fact and score by score.

Margins, facts of one payment in sixteen and outcomes of alerts enter in the order of the journal; figures leave. It is
a function of the journal, bounded, and decides nothing: who owns it reads `findings`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from operator import add
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from headgate.limits import DRIFT_ALERTS, DRIFT_DAYS, DRIFT_SAMPLE
from headgate.models.drift import TOP_SHARE, Reference, Spread, stability
from headgate.models.history import day_end_us, local_day

RECENT_DAYS: Final = 7  # closed days that the findings speak of
_ROWS: Final = 512  # that wait to be counted, at most


class Watched(Protocol):
    """What the watch needs of a model."""

    content_hash: str
    facts: tuple[str, ...]

    @property
    def reference(self) -> Reference:
        """What payments looked like when it learnt."""


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """From where on the model is no longer to be trusted; see `[drift]` of the policy."""

    score_psi: float
    rate_times: float
    calibration_times: float
    least_payments: int
    least_outcomes: int


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What the last closed days were like. None where nothing can be said yet.

    facts: the stability index of each fact, largest first. rate: the share of payments above the margin that the top
    0.5% of validation exceeded. promised, observed: mean probability and share of frauds of alerts with a known
    outcome.
    """

    days: int
    payments: int
    facts: tuple[tuple[str, float], ...]
    score_psi: float
    rate: float | None
    outcomes: int
    promised: float | None
    observed: float | None

    def against(self, bounds: Bounds) -> tuple[str, ...]:
        """Return in words what is out of bounds; empty where all is well or too little was seen."""
        found = []
        enough = self.payments >= bounds.least_payments
        if enough and self.score_psi > bounds.score_psi:
            found.append(f"the stability index of the score is {self.score_psi:.2f}, above {bounds.score_psi:g}")
        if enough and self.rate is not None and _times(self.rate, TOP_SHARE) > bounds.rate_times:
            found.append(
                f"{self.rate:.2%} of the payments score above the top {TOP_SHARE:.1%} of validation, "
                f"more than {bounds.rate_times:g} times off"
            )
        if self.outcomes >= bounds.least_outcomes and self.promised is not None and self.observed is not None:
            if _times(self.observed, self.promised) > bounds.calibration_times:
                found.append(
                    f"{self.observed:.1%} of {self.outcomes} alerts with an outcome were frauds, {self.promised:.1%} "
                    f"were promised, more than {bounds.calibration_times:g} times off"
                )
        return tuple(found)


class _Day:
    """The counts of one day: payments, how many above the top, bins of the margin and of each fact."""

    def __init__(self, day: int, reference: Reference) -> None:
        self.day = day
        self.payments = self.above = 0
        self.margin = [0] * len(reference.margin.shares)
        self.facts = [[0] * len(spread.shares) for spread in reference.facts]
        self._spreads, self._rows = reference.facts, list[list[float]]()

    def show(self, row: list[float]) -> None:
        self._rows.append(row)
        if len(self._rows) == _ROWS:
            self.settle()

    def settle(self) -> None:
        """Count the rows that were shown; many at once cost less than one by one."""
        if self._rows:
            columns, self._rows = np.array(self._rows).T, []
            counted = map(Spread.count, self._spreads, columns)
            self.facts = [list(map(add, counts, more)) for counts, more in zip(self.facts, counted, strict=True)]

    def plain(self) -> list[Any]:
        self.settle()
        return [self.day, self.payments, self.above, self.margin, self.facts]


class DriftWatch:
    """Watches one model; `closed_days` counts the days that it has closed, so that an owner sees a day end."""

    def __init__(self, model: Watched, zone: ZoneInfo) -> None:
        self._model, self._reference, self._zone = model, model.reference, zone
        self._closed: deque[_Day] = deque(maxlen=DRIFT_DAYS)
        self._open: _Day | None = None
        self._until_us = 0
        self._promised: dict[str, float] = {}  # of alerts without an outcome, oldest first
        self._outcomes: deque[tuple[float, bool]] = deque(maxlen=1000)
        self.closed_days = 0

    def take(self, seq: int, clock_us: int, margin: float) -> bool:
        """Count a payment in the order of the journal; whether it is one of those whose facts are to be shown."""
        if clock_us >= self._until_us:
            self._turn(clock_us)
        day = self._open
        assert day is not None
        day.payments += 1
        day.above += self._reference.top is not None and margin > self._reference.top
        return seq % DRIFT_SAMPLE == 0 and bool(self._reference.facts)

    def show(self, margin: float, row: list[float]) -> None:
        """Look at the facts of the payment that was taken last, as the row that the model read."""
        day = self._open
        assert day is not None
        day.margin[self._reference.margin.place(margin)] += 1
        day.show(row)

    def alerted(self, tx_id: str, probability: float) -> None:
        """Remember what was promised of an alert until its outcome is known."""
        self._promised[tx_id] = probability
        if len(self._promised) > DRIFT_ALERTS:
            del self._promised[next(iter(self._promised))]

    def came(self, tx_id: str, fraud: bool) -> None:
        """Take the outcome of a payment; one that was no alert says nothing here."""
        promised = self._promised.pop(tx_id, None)
        if promised is not None:
            self._outcomes.append((promised, fraud))

    def findings(self) -> Findings:
        """Return what the last closed days were like."""
        days = list(self._closed)[-RECENT_DAYS:]
        payments, outcomes = sum(day.payments for day in days), len(self._outcomes)
        spreads = zip(self._model.facts, self._reference.facts, strict=False)
        facts = [
            (name, stability(spread, _sum([day.facts[place] for day in days])))
            for place, (name, spread) in enumerate(spreads)
        ]
        return Findings(
            days=len(days),
            payments=payments,
            facts=tuple(sorted(facts, key=lambda pair: (-pair[1], pair[0]))),
            score_psi=stability(self._reference.margin, _sum([day.margin for day in days])),
            rate=sum(day.above for day in days) / payments if payments else None,
            outcomes=outcomes,
            promised=sum(promised for promised, _ in self._outcomes) / outcomes if outcomes else None,
            observed=sum(fraud for _, fraud in self._outcomes) / outcomes if outcomes else None,
        )

    def state(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "model": self._model.content_hash,
            "closed": [day.plain() for day in self._closed],
            "open": None if self._open is None else self._open.plain(),
            "until_us": self._until_us,
            "promised": self._promised,
            "outcomes": [list(pair) for pair in self._outcomes],
            "closed_days": self.closed_days,
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Take the place of a watch of the same model; one of another model knows nothing of use."""
        if state.get("model") != self._model.content_hash:
            return
        self._closed = deque((self._day(each) for each in state["closed"]), maxlen=DRIFT_DAYS)
        self._open = None if state["open"] is None else self._day(state["open"])
        self._until_us, self.closed_days = state["until_us"], state["closed_days"]
        self._promised = dict(state["promised"])
        self._outcomes = deque(((promised, fraud) for promised, fraud in state["outcomes"]), maxlen=1000)

    def _turn(self, clock_us: int) -> None:
        day = local_day(clock_us, self._zone)
        if self._open is not None:
            self._open.settle()
            self._closed.append(self._open)
            self.closed_days += 1
        self._open, self._until_us = _Day(day, self._reference), day_end_us(day, self._zone)

    def _day(self, plain: list[Any]) -> _Day:
        day = _Day(plain[0], self._reference)
        day.payments, day.above, day.margin, day.facts = plain[1:]
        return day


def _sum(counts: list[list[int]]) -> list[int]:
    return [sum(column) for column in zip(*counts, strict=True)]


def _times(one: float, other: float) -> float:
    """How many times the larger is of the smaller, 0 counting as a thousandth of a percent."""
    low, high = sorted((max(one, 1e-5), max(other, 1e-5)))
    return high / low
