"""Two rankings of the same payments against each other: the difference of average precision with a paired interval.

Both sides see the same resamples, so that what makes a resample easy makes it easy for both.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from headgate.drivers.evaluation import ranking as r
from headgate.drivers.evaluation.intervals import Interval, Resample, Statistic, clusters, intervals
from headgate.drivers.evaluation.period import Period, only
from headgate.drivers.evaluation.ranking import Floats


class Against(NamedTuple):
    """What the intervals of a run are drawn from: the test period, seed and number of resamples."""

    test: Period
    seed: int
    resamples: int


class Paired(NamedTuple):
    """Average precision of one side, and what the other side lies above it, each with its interval."""

    ap: float | None
    interval: Interval | None
    lost: float | None
    lost_interval: Interval | None


def paired(at: Against, whole: Floats, others: dict[str, Floats]) -> dict[str, Paired]:
    """Return for each of `others` its average precision on the labelled test payments, and what `whole` is above it."""
    labelled = at.test.labelled
    known = only(at.test, labelled)
    base = r.rank(whole[labelled], known.positive)
    ranked = {name: r.rank(scores[labelled], known.positive) for name, scores in others.items()}
    statistics: dict[str, Statistic] = {}
    for name, ranking in ranked.items():
        statistics[f"{name}/ap"] = partial(_ap, ranking)
        statistics[f"{name}/lost"] = partial(_above, base, ranking)
    found = intervals(clusters(known.clock_us, known.scheme), statistics, seed=at.seed, count=at.resamples)
    full = r.average_precision(base)
    return {
        name: Paired(
            ap=(ap := r.average_precision(ranking)),
            interval=found[f"{name}/ap"],
            lost=None if full is None or ap is None else full - ap,
            lost_interval=found[f"{name}/lost"],
        )
        for name, ranking in ranked.items()
    }


def _ap(ranking: r.Ranking, drawn: Resample) -> float | None:
    return r.average_precision(ranking, drawn.payments)


def _above(one: r.Ranking, other: r.Ranking, drawn: Resample) -> float | None:
    above, below = _ap(one, drawn), _ap(other, drawn)
    return None if above is None or below is None else above - below
