"""The long part of an evaluation: canary, ablation and label-delay sweep.

Runs after the default part, on the same facts, split and learner; asked for by `--full`.
"""

from __future__ import annotations

import msgspec

from headgate.connectors.dataset import Dataset
from headgate.drivers.evaluation.ablation import AblationRow, ablation
from headgate.drivers.evaluation.canary import Canary, canary
from headgate.drivers.evaluation.compare import Against
from headgate.drivers.evaluation.delays import DELAYS_DAYS, DelayRow, delay_sweep
from headgate.drivers.evaluation.families import families
from headgate.drivers.evaluation.measure import Scored
from headgate.drivers.evaluation.prepare import Options, Parts, Rows, every_column, teaching
from headgate.drivers.evaluation.stopwatch import Progress, Stopwatch
from headgate.models.model import Model


class Full(msgspec.Struct, frozen=True, kw_only=True):
    """What `--full` adds to an evaluation."""

    canary: Canary
    ablation: tuple[AblationRow, ...]
    delays: tuple[DelayRow, ...]


def full(
    dataset: Dataset,
    rows: Rows,
    parts: Parts,
    options: Options,
    model: Model,
    scored: Scored,
    watch: Stopwatch,
    progress: Progress,
) -> Full:
    """Return the long part."""
    how = teaching(dataset, rows.known, parts, options)
    at = Against(rows.periods["test"], options.seed, options.resamples)
    columns = every_column(parts.scenarios)
    with watch.step("canary"), progress("Canary: shuffling later labels", len(dataset.journal)) as tick:
        alive = canary(dataset, rows, parts, options, how, model, tick)
    with watch.step("ablation"), progress("Ablation", len(families(columns))) as tick:
        without = ablation(rows.facts, columns, how, scored.test, at, tick)
    with watch.step("label delays"), progress("Label delays", len(DELAYS_DAYS)) as tick:
        delays = delay_sweep(dataset, rows, parts, options, scored.test, at, tick)
    return Full(canary=alive, ablation=without, delays=delays)
