"""The canary: labels that became known after the split are shuffled, and nothing before it may change by one bit.

Facts of the training and validation periods, the scenarios' points and the model itself are compared. A difference
means that something looks ahead; the run then says so instead of giving figures that nobody should trust.
"""

from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa

from headgate.connectors.dataset import Dataset
from headgate.drivers.evaluation.fold import fold
from headgate.drivers.evaluation.learners import Teaching, teach, with_past, with_points
from headgate.drivers.evaluation.outcomes import with_outcomes
from headgate.drivers.evaluation.prepare import Options, Parts, Rows, every_column, fact_names
from headgate.drivers.evaluation.stopwatch import Tick
from headgate.facts.past_scores import NAMES
from headgate.models.model import Model


class Canary(msgspec.Struct, frozen=True, kw_only=True):
    """What was shuffled and what it changed: `changed` names the columns that differ before the split, of `facts`."""

    shuffled: int
    moved: int
    payments: int
    facts: int
    changed: tuple[str, ...]
    same_model: bool

    @property
    def alive(self) -> bool:
        """Whether nothing before the split changed."""
        return not self.changed and self.same_model


def canary(
    dataset: Dataset, rows: Rows, parts: Parts, options: Options, how: Teaching, model: Model, tick: Tick
) -> Canary:
    """Return what shuffled labels of the future changed. model: the full model of the run."""
    split = rows.known.split
    late = np.flatnonzero((rows.known.label >= 0) & (rows.known.known_at_us >= split.valid_end_us))
    label = rows.known.label.copy()
    label[late] = np.random.default_rng(options.seed).permutation(label[late])
    ids = rows.known.tx_ids
    labels = dataset.labels | {ids[row]: int(label[row]) for row in late.tolist()}
    other = with_outcomes(dataset, labels, dataset.known_at_us)
    names = fact_names(parts.scenarios)
    facts = fold(
        other, names, time_zone=options.time_zone, reference=options.reference, tick=tick, payments=split.valid_stop
    )
    columns = every_column(parts.scenarios)
    after = with_past(rows.facts, columns, how._replace(labels=label))
    before = with_points(facts, parts.scenarios).slice(0, split.valid_stop)
    for name in NAMES:
        before = before.append_column(name, after.column(name).slice(0, split.valid_stop))
    changed = [name for name in columns if not same_bits(rows.facts.column(name), before.column(name))]
    again = teach(after, columns, how._replace(labels=label))
    return Canary(
        shuffled=len(late),
        moved=int((label != rows.known.label).sum()),
        payments=split.valid_stop,
        facts=len(columns),
        changed=tuple(changed),
        same_model=again.content_hash == model.content_hash,
    )


def same_bits(whole: pa.ChunkedArray, before: pa.ChunkedArray) -> bool:
    """Whether the first values of `whole` are those of `before`, NaN and null included, bit for bit."""
    whole = whole.slice(0, len(before))
    if not pa.types.is_floating(whole.type):
        return bool(whole.equals(before))
    one, other = (column.to_numpy(zero_copy_only=False).view(np.int64) for column in (whole, before))
    return whole.null_count == before.null_count and bool(np.array_equal(one, other))
