"""One course that decisions could have taken: fold 2 over the recorded journal, with one thing changed or none.

Entries enter in the order of the journal with what fold 1 and the scenarios said of each payment; decisions leave.
Deadlines follow from the course itself; what people did is done again where there is something to do it to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from headgate.cases.case import Alert
from headgate.cases.lifecycle import CASE
from headgate.decisions.decide import DecisionState
from headgate.decisions.judging import NOTHING_ASIDE, Aside
from headgate.decisions.policy import Policy
from headgate.decisions.record import Decision, FiredScenario
from headgate.drivers.rules import Rules
from headgate.facts.values import FactValue
from headgate.journal.entries import Action, Entry, Payment, Timer
from headgate.models.model import Model
from headgate.scenarios.document import ScenarioAction, Severity
from headgate.scenarios.firing import Fired


class Instead(NamedTuple):
    """What is in the place of the rules that were in force; None leaves them."""

    policy: Policy | None = None
    model: Model | None = None


class Branch:
    """A course of decisions by rules, with a policy or a model in the place of theirs."""

    def __init__(self, rules: Rules, instead: Instead = Instead()) -> None:  # noqa: B008
        self._instead = instead
        self._rules = rules
        self._state = self._fresh(rules)
        self._alerts: dict[str, Alert] = {}

    def turned(self, rules: Rules, instead: Instead) -> Branch:
        """Return the course that begins here with something in the place of the rules; this one goes on as it was."""
        turned = Branch(rules, instead)
        turned._state.load(self._state.state())
        turned._alerts = dict(self._alerts)
        return turned

    def activate(self, rules: Rules) -> None:
        """Go on by other rules."""
        state, self._rules = self._fresh(rules), rules
        state.load(self._state.state())
        self._state = state

    def apply(self, entry: Entry, alerts: Iterable[Alert] = ()) -> None:
        """Take an entry that is no payment; `alerts` are those of the case that an action is about."""
        if isinstance(entry, Timer):
            return
        self._expire(entry.clock_us)
        if isinstance(entry, Action) and entry.subject_kind == CASE:
            self._state.settle(entry, [self._alerts.get(alert.tx_id, alert) for alert in alerts])
        else:
            self._state.apply(entry)

    def decide(
        self,
        payment: Payment,
        facts: Mapping[str, FactValue],
        fired: Sequence[Fired],
        was: Decision,
        margin: float | None,
    ) -> Decision:
        """Return what would have been decided. was: the record; margin: of the model in the place of the recorded."""
        self._expire(payment.clock_us)
        aside = NOTHING_ASIDE
        if self._instead.model is None:
            margin, aside = self._recorded(was)
        decision = self._state.decide(payment, facts, fired, margin, aside=aside)
        if decision.alert:
            amount = facts["amount"]
            assert isinstance(amount, int)
            self._alerts[payment.tx_id] = Alert(payment=payment, decision=decision, reference_minor=amount)
        return decision

    def _fresh(self, rules: Rules) -> DecisionState:
        model = self._instead.model or rules.model
        candidate = None if self._instead.model else rules.candidate
        return DecisionState(self._instead.policy or rules.policy, model=model, candidate=candidate)

    def _recorded(self, was: Decision) -> tuple[float | None, Aside]:
        """The margins of the model in force and of the candidate, whichever of them ranked."""
        candidate = self._rules.candidate
        if candidate is None:
            return was.score, NOTHING_ASIDE
        other = None if was.shadow is None else was.shadow.score
        if was.versions.model == candidate.content_hash:
            return other, Aside(margin=was.score, ranks=True)
        return was.score, Aside(margin=other)

    def _expire(self, clock_us: int) -> None:
        for timer in self._state.due(clock_us):
            self._state.apply(msgspec.structs.replace(timer, clock_us=max(timer.due_us, timer.clock_us)))


def refired(recorded: Iterable[FiredScenario]) -> list[Fired]:
    """Return recorded scenarios as they fired, without the facts behind them."""
    return [
        Fired(
            scenario_id=each.scenario_id,
            title=each.title,
            severity=msgspec.convert(each.severity, Severity),
            action=msgspec.convert(each.action, ScenarioAction),
            reason=each.reason,
            facts={},
        )
        for each in recorded
    ]
