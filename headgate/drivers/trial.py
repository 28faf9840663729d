"""What rules bring to a pipeline: a state of decisions, what is tried out beside it, a watch on the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from headgate.decisions.decide import DecisionState
from headgate.decisions.judging import NOTHING_ASIDE, Aside
from headgate.decisions.rollout import Rollout
from headgate.drivers.rules import Rules
from headgate.models.model import Model
from headgate.models.watch import DriftWatch
from headgate.scenarios.firing import Fired


class Trial(NamedTuple):
    """What is tried out beside what is in force: stages of scenarios, a candidate model.

    facts: those that have an effect and stand in the record, None where these are all that the engine computes.
    """

    rollout: Rollout = Rollout()
    candidate: Model | None = None
    facts: tuple[str, ...] | None = None

    def divide(self, fired: Sequence[Fired], tx_id: str, margins: Mapping[str, float]) -> tuple[Sequence[Fired], Aside]:
        """Return what has effect on a payment, and what is only recorded. margins: of both models, by their hashes."""
        candidate = self.candidate
        if candidate is None and not fired:
            return fired, NOTHING_ASIDE
        live, aside = self.rollout.divide(fired, tx_id)
        if candidate is not None:
            return live, Aside(aside, margins[candidate.content_hash], self.rollout.by_candidate(tx_id))
        return live, Aside(aside) if aside else NOTHING_ASIDE


def watch_of(model: Model | None, decisions: DecisionState) -> DriftWatch | None:
    """Return a watch that has seen nothing yet; None where there is no model."""
    return None if model is None else DriftWatch(model, decisions.policy.zone)


def trial_of(rules: Rules) -> Trial:
    """Return what rules try out."""
    return Trial(rules.rollout, rules.candidate, rules.decided_facts)


def decisions_of(rules: Rules) -> DecisionState:
    """Return the first half of fold 2 by these rules, at the start of a journal."""
    return DecisionState(rules.policy, model=rules.model, versions=rules.versions(), candidate=rules.candidate)
