"""A ranker: one model, or the scenarios alone, with the scores of its days and the line that follows from them.

Margins and fired scenarios enter, a rank leaves. Scores of two models cannot be compared, so each has a ranker and a
line of its own; neither knows of the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from headgate.decisions.policy import Policy
from headgate.decisions.rank import (
    START_WITH_MODEL,
    START_WITHOUT_MODEL,
    allowance,
    rank_with_model,
    rank_without_model,
)
from headgate.decisions.scores import ScoreHistory, day_bound
from headgate.decisions.threshold import line
from headgate.facts.values import FactValue
from headgate.journal.entries import Payment
from headgate.models.history import ScoreDay
from headgate.scenarios.firing import Fired


class Scorer(Protocol):
    """What fold 2 needs of a model."""

    content_hash: str

    @property
    def score_days(self) -> tuple[ScoreDay, ...]:
        """The highest margins of the closed days of validation."""

    def probability_one(self, margin: float) -> float:
        """Return the calibrated probability of a margin."""


class Ranker:
    """Ranks payments by one model, None for scenarios alone.

    `threshold` is the line of the open day; `sample_below` the share of the payments below it that is read at random.
    """

    def __init__(self, policy: Policy, model: Scorer | None) -> None:
        self._policy = policy
        self._model = model
        self.model_hash = "" if model is None else model.content_hash
        seeds = () if model is None else model.score_days
        self._history = ScoreHistory(day_bound(policy.budget.cases_per_day), seeds)
        self._start = START_WITHOUT_MODEL if model is None else START_WITH_MODEL
        self.threshold = self._start
        self.sample_below = 0.0

    def probability(self, margin: float | None) -> float | None:
        """Return the calibrated probability of a margin; None without a model."""
        assert (margin is None) == (self._model is None), "a margin belongs to the model in force"
        return None if self._model is None or margin is None else self._model.probability_one(margin)

    def rank(self, margin: float | None, fired: Sequence[Fired], amount: int) -> float:
        """Return what a payment is compared with the line by."""
        if margin is None:
            return rank_without_model(fired, amount) if fired else 0.0
        return rank_with_model(margin, fired, self._policy.log_odds) if fired else margin

    def count(self, payment: Payment, rank: float, facts: Mapping[str, FactValue], counts: bool) -> None:
        """Remember a payment of the open day; its rank only where it counts towards the lines to come."""
        history = self._history
        history.count()
        if counts and rank > history.least_kept and (self._model is not None or rank > 0):
            history.keep(rank, payment.seq, payment.payer, payment.payee, facts)

    def open_day(self, day: int) -> None:
        """Close the open day; what is closed now makes the line."""
        self._history.open(day)
        self._set_line()

    def _set_line(self) -> None:
        closed = tuple(self._history.closed)
        self.threshold = line(closed, allowance(self._policy, self._model is not None), self._start)
        payments = self._history.payments_a_day()
        drawn_a_day = self._policy.control.below_share * self._policy.budget.cases_per_day
        self.sample_below = min(1.0, drawn_a_day / payments) if payments else 0.0

    def state(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {"model": self.model_hash, "history": self._history.state()}

    def load(self, state: Mapping[str, Any]) -> None:
        """Take the scores of a ranker with the same model."""
        assert state["model"] == self.model_hash, "scores of two models cannot be compared"
        self._history.load(state["history"])
        self._set_line()
