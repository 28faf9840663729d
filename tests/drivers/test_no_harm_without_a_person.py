"""Every way in which payments wait, walked at random: time releases no legal stop and harms nobody."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from headgate.cases.grouping import CaseState
from headgate.decisions.decide import DecisionState
from headgate.decisions.holds import HoldChange, is_person
from headgate.decisions.policy import parse_policy
from headgate.drivers.pipeline import Pipeline, Step
from headgate.errors import HeadgateError
from headgate.facts.engine import Engine
from headgate.journal.entries import Action, Entry, ListEntry, Payment, PaymentStatusChange, Timer
from headgate.limits import US_PER_SECOND

POLICY = parse_policy(
    """
[burden]
interventions = 1000
[control]
below_share = 0.2
[rails]
default = 3600
instant = 10
card = 0
[legal]
escalate_seconds = 7200
""",
    "policy.toml",
)
FACTS = ("amount", "payer_sent_distinct_28d", "payer_received_distinct_28d", "payee_sent_distinct_28d",
         "payee_received_distinct_28d")  # fmt: skip
RAILS = ("transfer", "instant", "card")
ACTORS = ("ada", "bob", "headgate", "headgate:timer", "system", " ")
MOVES = ("release_hold", "confirm_hold", "place_legal_stop", "clear_legal_stop")


class Waits(RuleBasedStateMachine):
    """`waiting` is what a person would write down who hears of every decision and change: state, since, due, rail."""

    def __init__(self) -> None:
        super().__init__()
        self.clock_us, self.number = 1, 0
        self.waiting: dict[str, tuple[str, int, int | None]] = {}
        self.rails: dict[str, str] = {}
        self.line = Pipeline(Engine(FACTS), (), None, DecisionState(POLICY), CaseState())

    @initialize()
    def lists(self) -> None:
        for name, account in (("deny", "DENIED"), ("sanctions", "LISTED")):
            self._step(
                ListEntry(
                    seq=0, clock_us=1, list_name=name, change="add", account=account, reason="r", actor="a",
                    second_actor="b",
                )
            )  # fmt: skip

    @rule(payee=st.sampled_from(("DENIED", "DENIED", "LISTED", "A", "B")), rail=st.sampled_from(RAILS))
    def pay(self, payee: str, rail: str) -> None:
        self.number += 1
        name = f"t{self.number}"
        self.rails[name] = rail
        self._step(
            Payment(
                seq=0, clock_us=self.clock_us, tx_id=name, ts_us=self.clock_us, payer=f"P{self.number % 3}",
                payee=payee, amount_minor=5_000, currency="EUR", rail=rail,
            )
        )  # fmt: skip

    @rule(move=st.sampled_from(MOVES), actor=st.sampled_from(ACTORS), back=st.integers(0, 6))
    def act_on_a_payment(self, move: str, actor: str, back: int) -> None:
        self._act("payment", f"t{max(1, self.number + 1 - back)}", move, actor)

    @rule(move=st.sampled_from(("confirm", "dismiss", "reopen")), actor=st.sampled_from(ACTORS), case=st.integers(1, 3))
    def act_on_a_case(self, move: str, actor: str, case: int) -> None:
        self._act("case", f"C-{case:06d}", move, actor)

    @rule(back=st.integers(0, 6))
    def cancel(self, back: int) -> None:
        self._step(
            PaymentStatusChange(
                seq=0, clock_us=self.clock_us, tx_id=f"t{max(1, self.number - back)}", payer="P0", payee="A",
                amount_minor=5_000, currency="EUR", new_status="cancelled",
            )
        )  # fmt: skip

    @rule(seconds=st.sampled_from((0, 1, 9, 10, 11, 3599, 3600, 7200, 86_400)), quiet=st.booleans())
    def wait(self, seconds: int, quiet: bool) -> None:
        self.clock_us += seconds * US_PER_SECOND
        if quiet:
            passed = self.line.tick(self.clock_us)
            self._changed(passed.hold_changes, passed.timers)

    @precondition(lambda self: self.number > 0)
    @rule()
    def restart_from_a_snapshot(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self.line.engine.snapshot(Path(folder) / "facts")
            decisions, cases = DecisionState(POLICY), CaseState()
            decisions.load(self.line.decisions.state())
            cases.load(self.line.cases.state())
            last = {"next_seq": self.line.next_seq, "last_clock_us": self.line.last_clock_us}
            self.line = Pipeline(Engine.restore(Path(folder) / "facts"), (), None, decisions, cases, **last)

    @invariant()
    def what_waits_is_what_was_told(self) -> None:
        found = {each.tx_id: (each.state, each.since_us, each.due_us) for each in self.line.decisions.holds.all()}
        assert found == self.waiting

    @invariant()
    def no_hold_is_longer_than_its_rail_allows_and_none_is_open_after_its_time(self) -> None:
        for name, (state, since_us, due_us) in self.waiting.items():
            if state == "held":
                assert due_us is not None
                assert due_us - since_us <= POLICY.longest_hold_seconds(self.rails[name]) * US_PER_SECOND
                assert self.rails[name] != "card", "a rail that cannot wait is never held"
                assert due_us > self.line.last_clock_us, "its time has passed in the journal"

    def _act(self, kind: str, subject: str, move: str, actor: str) -> None:
        name = f"x{self.line.next_seq}-{self.clock_us}"
        self._step(
            Action(
                seq=0, clock_us=self.clock_us, action_id=name, actor=actor, action=move, subject_kind=kind,
                subject=subject, reason="Looked into.",
            )
        )  # fmt: skip

    def _step(self, entry: Entry) -> None:
        try:
            step = self.line.step(entry)
        except HeadgateError:  # deadlines that passed before it are delivered by the next look
            passed = self.line.tick(self.clock_us)
            self._changed(passed.hold_changes, passed.timers)
            return
        self._changed(step.hold_changes, step.timers)
        if step.decision is not None and step.decision.action in ("hold", "legal_stop"):
            self._began(step)

    def _began(self, step: Step) -> None:
        decision = step.decision
        assert decision is not None
        if decision.action == "hold":
            self.waiting[decision.tx_id] = ("held", decision.clock_us, decision.hold_expires_us)
        elif "stop_placed" not in decision.adjustments:
            assert decision.adjustments[0] == "stop_list", "nothing but a list or a person stops a payment"
            due_us = decision.clock_us + POLICY.legal.escalate_seconds * US_PER_SECOND
            self.waiting[decision.tx_id] = ("stopped", decision.clock_us, due_us)

    def _changed(self, changes: Iterable[HoldChange], timers: Iterable[Timer]) -> None:
        due = {timer.tx_id for timer in timers}
        for change in changes:
            assert change.by != "timer" or change.tx_id in due, "time acts by an entry of the journal"
            self._moved(change)

    def _moved(self, change: HoldChange) -> None:
        """The whole table of what may happen to a payment that waits, written down a second time."""
        state, since_us, due_us = self.waiting.get(change.tx_id, ("none", 0, None))
        person = change.by == "person" and is_person(change.actor)
        if change.escalated:
            assert (state, change.state, change.by) == ("stopped", "stopped", "timer")
            self.waiting[change.tx_id] = ("stopped", since_us, None)
        elif change.state == "stopped":
            assert person, "a stop after the decision is placed by a person"
            assert state in ("none", "held")
            until_us = change.clock_us + POLICY.legal.escalate_seconds * US_PER_SECOND
            self.waiting[change.tx_id] = ("stopped", change.clock_us, until_us)
        else:
            self._ended(change, state, due_us, person)
            del self.waiting[change.tx_id]

    def _ended(self, change: HoldChange, state: str, due_us: int | None, person: bool) -> None:
        if state == "stopped":
            assert change.state == "cleared", "there is no way from a legal stop to release"
            assert person, "only a person clears a stop"
        elif change.state == "confirmed":
            assert person, "nothing adverse follows from a hold without a person"
        elif change.state == "released":
            assert person or (change.by == "timer" and due_us is not None and change.clock_us >= due_us)
        else:
            assert (change.state, change.by) == ("withdrawn", "payer")


TestWaits = Waits.TestCase
TestWaits.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
