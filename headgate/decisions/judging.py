"""What follows from the rank of a payment: by the model in force, and aside by what is only being tried out.

A payment, its fired scenarios and margins enter; what has effect and what is only recorded leave, apart. Both models
keep a line of their own. Nothing that is only recorded reaches the line, the rank or the action that has effect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from headgate.decisions.actions import ActionRules, Wanted
from headgate.decisions.policy import Policy
from headgate.decisions.ranker import Ranker, Scorer
from headgate.decisions.record import FiredScenario, Shadow
from headgate.facts.values import FactValue
from headgate.journal.entries import Payment
from headgate.scenarios.firing import Fired


class Aside(NamedTuple):
    """What is only recorded about a payment: fired scenarios without effect on it, the candidate's margin.

    ranks: the candidate ranks this payment, and what the model in force gave is recorded instead.
    """

    fired: Sequence[Fired] = ()
    margin: float | None = None
    ranks: bool = False


NOTHING_ASIDE = Aside()


class Seen(NamedTuple):
    """What both rankers look at. kept: fired with effect, without what is snoozed; quiet: what is snoozed."""

    payment: Payment
    amount: int
    kept: Sequence[Fired]
    quiet: frozenset[str]


class Judgement(NamedTuple):
    """What follows from the rank that one ranker gives."""

    ranker: Ranker
    margin: float | None
    probability: float | None
    rank: float
    wanted: Wanted


class Judges:
    """The ranker in force and, where a model is tried out, its own."""

    def __init__(self, policy: Policy, table: ActionRules, model: Scorer | None, candidate: Scorer | None) -> None:
        self.ranker = Ranker(policy, model)
        self._candidate = None if candidate is None else Ranker(policy, candidate)
        self._table = table

    def judge(
        self, seen: Seen, margin: float | None, facts: Mapping[str, FactValue], aside: Aside
    ) -> tuple[Judgement, Judgement | None]:
        """Return what has effect, and what the other ranker says where there is one; each counts for its own line."""
        made = self._counted(self.ranker, seen, margin, facts)
        if self._candidate is None:
            return made, None
        other = self._counted(self._candidate, seen, aside.margin, facts)
        return (other, made) if aside.ranks else (made, other)

    def shadow(self, seen: Seen, made: Judgement, other: Judgement | None, aside: Aside) -> Shadow | None:
        """Return what would have followed if everything that is only recorded had had effect; None where nothing is."""
        if other is None and not aside.fired:
            return None
        would = other or made
        added = [each for each in aside.fired if each.scenario_id not in seen.quiet]
        if added:
            would = self._judged(would.ranker, seen._replace(kept=[*seen.kept, *added]), would.margin)
        return Shadow(
            fired=recorded(aside.fired, seen.quiet),
            model=would.ranker.model_hash if other else "",
            score=would.margin if other else None,
            probability=would.probability if other else None,
            rank_score=would.rank,
            threshold=would.ranker.threshold,
            action=would.wanted.action,
            alert=would.wanted.alert,
        )

    def open_day(self, day: int) -> None:
        """Close the open day for both lines."""
        for ranker in self._rankers:
            ranker.open_day(day)

    def state(self) -> list[Any]:
        """Return everything as plain values."""
        return [ranker.state() for ranker in self._rankers]

    def load(self, state: Sequence[Mapping[str, Any]], open_day: int) -> bool:
        """Take the scores of models that are still in force; False where there is none among them.

        A model that comes new begins the open day with the days of its own validation.
        """
        known = {each["model"]: each for each in state}
        if not any(ranker.model_hash in known for ranker in self._rankers):
            return False
        for ranker in self._rankers:
            if ranker.model_hash in known:
                ranker.load(known[ranker.model_hash])
            else:
                ranker.open_day(open_day)
        return True

    @property
    def _rankers(self) -> tuple[Ranker, ...]:
        return (self.ranker,) if self._candidate is None else (self.ranker, self._candidate)

    def _counted(
        self, ranker: Ranker, seen: Seen, margin: float | None, facts: Mapping[str, FactValue]
    ) -> Judgement:  # fmt: skip
        judgement = self._judged(ranker, seen, margin)
        ranker.count(seen.payment, judgement.rank, facts, judgement.wanted.counts)
        return judgement

    def _judged(self, ranker: Ranker, seen: Seen, margin: float | None) -> Judgement:
        """What follows from one ranker; nothing is remembered."""
        probability, rank = ranker.probability(margin), ranker.rank(margin, seen.kept, seen.amount)
        above, sample = rank >= ranker.threshold, ranker.sample_below
        wanted = self._table.wanted(seen.payment, seen.kept, probability, seen.quiet, above, sample)
        return Judgement(ranker, margin, probability, rank, wanted)


def recorded(fired: Sequence[Fired], quiet: frozenset[str]) -> tuple[FiredScenario, ...]:
    """Return fired scenarios as they are recorded."""
    return tuple(
        FiredScenario(
            scenario_id=each.scenario_id,
            title=each.title,
            severity=each.severity,
            action=each.action,
            reason=each.reason,
            snoozed=each.scenario_id in quiet,
            content_hash=each.content_hash,
            stage=each.stage,
        )
        for each in fired
    )
