"""Both folds in one ordered pass: entries go in one by one, decisions, alerts and case changes come out.

Replay, demo and service call it and nothing else decides. It owns `seq`: deadlines that passed before an entry take
their place in the journal before it, so what `step` returns in `entries` is what belongs in the journal. It reads no
clock and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import pyarrow as pa

from headgate.cases.case import Alert, CaseChange
from headgate.cases.grouping import CaseState
from headgate.cases.lifecycle import CASE
from headgate.decisions.decide import DecisionState
from headgate.decisions.holds import PAYMENT, HoldChange
from headgate.decisions.record import Decision, explained
from headgate.drivers.rules import Rules
from headgate.drivers.trial import Trial, decisions_of, trial_of, watch_of
from headgate.errors import UnavailableError
from headgate.facts.digest import digest_of
from headgate.facts.engine import Engine
from headgate.facts.values import FactValue, Witness
from headgate.journal.entries import Action, Activation, Entry, ListEntry, Outcome, Payment, Timer
from headgate.journal.schema import from_block
from headgate.models.model import Model
from headgate.models.reasons import reasons
from headgate.models.scorer import Scorers
from headgate.models.watch import DriftWatch
from headgate.scenarios.firing import Fired, Together
from headgate.scenarios.scenario import Scenario

Facts = Mapping[str, FactValue]


class Passed(NamedTuple):
    """Deadlines that passed with no entry after them, as placed in the journal, and what they brought."""

    timers: tuple[Timer, ...] = ()
    hold_changes: tuple[HoldChange, ...] = ()


_NOTHING_PASSED = Passed()


class Step(NamedTuple):
    """What one entry brought. `entry` is as placed in the journal; `timers` are the deadlines placed before it."""

    entry: Entry
    timers: tuple[Timer, ...] = ()
    facts: Facts | None = None
    decision: Decision | None = None
    alert: Alert | None = None
    case_changes: tuple[CaseChange, ...] = ()
    hold_changes: tuple[HoldChange, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What belongs in the journal, in order."""
        return (*self.timers, self.entry)

    @property
    def witnesses(self) -> tuple[Witness, ...]:
        """The payments behind the decision."""
        return self.decision.evidence if self.decision else ()


