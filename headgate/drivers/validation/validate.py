"""The run behind a validation pack: the evaluation, then what challenges it, in the order of the pack."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from headgate.connectors.dataset import Dataset
from headgate.drivers.evaluation.compare import Against
from headgate.drivers.evaluation.evaluate import Finished, evaluated
from headgate.drivers.evaluation.measure import operate
from headgate.drivers.evaluation.prepare import Options, Parts, every_column, teaching
from headgate.drivers.evaluation.stopwatch import Progress, Stopwatch
from headgate.drivers.validation.limits import limits
from headgate.drivers.validation.pack import Pack
from headgate.drivers.validation.rerun import rerun
from headgate.drivers.validation.sensitivity import changes, sensitivity
from headgate.drivers.validation.stability import moved, spans


def validate(
    dataset: Dataset,
    parts: Parts,
    options: Options,
    arguments: Sequence[str],
    *,
    watch: Stopwatch,
    progress: Progress,
) -> Pack:
    """Return the pack of a dataset. arguments: the options of the command, for the fresh process."""
    done: Finished = evaluated(dataset, parts, options, watch=watch, progress=progress)
    rows, scored = done.rows, done.scored["all"]
    how = teaching(dataset, rows.known, parts, options)
    at = Against(rows.periods["test"], options.seed, options.resamples)
    with progress("Sensitivity", len(changes(how))) as tick:
        sensitive = sensitivity(rows, parts, how, scored.test, at, tick)
    split = rows.known.split
    alerted = operate(rows.periods["validation"], rows.periods["test"], scored).alerted
    over_time = spans(rows.periods["test"], scored.test, alerted, scored.validation)
    shifted = moved(rows.facts, every_column(parts.scenarios), split.train_stop, split.valid_stop)
    with progress("Re-run in a fresh process", 1) as tick:
        compared, again = rerun(Path(dataset.folder), arguments, done.result)
        tick(1)
    return Pack(
        data=dataset.folder,
        result=done.result,
        model_hash=done.model.content_hash,
        rerun=compared,
        again=again,
        sensitivity=sensitive,
        spans=over_time,
        moved=shifted,
        limits=limits(done.result, over_time, sensitive, shifted),
    )
