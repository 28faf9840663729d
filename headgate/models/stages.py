"""A first stage by the usual training: what `train`, retraining, evaluation and the demo share.

Facts, labels and the split enter; facts with the columns of past scores leave. How it is done out of fold is in `past`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from headgate.charter.charter import Charter
from headgate.models.document import Origin, Settings
from headgate.models.model import Model
from headgate.models.past import FirstStage, Journal, coarse, first_stage
from headgate.models.split import Ints, Labels, Split
from headgate.models.training import train


class Growing(NamedTuple):
    """With what both stages are trained."""

    charter: Charter
    origin: Origin
    seed: int
    settings: Settings


def with_first_stage(
    facts: pa.Table,
    labels: Labels,
    known_at_us: Ints,
    split: Split,
    journal: Journal,
    how: Growing,
    names: Sequence[str] | None = None,
) -> FirstStage:
    """Return a first stage on the columns `names` (default: all but the keys), trained coarsely, and what follows.

    Raises as `training.train`.
    """

    def teach(part: pa.Table, known: Labels, clock_us: Ints, periods: Split) -> Model:
        return train(
            part,
            known,
            clock_us,
            periods,
            names=names,
            charter=how.charter,
            settings=coarse(how.settings),
            origin=how.origin,
            seed=how.seed,
        )

    return first_stage(facts, labels, known_at_us, split, journal, teach)