class Pipeline:
    """Fold 1, scenarios, model, fold 2: one state, one order.

    engine: computes the facts that scenarios and models read. decisions and cases: the two halves of fold 2. next_seq:
    the place of the next entry. trial: what is tried out. rule_set: finds rules by the hash that an activation names;
    without it activations change nothing. rules_hash: the rules in force. Where an entry is refused, nothing of it has
    changed; deadlines that passed before it are delivered by the next step.
    """

    def __init__(
        self,
        engine: Engine,
        scenarios: Sequence[Scenario],
        model: Model | None,
        decisions: DecisionState,
        cases: CaseState,
        *,
        next_seq: int = 0,
        last_clock_us: int = 0,
        trial: Trial = Trial(),  # noqa: B008
        rule_set: Callable[[str], Rules] | None = None,
        rules_hash: str = "",
    ) -> None:
        self.engine = engine
        self.cases = cases
        self.next_seq = next_seq
        self.last_clock_us = last_clock_us
        self._rule_set = rule_set
        self.scorers = Scorers(None, None)
        self.watch: DriftWatch | None = None
        self._decide_by(scenarios, model, decisions, trial, rules_hash)
        self._timers: list[Timer] = []
        self._expired: list[HoldChange] = []

    def remember(self, block: pa.RecordBatch) -> None:
        """Take history on which nothing is decided: only facts, hubs and lists learn from it."""
        if self.scorers.remember:
            self.scorers.learn(self.engine.observe(block), block)
        else:
            self.engine.absorb(block)
        self.remembered(block)

    def remembered(self, block: pa.RecordBatch) -> None:
        """Take history that the engine has already seen."""
        for entry in from_block(block):
            if isinstance(entry, Payment):
                self.cases.observe(entry)
            elif isinstance(entry, ListEntry):
                self.decisions.apply(entry)
            self._place_after(entry)

    def tick(self, clock_us: int) -> Passed:
        """Place the deadlines that have passed at a clock; for the quiet hours of a service."""
        self._expire(clock_us)
        return self._delivered()

    def step(self, entry: Entry) -> Step:
        """Take one entry in the order of the journal; its own seq is replaced by its place.

        Raises what the engine raises for an entry that is malformed or out of order, and what `check` raises for an
        action.
        """
        if not isinstance(entry, Timer):
            self._expire(entry.clock_us)
        placed = entry if entry.seq == self.next_seq else msgspec.structs.replace(entry, seq=self.next_seq)
        if isinstance(placed, Payment):
            facts = self.engine.observe_one(placed)
            self._place_after(placed)
            assert facts is not None
            return self._decide(placed, facts)
        if isinstance(placed, Action | Activation):
            self.check(placed)
        self.engine.observe_one(placed)
        self._place_after(placed)
        if isinstance(placed, Activation):
            self._activate(placed)
        elif isinstance(placed, Outcome) and self.watch is not None and placed.outcome != "recall":
            self.watch.came(placed.tx_id, placed.outcome == "fraud")
        settled = self._settle(placed)
        timers, expired = self._delivered()
        return Step(placed, timers, case_changes=self._regroup(placed), hold_changes=(*expired, *settled))

    def check(self, entry: Entry) -> None:
        """Raise what `step` would raise for the values of an entry, and change nothing; seq and clock do not count."""
        self.engine.check(entry)
        if isinstance(entry, Action) and entry.subject_kind == CASE:
            self.cases.check(entry)
        elif isinstance(entry, Action) and entry.subject_kind == PAYMENT:
            self.decisions.check(entry)
        elif isinstance(entry, Activation) and self._rule_set and entry.subject_kind == "rules":
            self._check_facts(self._rule_set(entry.content_hash))

    def _check_facts(self, rules: Rules) -> None:
        missing = set(rules.facts) - set(self.engine.names)
        if missing:
            raise UnavailableError(
                f"The rules read facts that are not computed here, for instance {min(missing)}",
                where=f"rules {rules.content_hash[:12]}",
                repair="Stop the service and start it again: it folds the journal with these facts before it answers.",
            )

    def _activate(self, entry: Activation) -> None:
        """Put the rules in force that an entry names; what is remembered of payments and people stays."""
        if self._rule_set is None or entry.subject_kind != "rules" or entry.content_hash == self.rules_hash:
            return
        rules = self._rule_set(entry.content_hash)
        decisions = decisions_of(rules)
        decisions.load(self.decisions.state())
        self._decide_by(rules.scenarios, rules.model, decisions, trial_of(rules), entry.content_hash)

    def _decide_by(
        self,
        scenarios: Sequence[Scenario],
        model: Model | None,
        decisions: DecisionState,
        trial: Trial,
        rules_hash: str,
    ) -> None:
        """Decide by these from now on. A model that stays keeps the scores that it gave and what its watch has seen."""
        self._together, self.model, self.decisions = Together(scenarios), model, decisions
        self.trial, self.rules_hash = trial, rules_hash
        self._names: tuple[str, ...] | None = None
        self._named_for: Engine | None = None  # the engine whose names were compared with those of the trial
        self._digest = digest_of(trial.facts or self.engine.names)
        self.scorers = Scorers(model, trial.candidate, self.scorers)
        watch, before = watch_of(model, decisions), self.watch
        if watch is not None and before is not None:
            watch.load(before.state())
        self.watch = watch

    def _decide(self, payment: Payment, computed: Facts) -> Step:
        self.cases.observe(payment)
        facts = self._decided(computed)
        margins = self.scorers.judge(payment, computed)
        fired, aside = self.trial.divide(self._together.fire(computed, payment.direction), payment.tx_id, margins)
        margin = None if self.model is None else margins[self.model.content_hash]
        digest = self._digest(facts)  # the engine gives them in the order of its names
        decision = self.decisions.decide(payment, facts, fired, margin, facts_digest=digest, aside=aside)
        if self.watch is not None and self.model is not None and margin is not None:
            if self.watch.take(payment.seq, payment.clock_us, margin):
                self.watch.show(margin, self.model.row_judged())
            if decision.alert:
                self.watch.alerted(payment.tx_id, self.model.probability_one(margin))
        if decision.action != "allow" or decision.alert:
            model = self.trial.candidate if aside.ranks else self.model
            seen = facts if model is None else {**facts, **self.scorers.said(model.content_hash)}
            decision = self._explained(decision, seen, fired, model)
        timers, expired = self._delivered()
        if not decision.alert:
            return Step(payment, timers, facts, decision, hold_changes=expired)
        alert = Alert(payment=payment, decision=decision, reference_minor=_amount(facts))
        return Step(payment, timers, facts, decision, alert, self.cases.add(alert), expired)

    def _decided(self, computed: Facts) -> Facts:
        """The facts that have an effect and stand in the record, of all that the engine computed."""
        if self._named_for is not self.engine:
            names = self.trial.facts
            self._names, self._named_for = None if names == self.engine.names else names, self.engine
        return computed if self._names is None else {name: computed[name] for name in self._names}

    def _explained(self, decision: Decision, facts: Facts, fired: Iterable[Fired], model: Model | None) -> Decision:
        why = () if model is None else reasons(model, facts)
        named = (*(name for each in fired for name in each.facts), *(reason.fact for reason in why))
        computed = frozenset(self.engine.names)
        evidence = (self.engine.evidence(name) for name in dict.fromkeys(named) if name in computed and facts.get(name))
        return explained(
            decision, (reason.sentence for reason in why), (witness for witness in evidence if witness.payments)
        )

    def _settle(self, entry: Entry) -> tuple[HoldChange, ...]:
        """What an entry does to payments that wait; what people decide about a case acts on all its payments."""
        if isinstance(entry, Action) and entry.subject_kind == CASE:
            changes = self.decisions.settle(entry, self.cases.alerts(entry.subject))
        else:
            change = self.decisions.apply(entry)
            changes = () if change is None else (change,)
        return tuple(map(self._with_case, changes))

    def _regroup(self, entry: Entry) -> tuple[CaseChange, ...]:
        return self.cases.apply(entry) if isinstance(entry, Action) and entry.subject_kind == CASE else ()

    def _expire(self, clock_us: int) -> None:
        """Place every deadline that has passed, each at its own clock or, where others came meanwhile, at theirs."""
        for due in self.decisions.due(clock_us):
            timer = msgspec.structs.replace(due, seq=self.next_seq, clock_us=max(due.due_us, self.last_clock_us))
            self.engine.observe_one(timer)
            self._place_after(timer)
            change = self.decisions.apply(timer)
            self._timers.append(timer)
            self._expired += [] if change is None else [self._with_case(change)]

    def _place_after(self, entry: Entry) -> None:
        self.next_seq = entry.seq + 1
        self.last_clock_us = entry.clock_us

    def _with_case(self, change: HoldChange) -> HoldChange:
        case_id = self.cases.case_of(change.tx_id)
        return change if case_id is None else msgspec.structs.replace(change, case_id=case_id)

    def _delivered(self) -> Passed:
        if not self._timers:
            return _NOTHING_PASSED
        passed = Passed(tuple(self._timers), tuple(self._expired))
        self._timers, self._expired = [], []
        return passed


def _amount(facts: Facts) -> int:
    amount = facts["amount"]
    assert isinstance(amount, int), "the engine of a pipeline computes the fact `amount`"
    return amount
