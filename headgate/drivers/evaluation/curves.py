"""Curves for people's eyes: points enough to draw, never more.

Scores and labels of the test period enter; short lists of numbers leave.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from headgate.drivers.evaluation import ranking as r
from headgate.drivers.evaluation.period import Period
from headgate.drivers.evaluation.ranking import Flags, Floats, Ints
from headgate.drivers.evaluation.schemes import SchemeOutcome
from headgate.limits import US_PER_DAY, US_PER_SECOND

POINTS = 240
BAND_POINTS = 50
LEAST_HOURS = 0.1  # the axis of time is logarithmic
MOST_MARKS = 1500


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """A line: two lists of the same length."""

    x: tuple[float, ...]
    y: tuple[float | None, ...]


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """Where a curve lies in 95% of resamples: x, and the lowest and highest y there."""

    x: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


class ScoreOverTime(msgspec.Struct, frozen=True, kw_only=True):
    """The test period day by day: the highest score of a fine payment, and each fraud as a mark (seconds, score)."""

    threshold: float
    top_fine: Curve
    found: Curve
    missed: Curve


class Curves(msgspec.Struct, frozen=True, kw_only=True):
    """What the report draws; one line for each learner in all but the last."""

    precision_recall: dict[str, Curve]
    precision_bands: dict[str, Band]
    recall_by_alerts: dict[str, Curve]
    value_by_alerts: dict[str, Curve]
    found_by_hours: dict[str, Curve]
    score_over_time: ScoreOverTime


def precision_recall(scores: Floats, positive: Flags) -> Curve:
    """Return precision (y) over recall (x) at evenly spread steps of recall."""
    found = r.counts(r.rank(scores, positive))
    recall = found.frauds / max(found.frauds[-1], 1.0)
    precision = found.frauds / (found.frauds + found.fines)
    keep = _spread(recall)
    return _curve(recall[keep], precision[keep])


def recall_by_alerts(scores: Floats, positive: Flags, days: float) -> Curve:
    """Return recall (y) over alerts a day (x), evenly spread on a logarithmic axis up to 5% of the payments."""
    found = r.counts(r.rank(scores, positive))
    read = found.frauds + found.fines
    steps = np.unique(np.geomspace(1, max(len(scores) * 0.05, 2), POINTS))
    recall = np.interp(steps, np.append(0, read), np.append(0, found.frauds)) / max(found.frauds[-1], 1.0)
    return _curve(steps / days, recall)


def precision_band(scores: Floats, positive: Flags, drawn: Sequence[Ints]) -> Band:
    """Return where precision lies over recall in 95% of the resamples `drawn`, each (n,) times a payment was drawn."""
    ranking = r.rank(scores, positive)
    recall = np.linspace(0.02, 1.0, BAND_POINTS)
    lines = [line for weights in drawn if (line := _precision_at(ranking, weights, recall)) is not None]
    if not lines:
        return Band(x=(), low=(), high=())
    low, high = np.quantile(np.array(lines), [0.025, 0.975], axis=0)
    return Band(x=_rounded(recall), low=_rounded(low), high=_rounded(high))


def _precision_at(ranking: r.Ranking, weights: Ints, recall: Floats) -> Floats | None:
    found = r.counts(ranking, weights)
    if not len(found.frauds) or found.frauds[-1] == 0:
        return None
    place = np.searchsorted(found.frauds, recall * found.frauds[-1] - 1e-9).clip(0, len(found.frauds) - 1)
    return np.asarray(found.frauds[place] / (found.frauds[place] + found.fines[place]))


def value_by_alerts(scores: Floats, positive: Flags, amount: Floats, days: float) -> Curve:
    """Return the share of the fraudulent amount (y) that so many alerts a day (x) stop, as `recall_by_alerts`."""
    order = np.argsort(-scores, kind="stable")
    value = np.cumsum(np.where(positive, amount, 0.0)[order])
    steps = np.unique(np.geomspace(1, max(len(scores) * 0.05, 2), POINTS))
    total = value[-1] if len(value) and value[-1] > 0 else 1.0
    return _curve(steps / days, np.interp(steps, np.arange(len(value) + 1), np.append(0, value)) / total)


def found_by_hours(outcomes: Sequence[SchemeOutcome]) -> Curve:
    """Return the share of all schemes (y) with an alert within so many hours (x) of their first payment."""
    waited = sorted(s.hours_to_first_alert for s in outcomes if s.hours_to_first_alert is not None)
    hours = np.maximum(np.array(waited, np.float64), LEAST_HOURS)
    return _curve(hours, np.arange(1, len(hours) + 1) / max(len(outcomes), 1))


def score_over_time(test: Period, scores: Floats, threshold: float) -> ScoreOverTime:
    """Return the picture of the test period for the scores (n,) of one learner."""
    found, missed = marks(test, scores, scores >= threshold)
    return ScoreOverTime(threshold=threshold, top_fine=top_fine(test, scores), found=found, missed=missed)


def marks(of: Period, scores: Floats, alerted: Flags) -> tuple[Curve, Curve]:
    """Return time (seconds) and score of the frauds that were alerted and of those that were not, thinned evenly."""
    fraud = np.flatnonzero(of.positive)
    fraud = fraud[:: max(1, -(-len(fraud) // MOST_MARKS))]
    hit, seconds = alerted[fraud], of.clock_us[fraud] / US_PER_SECOND
    return _curve(seconds[hit], scores[fraud[hit]]), _curve(seconds[~hit], scores[fraud[~hit]])


def top_fine(of: Period, scores: Floats) -> Curve:
    """Return the highest score of a payment that was no fraud, day by day."""
    return daily_top(of.clock_us, np.where(of.positive, -np.inf, scores))


def daily_top(clock_us: Ints, scores: Floats) -> Curve:
    """Return the highest finite score of each day; days without one are left out."""
    days, of = np.unique(clock_us // US_PER_DAY, return_inverse=True)
    top = np.full(len(days), -np.inf)
    np.maximum.at(top, of, scores)
    keep = np.isfinite(top)
    return _curve(days[keep] * (US_PER_DAY / US_PER_SECOND), top[keep])


def _spread(rising: Floats) -> Ints:
    """Places of about POINTS values spread evenly along a rising column, both ends included."""
    wanted = np.searchsorted(rising, np.linspace(rising[0], rising[-1], POINTS))
    return np.unique(np.append(wanted.clip(0, len(rising) - 1), 0)).astype(np.int64)


def _rounded(values: Floats) -> tuple[float, ...]:
    return tuple(float(f"{value:.6g}") for value in values)


def _curve(x: Floats, y: Floats) -> Curve:
    return Curve(x=tuple(float(f"{value:.12g}") for value in x), y=tuple(float(f"{value:.6g}") for value in y))
