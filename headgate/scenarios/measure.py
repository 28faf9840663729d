"""What scenarios are worth on labelled payments: alerts a day, precision, recall, schemes found.

Facts, labels and scheme ids of the same payments enter; figures leave. A payment without a label counts as an alert
and towards no share.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headgate.limits import US_PER_DAY
from headgate.scenarios.firing import masks
from headgate.scenarios.scenario import Scenario

ALL = "any of them"


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one scenario, or of all together (`ALL`).

    precision: share of fraud among the labelled payments on which it fires. recall: share of the fraud on which it
    fires. Both are None where there is nothing to share. schemes: schemes with at least one such payment, of `of`.
    """

    scenario_id: str
    fired: int
    per_day: float
    precision: float | None
    recall: float | None
    schemes: int
    of: int


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """The truth about payments, row by row: label 1 fraud, 0 fine, -1 not known; scheme id or empty; clock."""

    label: npt.NDArray[np.int8]
    scheme: npt.NDArray[Any]
    clock_us: npt.NDArray[np.int64]

    @property
    def days(self) -> float:
        """The days from the first to the last payment, at least one."""
        return max(1.0, float(self.clock_us.max() - self.clock_us.min()) / US_PER_DAY) if len(self.clock_us) else 1.0


def measure(scenarios: Sequence[Scenario], facts: pa.RecordBatch | pa.Table, truth: Truth) -> tuple[Measured, ...]:
    """Return the figures of each scenario in order, and last those of all together."""
    by_id = masks(scenarios, facts)
    together = np.logical_or.reduce([np.zeros(facts.num_rows, np.bool_), *by_id.values()])
    return tuple(_figures(name, mask, truth) for name, mask in {**by_id, ALL: together}.items())


def _figures(name: str, mask: npt.NDArray[np.bool_], truth: Truth) -> Measured:
    fraud = truth.label == 1
    hits = int(np.sum(mask & fraud))
    return Measured(
        scenario_id=name,
        fired=int(mask.sum()),
        per_day=float(mask.sum()) / truth.days,
        precision=_share(hits, int(np.sum(mask & (truth.label >= 0)))),
        recall=_share(hits, int(fraud.sum())),
        schemes=_distinct(truth.scheme[mask]),
        of=_distinct(truth.scheme),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _distinct(schemes: npt.NDArray[Any]) -> int:
    return len(set(schemes.tolist()) - {""})
