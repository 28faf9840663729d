"""The label-delay sweep: the same protocol as if every outcome had become known 0, 7 or 28 days after its payment.

Only facts that read outcomes are computed again; the others do not depend on them. A delay that the run had already is
not measured twice.
"""

from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa

from headgate.connectors.dataset import Dataset
from headgate.drivers.evaluation.compare import Against, paired
from headgate.drivers.evaluation.enough import require_periods
from headgate.drivers.evaluation.families import reads_outcomes
from headgate.drivers.evaluation.fold import fold
from headgate.drivers.evaluation.intervals import Interval
from headgate.drivers.evaluation.learners import POINTS, scores_of, teach, with_past, with_points
from headgate.drivers.evaluation.outcomes import with_delay
from headgate.drivers.evaluation.prepare import Known, Options, Parts, Rows, every_column, known_of, teaching
from headgate.drivers.evaluation.ranking import Floats
from headgate.drivers.evaluation.stopwatch import Tick
from headgate.errors import HeadgateError
from headgate.limits import US_PER_DAY

DELAYS_DAYS = (0, 7, 28)


class DelayRow(msgspec.Struct, frozen=True, kw_only=True):
    """One delay: what training knew, what it found; `why_not` says why it could not be measured.

    `lost` is what the run's own delay lies above this one, in pairs.
    """

    days: float
    known_frauds: int
    ap: float | None
    ap_interval: Interval | None
    lost: float | None
    lost_interval: Interval | None
    why_not: str = ""


def delay_sweep(
    dataset: Dataset, rows: Rows, parts: Parts, options: Options, whole: Floats, at: Against, tick: Tick
) -> tuple[DelayRow, ...]:
    """Return a row for each of `DELAYS_DAYS`. whole: the full model's scores on test at the run's own delay."""
    found = []
    for days in DELAYS_DAYS:
        found.append(_at_delay(dataset, rows, parts, options, days, whole, at))
        tick(1)
    return tuple(found)


def _at_delay(
    dataset: Dataset, rows: Rows, parts: Parts, options: Options, days: int, whole: Floats, at: Against
) -> DelayRow:
    delayed = with_delay(dataset, days * US_PER_DAY)
    options = options._replace(label_delay_us=days * US_PER_DAY)
    known = known_of(delayed, options)
    frauds = int((known.split.train_labels(known.label) == 1).sum())
    try:
        require_periods(known.split, known.label, known.clock_us, options.label_delay_us)
        scores = whole if _same(known, rows.known) else _scores(delayed, known, rows, parts, options)
    except HeadgateError as error:
        return DelayRow(
            days=days, known_frauds=frauds, ap=None, ap_interval=None, lost=None, lost_interval=None, why_not=error.what
        )
    of = paired(at, whole, {"delayed": scores})["delayed"]
    return DelayRow(
        days=days,
        known_frauds=frauds,
        ap=of.ap,
        ap_interval=of.interval,
        lost=of.lost,
        lost_interval=of.lost_interval,
    )


def _same(known: Known, run: Known) -> bool:
    return np.array_equal(known.known_at_us, run.known_at_us) and np.array_equal(known.label, run.label)


def _scores(delayed: Dataset, known: Known, rows: Rows, parts: Parts, options: Options) -> Floats:
    """The scores on test of both stages, taught with the outcomes as they came then."""
    how = teaching(delayed, known, parts, options)
    columns = every_column(parts.scenarios)
    facts = with_past(_facts(delayed, rows.facts, parts, options), columns, how)
    return scores_of(teach(facts, columns, how), facts, known.split).test


def _facts(delayed: Dataset, facts: pa.Table, parts: Parts, options: Options) -> pa.Table:
    """The facts with those that read outcomes computed anew, and the scenarios' points on them."""
    again = [name for name in facts.column_names if reads_outcomes(name)]
    if not again:
        return facts
    fresh = fold(delayed, again, time_zone=options.time_zone, reference=options.reference, tick=lambda rows: None)
    facts = facts.drop_columns([POINTS])
    for name in again:
        facts = facts.set_column(facts.schema.get_field_index(name), name, fresh.column(name))
    return with_points(facts, parts.scenarios)
