"""Stability over time: the test period cut into spans, what each finds, and how far its facts moved from training.

Population stability index (PSI): sum of (q - p) ln(q / p) over tenths of the training values; the usual reading is
below 0.1 stable, to 0.25 watch, above moved. Source: Siddiqi, "Credit Risk Scorecards", Wiley 2006.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import pyarrow as pa

from headgate.drivers.evaluation import ranking as r
from headgate.drivers.evaluation.assemble import iso
from headgate.drivers.evaluation.period import Period
from headgate.drivers.evaluation.ranking import Flags, Floats

SPANS = 6
MOST_FACTS = 20
_TENTHS = 10
_LEAST_SHARE = 1e-4  # an empty tenth counts as this share, so that its logarithm exists


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the test period, at the threshold of validation."""

    first: str
    last: str
    payments: int
    frauds: int
    ap: float | None
    precision: float | None
    recall: float | None
    alerts_per_day: float
    score_psi: float


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """How far a fact of the test period moved from the training period."""

    fact: str
    psi: float


def spans(test: Period, scores: Floats, alerted: Flags, before: Floats) -> tuple[Span, ...]:
    """Return the spans of the test period, equally long in time. before: the scores of validation."""
    clock = test.clock_us
    length = max(int(clock[-1] - clock[0]) + 1, 1)
    place = (clock - clock[0]) * SPANS // length
    return tuple(_span(test, scores, alerted, before, np.flatnonzero(place == number)) for number in np.unique(place))


def _span(test: Period, scores: Floats, alerted: Flags, before: Floats, rows: np.ndarray) -> Span:
    known = rows[test.labelled[rows]]
    found = r.of_alerted(alerted[known], test.positive[known])
    clock = test.clock_us[rows]
    days = max(int(clock[-1] - clock[0]) / 86_400_000_000, 1 / 24)
    return Span(
        first=iso(int(clock[0])),
        last=iso(int(clock[-1])),
        payments=len(rows),
        frauds=int(test.positive[rows].sum()),
        ap=r.average_precision(r.rank(scores[known], test.positive[known])),
        precision=found.precision,
        recall=found.recall,
        alerts_per_day=float(alerted[rows].sum()) / days,
        score_psi=psi(before, scores[rows]),
    )


def moved(facts: pa.Table, names: Sequence[str], train_stop: int, test_start: int) -> tuple[Moved, ...]:
    """Return the numeric facts among `names` that moved most between training and test rows."""
    found = []
    for name in names:
        column = facts.column(name)
        if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
            values = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
            found.append(Moved(fact=name, psi=psi(values[:train_stop], values[test_start:])))
    return tuple(sorted(found, key=lambda row: (-row.psi, row.fact))[:MOST_FACTS])


def psi(before: Floats, after: Floats) -> float:
    """Return the population stability index of `after` against `before`; missing values are a group of their own."""
    known = before[~np.isnan(before)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, _TENTHS + 1)[1:-1])) if len(known) else np.zeros(0)
    shares = [_shares(values, edges) for values in (before, after)]
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def _shares(values: Floats, edges: Floats) -> Floats:
    group = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="right"))
    counted = np.bincount(group, minlength=len(edges) + 2) / max(len(values), 1)
    return np.maximum(counted, _LEAST_SHARE)
