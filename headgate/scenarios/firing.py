"""Scenarios on payments: which fire, with their reasons, and the points of a whole batch.

Compiled scenarios and facts enter. Hot code: all conditions are asked in one call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headgate.facts.values import FactValue
from headgate.scenarios.document import ScenarioAction, Severity
from headgate.scenarios.row import asked_of
from headgate.scenarios.scenario import Scenario


class Fired(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario that fired on a payment: the reason in words, the facts that it read, and words for the payer.

    stage: how far the scenario has been rolled out: `live`, `share` or `shadow`.
    """

    scenario_id: str
    title: str
    severity: Severity
    action: ScenarioAction
    reason: str
    facts: dict[str, FactValue]
    payer_words: str = ""
    content_hash: str = ""
    stage: str = "live"


class Together:
    """Scenarios that are asked together, in their order."""

    def __init__(self, scenarios: Iterable[Scenario]) -> None:
        self.scenarios = tuple(scenarios)
        self._asked = asked_of([scenario.applied.tree for scenario in self.scenarios])

    def fire(self, facts: Mapping[str, FactValue], direction: str = "both") -> tuple[Fired, ...]:
        """Return the scenarios that fire.

        direction: which side of the payment is a customer (`payer`, `payee` or `both`). Facts that are absent, None or
        NaN are unknown and make nothing fire. Raises TypeError for a fact of another type than a condition reads.
        """
        numbers = self._asked(facts)
        if not numbers:
            return ()
        found = (self.scenarios[number] for number in numbers)
        return tuple(fired(scenario, facts) for scenario in found if speaks_about(scenario, direction))


def speaks_about(scenario: Scenario, direction: str) -> bool:
    """Whether a scenario is meant for payments of which this side is a customer."""
    return direction == "both" or not scenario.sides or direction in scenario.sides


def fired(scenario: Scenario, facts: Mapping[str, FactValue]) -> Fired:
    """Return what a scenario says of these facts, on which it fires."""
    return Fired(
        scenario_id=scenario.id,
        title=scenario.title,
        severity=scenario.severity,
        action=scenario.action,
        reason=scenario.reason(facts),
        facts={name: facts.get(name) for name in scenario.facts},
        payer_words=scenario.file.payer_words,
        content_hash=scenario.content_hash,
    )


def needed(scenarios: Iterable[Scenario]) -> tuple[str, ...]:
    """Return the names of all facts that the scenarios read or show, in order of first use."""
    return tuple(dict.fromkeys(name for scenario in scenarios for name in scenario.facts))


def masks(scenarios: Sequence[Scenario], batch: pa.RecordBatch | pa.Table) -> dict[str, npt.NDArray[np.bool_]]:
    """Return for each scenario id the rows on which it fires; raises ConditionError for a missing column."""
    return {scenario.id: _mask(scenario, batch) for scenario in scenarios}


def points(scenarios: Sequence[Scenario], batch: pa.RecordBatch | pa.Table) -> npt.NDArray[np.float64]:
    """Return for each row the severity points of what fires, summed: the ranking by scenarios alone."""
    total = np.zeros(batch.num_rows, np.float64)
    for scenario in scenarios:
        total += scenario.points * _mask(scenario, batch)
    return total


def _mask(scenario: Scenario, batch: pa.RecordBatch | pa.Table) -> npt.NDArray[np.bool_]:
    return np.asarray(scenario.applied.column(batch).to_numpy(zero_copy_only=False), np.bool_)
