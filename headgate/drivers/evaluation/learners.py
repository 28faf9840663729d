"""The three learners of a run: the raw row, the scenarios alone, and all facts with the scenarios' points.

Facts, labels and the split enter; scores of validation and test leave. The first and the last are the same learner
with the same settings, so that the difference is what they were given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from headgate.charter.charter import Charter
from headgate.drivers.evaluation.measure import Scored
from headgate.drivers.evaluation.ranking import Floats, Ints
from headgate.facts.past_scores import NAMES
from headgate.models.document import Origin, Settings
from headgate.models.model import Model
from headgate.models.past import Journal
from headgate.models.split import Labels, Split
from headgate.models.stages import Growing, with_first_stage
from headgate.models.training import train
from headgate.scenarios.firing import points
from headgate.scenarios.scenario import Scenario

RAW_ROW = ("amount", "currency", "channel", "rail", "hour_local", "weekday_local")
POINTS = "scenario_points"


class Teaching(NamedTuple):
    """What every learner is taught with; all but the last five have one value for each row of the facts."""

    labels: Labels
    known_at_us: Ints
    clock_us: Ints
    payers: Sequence[str]
    payees: Sequence[str]
    split: Split
    origin: Origin
    charter: Charter
    seed: int
    settings: Settings | None = None


def with_points(facts: pa.Table, scenarios: Sequence[Scenario]) -> pa.Table:
    """Return the facts with the severity points of all scenarios as one more column."""
    scored = [points(scenarios, block) for block in facts.to_batches(max_chunksize=65_536)]
    return facts.append_column(POINTS, pa.array(np.concatenate(scored), pa.float64()))


def with_past(facts: pa.Table, names: Sequence[str], how: Teaching) -> pa.Table:
    """Return the facts with the columns `NAMES` of past scores, by a first stage on the other `names`."""

    chosen = tuple(name for name in names if name not in NAMES)
    bare = facts.drop_columns([name for name in NAMES if name in facts.column_names])
    journal = Journal(how.clock_us, how.payers, how.payees)
    growing = Growing(how.charter, how.origin, how.seed, how.settings or Settings())
    return with_first_stage(bare, how.labels, how.known_at_us, how.split, journal, growing, chosen).facts


def teach(facts: pa.Table, names: Sequence[str], how: Teaching) -> Model:
    """Return a model that was trained on the columns `names`."""
    return train(
        facts,
        how.labels,
        how.clock_us,
        how.split,
        names=names,
        charter=how.charter,
        settings=how.settings,
        origin=how.origin,
        seed=how.seed,
    )


def scores_of(model: Model, facts: pa.Table, split: Split) -> Scored:
    """Return the margins of a model on the validation and test rows of the split."""
    margins = model.margin(facts.slice(split.train_stop))
    return _divided(margins, split)


def scores_of_points(facts: pa.Table, split: Split) -> Scored:
    """Return the scenarios' points on the validation and test rows of the split."""
    return _divided(facts.column(POINTS).to_numpy()[split.train_stop :], split)


def _divided(scores: Floats, split: Split) -> Scored:
    validation = split.valid_stop - split.train_stop
    return Scored(scores[:validation], scores[validation:])
