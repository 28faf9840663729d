"""Backtest: what a scenario, a model or a policy would have changed in the history of a home, before it is turned on.

The journal of the home is folded by a fresh engine in blocks, with the facts that the candidate needs; conditions are
read by columns. Decisions are taken twice over the same entries, without and with the candidate, and compared. What was
recorded is only read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headgate.cases.case import Alert
from headgate.cases.lifecycle import CASE
from headgate.decisions.policy import Policy
from headgate.decisions.record import Decision
from headgate.drivers.backtested import Backtest, Compared, Row
from headgate.drivers.branch import Branch, Instead, refired
from headgate.drivers.home import Home
from headgate.drivers.known import known_outcomes
from headgate.drivers.rules import ALWAYS, Rules
from headgate.errors import NotFoundError
from headgate.facts.engine import Engine
from headgate.facts.values import FactValue
from headgate.journal.entries import Action, Activation, Entry, ListEntry, Payment
from headgate.journal.schema import from_block
from headgate.limits import BACKTEST_EXAMPLES
from headgate.models.calibration import Floats
from headgate.models.model import Model
from headgate.models.reasons import reasons
from headgate.models.scorer import Scorer
from headgate.scenarios.firing import Fired, fired, masks, speaks_about
from headgate.scenarios.scenario import Scenario
from headgate.stores.whole import decisions

Tick = Callable[[int], object]
ALL_TIME: Final = (0, 2**62)


class Candidate(NamedTuple):
    """What is tried: one of the three."""

    scenario: Scenario | None = None
    model: Model | None = None
    policy: Policy | None = None

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts to compute: its own, and those that fold 2 reads."""
        own = self.scenario.facts if self.scenario else self.model.asked if self.model else ()
        return tuple(dict.fromkeys((*ALWAYS, *own)))

    @property
    def name(self) -> tuple[str, str]:
        """What it is called, and the hash of its content."""
        if self.scenario:
            return f"scenario {self.scenario.id}", self.scenario.content_hash
        if self.model:
            return "model", self.model.content_hash
        assert self.policy, "something is tried"
        return "policy", self.policy.content_hash


def backtest(
    home: Home, candidate: Candidate, period: tuple[int, int] = ALL_TIME, tick: Tick = lambda entries: None
) -> Backtest:
    """Return what the candidate would have changed in [from, to) of a home, microseconds UTC.

    tick hears of every journal entry. Raises NotFoundError where no payment was decided in the period.
    """
    course = _Course(home, candidate, period)
    decided = iter(decisions(home.store, home.settings.decided_from_seq))
    for block in home.blocks():
        course.take(block, decided)
        tick(block.num_rows)
    if not course.compared.payments:
        raise NotFoundError(
            "No payment was decided in this period",
            where=str(home.paths.root),
            repair=f"Decisions of this home are from {course.first_day} to {course.last_day}: name days among these.",
        )
    name, content_hash = candidate.name
    return course.compared.result(name, content_hash, known_outcomes(home), home.settings.reference_currency)


