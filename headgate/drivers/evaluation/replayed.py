"""What a stream of decisions was worth: alerts, cases and holds of a replay, held against the truth.

Decisions and the truth enter, both about the same payments in the same order; one value leaves. Nothing here decides
anything, and truth never reaches what decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from headgate.drivers.evaluation import ranking as r
from headgate.drivers.evaluation.curves import Curve, daily_top, marks, top_fine
from headgate.drivers.evaluation.period import Period
from headgate.drivers.evaluation.ranking import Flags, Floats, Ints
from headgate.drivers.evaluation.schemes import (
    PatternRecall,
    SchemesFound,
    found_of,
    outcome_of,
    recall_by_pattern,
)
from headgate.limits import US_PER_DAY, US_PER_SECOND


class Judged(NamedTuple):
    """What was decided about the payments of a period (n,), in their order; `case` is the case of an alert."""

    action: Sequence[str]
    alert: Flags
    score: Floats
    threshold: Floats
    case: Sequence[str | None]


class TwinRow(msgspec.Struct, frozen=True, kw_only=True):
    """Honest payments that look like one type of scheme: how many, and how many a person read for nothing."""

    twin_type: str
    payments: int
    alerted: int


class DayByDay(msgspec.Struct, frozen=True, kw_only=True):
    """Curves over the days of the replay; x is seconds since 1970."""

    cases: Curve
    alerts: Curve
    fraud_value: Curve
    held_value: Curve
    threshold: Curve
    top_fine: Curve


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """The worth of a replay. Shares are between 0 and 1; None where there was nothing to have a share of.

    `precision` and `recall` are of alerts, `case_precision` of cases: a case is right when one of its alerts is. Value
    is held before settlement where the action was `hold` or `legal_stop`; `value_asked` counts `step_up` too.
    """

    payments: int
    days: float
    frauds: int
    alerts: int
    alerts_per_day: float
    cases: int
    cases_per_day: float
    precision: float | None
    recall: float | None
    case_precision: float | None
    value_held: float | None
    value_asked: float | None
    value_alerted: float | None
    schemes: SchemesFound
    schemes_unseen: SchemesFound
    patterns: tuple[PatternRecall, ...]
    twins: tuple[TwinRow, ...]
    actions: dict[str, int]
    by_day: DayByDay
    found: Curve
    missed: Curve


def worth(of: Period, judged: Judged, twins: dict[str, str]) -> Replayed:
    """Return what the decisions were worth. `twins` names the type of the honest lookalikes by payment id."""
    positive = of.positive
    found = r.of_alerted(judged.alert, positive)
    outcomes = tuple(outcome_of(scheme, judged.alert, of.clock_us) for scheme in of.schemes)
    case_of = [case for case, alert in zip(judged.case, judged.alert, strict=True) if alert and case]
    right = {case for case, fraud in zip(judged.case, positive & judged.alert, strict=True) if fraud and case}
    found_marks, missed_marks = marks(of, judged.score, judged.alert)
    held, asked = (_acted(judged, actions) for actions in (_HELD, _ASKED))
    return Replayed(
        payments=len(of.tx_id),
        days=of.days,
        frauds=int(positive.sum()),
        alerts=found.alerts,
        alerts_per_day=found.alerts / of.days,
        cases=len(set(case_of)),
        cases_per_day=len(set(case_of)) / of.days,
        precision=found.precision,
        recall=found.recall,
        case_precision=len(right) / len(set(case_of)) if case_of else None,
        value_held=_share(of.amount_minor, positive, held),
        value_asked=_share(of.amount_minor, positive, asked),
        value_alerted=_share(of.amount_minor, positive, judged.alert),
        schemes=found_of(outcomes),
        schemes_unseen=found_of(tuple(scheme for scheme in outcomes if scheme.unseen)),
        patterns=recall_by_pattern(of.pattern_type, positive, judged.alert, outcomes),
        twins=_twins(of, judged.alert, twins),
        actions=_counted(judged.action),
        by_day=_by_day(of, judged, held),
        found=found_marks,
        missed=missed_marks,
    )


_HELD = frozenset({"hold", "legal_stop"})
_ASKED = _HELD | {"step_up"}


def _acted(judged: Judged, actions: frozenset[str]) -> Flags:
    return np.array([action in actions for action in judged.action], dtype=bool)


def _share(amount: Floats, positive: Flags, reached: Flags) -> float | None:
    total = float(amount[positive].sum())
    return float(amount[positive & reached].sum()) / total if total > 0 else None


def _counted(actions: Sequence[str]) -> dict[str, int]:
    names, counts = np.unique(np.array(actions, dtype=object).astype(str), return_counts=True)
    return {str(name): int(count) for name, count in zip(names, counts, strict=True)}


def _twins(of: Period, alert: Flags, twins: dict[str, str]) -> tuple[TwinRow, ...]:
    rows: dict[str, list[bool]] = {}
    for tx_id, alerted in zip(of.tx_id, alert.tolist(), strict=True):
        if tx_id in twins:
            rows.setdefault(twins[tx_id], []).append(alerted)
    return tuple(TwinRow(twin_type=name, payments=len(rows[name]), alerted=sum(rows[name])) for name in sorted(rows))


def _by_day(of: Period, judged: Judged, held: Flags) -> DayByDay:
    days, place = np.unique(of.clock_us // US_PER_DAY, return_inverse=True)
    first_alerts = np.zeros(len(of.tx_id))
    seen: set[str] = set()
    for row in np.flatnonzero(judged.alert).tolist():
        case = judged.case[row]
        if case is not None and case not in seen:
            seen.add(case)
            first_alerts[row] = 1.0
    fraud = of.amount_minor * of.positive
    return DayByDay(
        cases=_daily(days, place, first_alerts),
        alerts=_daily(days, place, judged.alert.astype(np.float64)),
        fraud_value=_daily(days, place, fraud, running=True),
        held_value=_daily(days, place, fraud * held, running=True),
        threshold=daily_top(of.clock_us, judged.threshold),
        top_fine=top_fine(of, judged.score),
    )


def _daily(days: Ints, place: Ints, values: Floats, *, running: bool = False) -> Curve:
    total = np.bincount(place, values, len(days))
    total = np.cumsum(total) if running else total
    seconds = days * (US_PER_DAY // US_PER_SECOND)
    return Curve(x=tuple(seconds.astype(float).tolist()), y=tuple(total.tolist()))
