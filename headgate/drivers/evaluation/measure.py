"""From scores to measures: what each learner finds on the test period, and how sure that is.

Scores of validation and test enter; thresholds see validation only. Test payments without a label are left out
of what needs a label and kept in what counts alerts.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import msgspec
import numpy as np

from headgate.drivers.evaluation import ranking as r
from headgate.drivers.evaluation.calibration import Reliability, expected_calibration_error, reliability
from headgate.drivers.evaluation.intervals import (
    RESAMPLES,
    Clusters,
    Interval,
    Resample,
    Statistic,
    clusters,
    intervals,
)
from headgate.drivers.evaluation.period import Period, only
from headgate.drivers.evaluation.ranking import Flags, Floats
from headgate.drivers.evaluation.schemes import (
    PatternRecall,
    SchemeOutcome,
    SchemesFound,
    found_of,
    hours_of_schemes,
    outcome_of,
    payments_of_schemes,
    recall_by_pattern,
    recall_of_schemes,
    value_detected,
)
from headgate.limits import US_PER_DAY

BUDGETS = {"0.1%": 0.001, "0.5%": 0.005, "1%": 0.01}
OPERATING_BUDGET = "0.5%"  # the budget at which alerts, schemes and value are counted


class Scored(NamedTuple):
    """The scores that one learner gave to the payments of two periods, in their order."""

    validation: Floats
    test: Floats


class LearnerMeasures(msgspec.Struct, frozen=True, kw_only=True):
    """How well one learner ranks the labelled payments of the test period."""

    ap: float | None
    roc_auc: float | None
    precision_at: dict[str, float | None]
    recall_at: dict[str, float | None]
    f1: float | None


class Operating(NamedTuple):
    """The alerts of the full model at the threshold that spent the operating budget on validation."""

    threshold: float
    alerted: Flags  # over all payments of the test period
    alerts_per_day: float
    value_detected: float | None
    outcomes: tuple[SchemeOutcome, ...]
    all_schemes: SchemesFound
    unseen_schemes: SchemesFound
    patterns: tuple[PatternRecall, ...]


class Measures(NamedTuple):
    """Everything measured on one split. Keys of `intervals` are names of measures, `name/budget` within a table.

    `ap_unseen` sees the frauds of schemes without a payment before the test period, and all fine payments.
    """

    learners: dict[str, LearnerMeasures]
    ap_unseen: float | None
    operating: Operating
    ece: float | None
    reliability: tuple[Reliability, ...]
    intervals: dict[str, Interval | None]
    clusters: Clusters


def measure(
    validation: Period,
    test: Period,
    scored: dict[str, Scored],
    probability: Floats,
    *,
    alerts_a_day: int,
    seed: int,
    resamples: int = RESAMPLES,
) -> Measures:
    """Return all measures. `scored` holds the learners `all`, `raw` and `scenarios`; `probability` is of `all` on test.

    `validation.label` holds what was known when the test period began.
    """
    known = only(test, test.labelled)
    learners = {name: _learner(validation, test, scores, alerts_a_day) for name, scores in scored.items()}
    operating = operate(validation, test, scored["all"])
    promised = probability[test.labelled]
    of = clusters(known.clock_us, known.scheme)
    statistics = _statistics(known, test, scored, operating, promised, f1_threshold(validation, scored["all"]))
    return Measures(
        learners=learners,
        ap_unseen=r.average_precision(_unseen_ranking(known, scored["all"].test[test.labelled])),
        operating=operating,
        ece=expected_calibration_error(promised, known.positive),
        reliability=reliability(promised, known.positive),
        intervals=_intervals(of, statistics, seed, resamples),
        clusters=of,
    )


def _ap_of(test: Period, scored: Scored, frauds: Flags) -> float | None:
    """The average precision of some frauds (n,) among all fine payments; other frauds count as neither."""
    known = test.labelled
    of, others = frauds[known], test.positive[known] & ~frauds[known]
    return r.average_precision(r.rank(scored.test[known], of, counted=~others))


def _unseen_ranking(known: Period, scores: Floats) -> r.Ranking:
    """Rank as ever; frauds of schemes that the model has met count neither as found nor as false."""
    return r.rank(scores, known.unseen, counted=known.unseen | ~known.positive)


def _intervals(of: Clusters, statistics: dict[str, Statistic], seed: int, count: int) -> dict[str, Interval | None]:
    return intervals(of, statistics, seed=seed, count=count)


def _learner(validation: Period, test: Period, scored: Scored, alerts_a_day: int) -> LearnerMeasures:
    labelled, positive = test.labelled, test.positive[test.labelled]
    scores = scored.test[labelled]
    ranking = r.rank(scores, positive)
    at = {name: r.at_share(ranking, share) for name, share in BUDGETS.items()}
    daily = r.top_of_each_day(scored.test, test.clock_us // US_PER_DAY, alerts_a_day)[labelled]
    at[daily_name(alerts_a_day)] = r.of_alerted(daily, positive)
    return LearnerMeasures(
        ap=r.average_precision(ranking),
        roc_auc=r.roc_auc(ranking),
        precision_at={name: found.precision for name, found in at.items()},
        recall_at={name: found.recall for name, found in at.items()},
        f1=r.f1(scores >= f1_threshold(validation, scored), positive),
    )


def daily_name(alerts_a_day: int) -> str:
    """Return the name of the budget of so many alerts a day, for instance `10/day`."""
    return f"{alerts_a_day}/day"


def f1_threshold(validation: Period, scored: Scored) -> float:
    """Return the threshold with the best F1 on the labels known of validation; without frauds there, its top score."""
    labelled = validation.labelled
    if not validation.positive.any():
        return float(scored.validation.max(initial=0.0))
    return r.best_f1_threshold(scored.validation[labelled], validation.positive[labelled])


def operate(validation: Period, test: Period, scored: Scored) -> Operating:
    """Alert on test at the threshold of validation and return what came of it."""
    threshold = r.budget_threshold(scored.validation, BUDGETS[OPERATING_BUDGET])
    alerted = np.greater_equal(scored.test, threshold)
    outcomes = tuple(outcome_of(scheme, alerted, test.clock_us) for scheme in test.schemes)
    return Operating(
        threshold=threshold,
        alerted=alerted,
        alerts_per_day=float(alerted.sum()) / test.days,
        value_detected=value_detected(test.amount_minor, test.positive, alerted),
        outcomes=outcomes,
        all_schemes=found_of(outcomes),
        unseen_schemes=found_of(tuple(scheme for scheme in outcomes if scheme.unseen)),
        patterns=recall_by_pattern(test.pattern_type, test.positive, alerted, outcomes, partial(_ap_of, test, scored)),
    )


def _statistics(
    known: Period, test: Period, scored: dict[str, Scored], operating: Operating, promised: Floats, f1_at: float
) -> dict[str, Statistic]:
    """The measures as functions of a resample of the labelled test payments."""
    positive, labelled = known.positive, test.labelled
    rankings = {name: r.rank(scores.test[labelled], positive) for name, scores in scored.items()}
    found: dict[str, Statistic] = {
        "ap": partial(_ap, rankings["all"]),
        "ap_raw": partial(_ap, rankings["raw"]),
        "ap_scenarios": partial(_ap, rankings["scenarios"]),
        "ap_unseen": partial(_ap, _unseen_ranking(known, scored["all"].test[labelled])),
        "ap_above_raw": partial(_ap_above, rankings["all"], rankings["raw"]),
        "ap_above_scenarios": partial(_ap_above, rankings["all"], rankings["scenarios"]),
        "roc_auc": lambda drawn: r.roc_auc(rankings["all"], drawn.payments),
        "f1": lambda drawn: r.f1(scored["all"].test[labelled] >= f1_at, positive, drawn.payments),
        "ece": lambda drawn: expected_calibration_error(promised, positive, drawn.payments),
    }
    for name, share in BUDGETS.items():
        found[f"precision_at/{name}"] = partial(_precision_at, rankings["all"], share)
        found[f"recall_at/{name}"] = partial(_recall_at, rankings["all"], share)
    return found | _operating_statistics(known, operating, operating.alerted[labelled])


def _operating_statistics(known: Period, operating: Operating, alerted: Flags) -> dict[str, Statistic]:
    return {
        "value_detected": lambda drawn: value_detected(known.amount_minor, known.positive, alerted, drawn.payments),
        "scheme_recall": lambda drawn: recall_of_schemes(operating.outcomes, drawn.schemes),
        "scheme_recall_unseen": lambda drawn: _recall_of(operating, drawn, "unseen"),
        "hours_to_first_alert": lambda drawn: hours_of_schemes(operating.outcomes, drawn.schemes),
        "payments_to_first_alert": lambda drawn: payments_of_schemes(operating.outcomes, drawn.schemes),
    }


def _recall_of(operating: Operating, drawn: Resample, which: str) -> float | None:
    chosen = np.array([getattr(outcome, which) for outcome in operating.outcomes], dtype=bool)
    return recall_of_schemes(operating.outcomes, np.where(chosen, drawn.schemes, 0))


def _ap(ranking: r.Ranking, drawn: Resample) -> float | None:
    return r.average_precision(ranking, drawn.payments)


def _ap_above(one: r.Ranking, other: r.Ranking, drawn: Resample) -> float | None:
    above, below = _ap(one, drawn), _ap(other, drawn)
    return None if above is None or below is None else above - below


def _precision_at(ranking: r.Ranking, share: float, drawn: Resample) -> float | None:
    return r.at_share(ranking, share, drawn.payments).precision


def _recall_at(ranking: r.Ranking, share: float, drawn: Resample) -> float | None:
    return r.at_share(ranking, share, drawn.payments).recall
