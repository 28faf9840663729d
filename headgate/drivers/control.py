"""What the control samples of a home say: how much fraud passes below the line, what is worth stopping above it.

Decisions and known outcomes are read; a payment counts by the reciprocal of its probability of having been drawn
(Horvitz and Thompson, 1952; the ratio form by Hajek). Intervals are Wilson's (1927) on the effective number of
payments (Kish, 1965). Nothing is decided and nothing is changed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from headgate.decisions.record import Decision
from headgate.drivers.home import Home
from headgate.drivers.known import known_outcomes
from headgate.limits import US_PER_DAY, US_PER_HOUR
from headgate.stores.whole import decisions

Z: Final = 1.959963984540054  # two-sided 95%
Tick = Callable[[int], object]


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """A share of frauds with its 95% interval; None where no outcome of the sample is known.

    payments: how many the estimate speaks for. sampled: drawn; known: of those, with a known outcome; frauds: of those.
    """

    payments: int
    sampled: int
    known: int
    frauds: int
    share: float | None
    low: float | None
    high: float | None


class ControlReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the samples say.

    below: payments below the line that could be drawn. just_below: the fifth of them with the highest ranks; where it
    is rich in fraud, a lower line pays. above: what would have been held. alerts: alerts above the line as they were
    acted on, sample or not; holds may have hidden what would have come of them. fraud_below_a_day: frauds that pass
    below the line on a day: the estimate and its 95% interval.
    """

    days: float
    below: Estimate
    just_below: Estimate
    above: Estimate
    alerts: Estimate
    fraud_below_a_day: tuple[float, float, float] | None


def control_report(home: Home, tick: Tick = lambda decisions: None) -> ControlReport:
    """Return what the control samples of a home say; tick hears of every decision."""
    return reported(_counted(decisions(home.store), tick), known_outcomes(home))


def reported(decisions: Iterable[Decision], fraud: Mapping[str, bool]) -> ControlReport:
    """Return the report of decisions; `fraud` says of payments with a known outcome whether they were one."""
    below, above, alerts = list[Decision](), list[Decision](), list[Decision]()
    clocks = list[int]()
    for decision in decisions:
        clocks.append(decision.clock_us)
        drawable = decision.control_probability is not None
        if drawable and decision.rank_score < decision.threshold:
            below.append(decision)
        elif drawable:
            above.append(decision)
        if decision.alert and decision.rank_score >= decision.threshold:
            alerts.append(decision)
    days = max(max(clocks, default=0) - min(clocks, default=0), US_PER_HOUR) / US_PER_DAY
    whole = weighted(below, fraud)
    return ControlReport(
        days=days,
        below=whole,
        just_below=weighted(_highest_fifth(below), fraud),
        above=weighted(above, fraud),
        alerts=counted([fraud.get(each.tx_id) for each in alerts]),
        fraud_below_a_day=_a_day(whole, days),
    )


def _a_day(of: Estimate, days: float) -> tuple[float, float, float] | None:
    if of.share is None or of.low is None or of.high is None:
        return None
    a_day = of.payments / days
    return of.share * a_day, of.low * a_day, of.high * a_day


def weighted(decisions: Iterable[Decision], fraud: Mapping[str, bool]) -> Estimate:
    """Return the share of frauds among payments that could be drawn, from those that were and have an outcome."""
    every = list(decisions)
    drawn = [each for each in every if each.control != "none"]
    weights = [(1 / (each.control_probability or 1), fraud.get(each.tx_id)) for each in drawn]
    known = [(weight, bad) for weight, bad in weights if bad is not None]
    total, squares = sum(weight for weight, _ in known), sum(weight * weight for weight, _ in known)
    share = sum(weight for weight, bad in known if bad) / total if total else None
    low, high = (None, None) if share is None else wilson(share, total * total / squares)
    return Estimate(
        payments=len(every),
        sampled=len(drawn),
        known=len(known),
        frauds=sum(bad for _, bad in known),
        share=share,
        low=low,
        high=high,
    )


def counted(outcomes: Iterable[bool | None]) -> Estimate:
    """Return the share of frauds among payments that all count the same; None is an outcome that is not known."""
    every = list(outcomes)
    known = [each for each in every if each is not None]
    share = sum(known) / len(known) if known else None
    low, high = (None, None) if share is None else wilson(share, len(known))
    return Estimate(
        payments=len(every), sampled=len(every), known=len(known), frauds=sum(known), share=share, low=low, high=high
    )  # fmt: skip


def wilson(share: float, count: float) -> tuple[float, float]:
    """Return the 95% interval of a share seen in `count` payments, above 0."""
    middle = share + Z * Z / (2 * count)
    width = Z * math.sqrt(share * (1 - share) / count + Z * Z / (4 * count * count))
    scale = 1 + Z * Z / count
    return max(0.0, (middle - width) / scale), min(1.0, (middle + width) / scale)


def _highest_fifth(decisions: list[Decision]) -> list[Decision]:
    return sorted(decisions, key=_distance)[: math.ceil(len(decisions) / 5)]


def _distance(decision: Decision) -> float:
    """How far below the line of its day; so that days with different lines can be put together."""
    return decision.threshold - decision.rank_score


def _counted(decisions: Iterable[Decision], tick: Tick) -> Iterable[Decision]:
    for decision in decisions:
        tick(1)
        yield decision
