"""Stability over time: the test period cut into spans, what each finds, and how far its facts moved from training.

The population stability index (PSI) is that of the drift watch: below 0.1 little has moved, above 0.25 much has.
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
from headgate.models.drift import spread_of, stability

SPANS = 6
MOST_FACTS = 20


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
    spread = spread_of(before)
    known = after[~np.isnan(after)]
    bins = np.bincount(np.searchsorted(spread.edges, known, side="left"), minlength=len(spread.shares) - 1)
    return stability(spread, [*bins.tolist(), len(after) - len(known)])
