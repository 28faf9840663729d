"""Sensitivity: the same facts and split with other seeds and other settings of the learner, each against the run."""

from __future__ import annotations

from typing import Any

import msgspec

from headgate.drivers.evaluation.compare import Against, paired
from headgate.drivers.evaluation.intervals import Interval
from headgate.drivers.evaluation.learners import Teaching, scores_of, teach
from headgate.drivers.evaluation.prepare import Parts, Rows, every_column
from headgate.drivers.evaluation.ranking import Floats
from headgate.drivers.evaluation.stopwatch import Tick
from headgate.models.document import Settings

SEEDS = (1, 2, 3)


class Sensitive(msgspec.Struct, frozen=True, kw_only=True):
    """One change: what it found, and what the run lies above it, in pairs."""

    change: str
    ap: float | None
    ap_interval: Interval | None
    lost: float | None
    lost_interval: Interval | None


def changes(how: Teaching) -> dict[str, Teaching]:
    """Return the changes by their words: three seeds, and one step each way of the settings that matter most."""
    base = how.settings or Settings()
    steps: dict[str, dict[str, Any]] = {
        "half the leaves": {"leaves": max(base.leaves // 2, 2)},
        "twice the leaves": {"leaves": base.leaves * 2},
        "half the learning rate": {"learning_rate": base.learning_rate / 2},
        "twice the learning rate": {"learning_rate": base.learning_rate * 2},
        "five times the rows in a leaf": {"least_rows_in_leaf": base.least_rows_in_leaf * 5},
    }
    made = {f"seed {seed}": how._replace(seed=seed) for seed in SEEDS if seed != how.seed}
    for words, changed in steps.items():
        made[words] = how._replace(settings=msgspec.structs.replace(base, **changed))
    return made


def sensitivity(
    rows: Rows, parts: Parts, how: Teaching, whole: Floats, at: Against, tick: Tick
) -> tuple[Sensitive, ...]:
    """Return a row for each change. whole: the run's own scores on test."""
    columns = every_column(parts.scenarios)
    scores = {}
    for words, changed in changes(how).items():
        scores[words] = scores_of(teach(rows.facts, columns, changed), rows.facts, how.split).test
        tick(1)
    return tuple(
        Sensitive(change=words, ap=of.ap, ap_interval=of.interval, lost=of.lost, lost_interval=of.lost_interval)
        for words, of in paired(at, whole, scores).items()
    )
