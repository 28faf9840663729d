"""Measures of a ranking: average precision, ROC area, and what a budget of alerts finds.

Scores and labels enter in journal order, optionally with a whole-number weight for each payment (how often a
resample drew it). Scores with the same value stand together on a curve; a budget that cuts through them takes
the earlier payment first. Nothing here knows where scores come from.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Ranking(NamedTuple):
    """Payments by falling score. `order` is (n,), `tie_ends` the last place of every run of equal scores."""

    order: Ints
    tie_ends: Ints
    positive: Flags  # the labels in ranked order
    counted: Flags | None = None  # in ranked order; None: every payment counts


class Counts(NamedTuple):
    """Along the ranking at each tie end: weight of frauds and of fine payments down to there."""

    frauds: Floats
    fines: Floats


class AtBudget(NamedTuple):
    """What reading `alerts` payments from the top finds. None where nothing was read or nothing is to be found."""

    alerts: int
    precision: float | None
    recall: float | None


def rank(scores: Floats, positive: Flags, *, counted: Flags | None = None) -> Ranking:
    """Return the ranking of `scores` (n,), highest first; among equals the earlier payment comes first.

    `counted` (n,) leaves payments out of the counts along the ranking.
    """
    assert np.isfinite(scores).all(), "a score is a finite number"
    order = np.argsort(-scores, kind="stable").astype(np.int64)
    ranked = scores[order]
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)) if len(ranked) else np.empty(0)
    left = None if counted is None else counted[order]
    return Ranking(order, ends.astype(np.int64), positive[order], left)


def counts(ranking: Ranking, weights: Ints | None = None) -> Counts:
    """Return the weights of frauds and of fine payments read down to each tie end."""
    weight = np.ones(len(ranking.order)) if weights is None else weights[ranking.order].astype(np.float64)
    weight = weight if ranking.counted is None else weight * ranking.counted
    frauds = np.cumsum(np.where(ranking.positive, weight, 0.0))[ranking.tie_ends]
    fines = np.cumsum(np.where(ranking.positive, 0.0, weight))[ranking.tie_ends]
    return Counts(frauds, fines)


def average_precision(ranking: Ranking, weights: Ints | None = None) -> float | None:
    """Return the step-wise area under precision over recall, as scikit-learn defines it; None without frauds."""
    found = counts(ranking, weights)
    if not len(found.frauds) or found.frauds[-1] == 0:
        return None
    gained = np.diff(found.frauds, prepend=0.0)
    read = found.frauds + found.fines
    precision = np.divide(found.frauds, read, out=np.zeros_like(read), where=read > 0)
    return float(np.sum(gained * precision) / found.frauds[-1])


def roc_auc(ranking: Ranking, weights: Ints | None = None) -> float | None:
    """Return the chance that a fraud ranks above a fine payment, equals counted half; None with one class only."""
    found = counts(ranking, weights)
    if not len(found.frauds) or found.frauds[-1] == 0 or found.fines[-1] == 0:
        return None
    new_fines = np.diff(found.fines, prepend=0.0)
    before = np.concatenate(([0.0], found.frauds[:-1]))
    area = np.sum(new_fines * (found.frauds + before) / 2)
    return float(area / (found.frauds[-1] * found.fines[-1]))


def alerts_of(share: float, payments: int) -> int:
    """Return how many alerts a budget of `share` of the payments allows: at least one."""
    return min(payments, max(1, round(share * payments)))


def at_alerts(ranking: Ranking, alerts: int, weights: Ints | None = None) -> AtBudget:
    """Return precision and recall of reading the `alerts` top payments; copies count as payments of their own."""
    weight = np.ones(len(ranking.order), np.int64) if weights is None else weights[ranking.order]
    before = np.cumsum(weight) - weight
    read = np.clip(alerts - before, 0, weight)
    found, frauds = int(read[ranking.positive].sum()), int(weight[ranking.positive].sum())
    total = int(read.sum())
    return AtBudget(total, found / total if total else None, found / frauds if frauds else None)


def at_share(ranking: Ranking, share: float, weights: Ints | None = None) -> AtBudget:
    """Return precision and recall of reading the top `share` of the payments."""
    payments = len(ranking.order) if weights is None else int(weights.sum())
    return at_alerts(ranking, alerts_of(share, payments), weights)


def top_of_each_day(scores: Floats, day: Ints, alerts_a_day: int) -> Flags:
    """Return which payments are among the `alerts_a_day` highest of their own day, the earlier first among equals."""
    order = np.lexsort((np.arange(len(scores)), -scores, day))
    ranked_day = day[order]
    starts = np.flatnonzero(np.append(True, ranked_day[1:] != ranked_day[:-1])) if len(day) else np.empty(0, int)
    place = np.arange(len(day)) - np.repeat(starts, np.diff(np.append(starts, len(day))))
    chosen = np.zeros(len(scores), bool)
    chosen[order[place < alerts_a_day]] = True
    return chosen


def of_alerted(alerted: Flags, positive: Flags, weights: Ints | None = None) -> AtBudget:
    """Return precision and recall of a fixed set of alerts."""
    weight = np.ones(len(alerted), np.int64) if weights is None else weights
    alerts, frauds = int(weight[alerted].sum()), int(weight[positive].sum())
    found = int(weight[alerted & positive].sum())
    return AtBudget(alerts, found / alerts if alerts else None, found / frauds if frauds else None)


def f1(alerted: Flags, positive: Flags, weights: Ints | None = None) -> float | None:
    """Return 2 TP / (alerts + frauds); None when there is neither."""
    weight = np.ones(len(alerted), np.int64) if weights is None else weights
    both = int(weight[alerted].sum()) + int(weight[positive].sum())
    return 2 * int(weight[alerted & positive].sum()) / both if both else None


def best_f1_threshold(scores: Floats, positive: Flags) -> float:
    """Return the score from which on alerting gives the highest F1 (for the validation period only)."""
    ranking = rank(scores, positive)
    found = counts(ranking)
    values = 2 * found.frauds / (found.frauds + found.fines + found.frauds[-1])
    return float(scores[ranking.order[ranking.tie_ends[int(np.argmax(values))]]])


def budget_threshold(scores: Floats, share: float) -> float:
    """Return the score of the last payment inside a budget of `share`; alerts are the payments at or above it."""
    alerts = alerts_of(share, len(scores))
    return float(np.partition(scores, len(scores) - alerts)[len(scores) - alerts])