class _Course:
    """Both courses of decisions, as the journal goes by."""

    def __init__(self, home: Home, candidate: Candidate, period: tuple[int, int]) -> None:
        self._home = home
        self._candidate = candidate
        self._from_us, self._to_us = period
        settings = home.settings
        self._engine = Engine(
            candidate.facts, reference_currency=settings.reference_currency, time_zone=settings.time_zone
        )  # fmt: skip
        self._scorer = None if candidate.model is None else Scorer(candidate.model)
        rules = _first_rules(home)
        self._without = Branch(rules)
        self._with = Branch(rules)
        self._begun = False
        self._rules = rules
        self.compared = Compared(BACKTEST_EXAMPLES)
        self.first_day = self.last_day = ""

    def take(self, block: pa.RecordBatch, decided: Iterator[Decision]) -> None:
        """Take a block of the journal; the part that was only learnt from is only learnt from."""
        start = self._home.settings.decided_from_seq - int(block.column("seq")[0].as_py())
        history = block.slice(0, max(0, start))
        if history.num_rows:
            self._remember(history)
            for entry in from_block(history):
                if isinstance(entry, ListEntry):
                    self._both(entry)
        rest = block.slice(max(0, start))
        if rest.num_rows:
            self._decided(rest, decided)

    def _remember(self, history: pa.RecordBatch) -> None:
        if self._scorer is None or not self._scorer.remembers:
            self._engine.absorb(history)
        else:
            self._scorer.learn(self._engine.observe(history), _payments(history))

    def _decided(self, block: pa.RecordBatch, decided: Iterator[Decision]) -> None:
        batch = self._engine.observe(block)
        rows = _Rows(batch, self._candidate, self._scorer, _payments(block))
        place = 0
        for entry in from_block(block):
            if isinstance(entry, Payment):
                self._compare(entry, next(decided), rows, place)
                place += 1
            elif isinstance(entry, Activation):
                self._activate(entry)
            else:
                self._both(entry)

    def _compare(self, payment: Payment, was: Decision, rows: _Rows, place: int) -> None:
        assert was.tx_id == payment.tx_id, "every payment of the decided part has its decision, in order"
        day = _day(payment.clock_us)
        self.first_day, self.last_day = self.first_day or day, day
        if not self._begun and payment.clock_us >= self._from_us:
            self._begin()
        facts, fired = rows.facts(place), refired(was.fired)
        without = self._without.decide(payment, facts, fired, was, None)
        inside = self._from_us <= payment.clock_us < self._to_us
        added = rows.fired(place, payment) if inside else None
        if inside and self._candidate.scenario:
            fired = [each for each in fired if each.scenario_id != self._candidate.scenario.id]
        tried = self._with.decide(payment, facts, [*fired, *((added,) if added else ())], was, rows.margin(place))
        if inside:
            reason = added.reason if added else ""
            if not reason and tried.alert and not without.alert:
                reason = rows.reason(place)
            amount = facts["amount"]
            assert isinstance(amount, int)
            self.compared.add(Row(payment, amount, was, without, tried, added is not None, reason))

    def _begin(self) -> None:
        """From here on the candidate is in force; what was remembered until here stays."""
        instead = Instead(self._candidate.policy, self._candidate.model)
        self._with = self._with.turned(self._rules, instead)
        self._begun = True

    def _activate(self, entry: Activation) -> None:
        if entry.subject_kind == "rules":
            self._rules = self._home.rule_sets.get(entry.content_hash)
            for branch in (self._without, self._with):
                branch.activate(self._rules)

    def _both(self, entry: Entry) -> None:
        alerts = self._alerts(entry)
        for branch in (self._without, self._with):
            branch.apply(entry, alerts)

    def _alerts(self, entry: Entry) -> tuple[Alert, ...]:
        """The recorded alerts of the case that a person judged, as far as there were any at that time."""
        if not isinstance(entry, Action) or entry.subject_kind != CASE:
            return ()
        case = self._home.store.case(entry.subject)
        ids = [alert.tx_id for alert in case.alerts if alert.clock_us <= entry.clock_us] if case else []
        return self._home.store.alerts(ids)


class _Rows:
    """What fold 1 and the candidate say of the payments of one block."""

    def __init__(
        self, batch: pa.RecordBatch, candidate: Candidate, scorer: Scorer | None, payments: Sequence[Payment]
    ) -> None:
        self._batch: pa.RecordBatch | pa.Table = batch
        self._candidate = candidate
        self._always = [batch.column(name).to_pylist() for name in ALWAYS]
        scenario = candidate.scenario
        self._fires = masks((scenario,), batch)[scenario.id] if scenario else None
        self._margins: Floats | None = None
        if scorer is not None and batch.num_rows:
            self._margins, self._batch = scorer.judge_block(batch, payments)

    def facts(self, place: int) -> Mapping[str, FactValue]:
        """What fold 2 reads."""
        return {name: column[place] for name, column in zip(ALWAYS, self._always, strict=True)}

    def margin(self, place: int) -> float | None:
        """The margin of the candidate model."""
        return None if self._margins is None else float(self._margins[place])

    def fired(self, place: int, payment: Payment) -> Fired | None:
        """The candidate scenario where it fires, with its reason filled in."""
        scenario = self._candidate.scenario
        if scenario is None or self._fires is None or not self._fires[place]:
            return None
        return fired(scenario, self._all(place)) if speaks_about(scenario, payment.direction) else None

    def reason(self, place: int) -> str:
        """The strongest reason of the candidate model."""
        model = self._candidate.model
        why = reasons(model, self._all(place), most=1) if model else ()
        return why[0].sentence if why else ""

    def _all(self, place: int) -> dict[str, FactValue]:
        return {name: self._batch.column(name)[place].as_py() for name in self._batch.schema.names}


def _payments(block: pa.RecordBatch) -> list[Payment]:
    return [entry for entry in from_block(block) if isinstance(entry, Payment)]


def _first_rules(home: Home) -> Rules:
    """The rules by which the decided part of a home begins."""
    for block in home.blocks():
        named = block.filter(pc.equal(block.column("subject_kind"), "rules")).column("content_hash")
        if len(named):
            return home.rule_sets.get(named[0].as_py())
    return home.rules


def _day(clock_us: int) -> str:
    return str(np.datetime64(clock_us, "us").astype("datetime64[D]"))
