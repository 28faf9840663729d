from __future__ import annotations

import msgspec
import pytest

from headgate.cases.case import Alert
from headgate.cases.grouping import CaseState
from headgate.checks.journals import random_journal
from headgate.decisions.judging import Aside
from headgate.decisions.record import Decision, FiredScenario
from headgate.drivers.pipeline import Pipeline, Step
from headgate.errors import ConflictError, FieldError, OrderError
from headgate.facts.engine import Engine
from headgate.facts.values import FactValue
from headgate.journal.entries import Action, Entry, Payment, Timer
from headgate.journal.schema import to_block
from headgate.limits import US_PER_DAY, US_PER_HOUR
from headgate.scenarios.firing import Fired

NAMES = ("amount", "payer_sent_count_24h", "payee_received_sum_28d")
HOLD_US = 5 * US_PER_HOUR


class HoldsLargeAmounts:
    """A decider that is easy to foresee: every hundredth of an amount counts, holds last five hours."""

    def __init__(self) -> None:
        self.holds: dict[str, int] = {}
        self.applied: list[Entry] = []

    def decide(
        self,
        payment: Payment,
        facts: dict[str, FactValue],
        fired: tuple[Fired, ...],
        margin: float | None,
        *,
        facts_digest: str,
        aside: Aside,
    ) -> Decision:
        held = payment.amount_minor % 3 == 0
        if held:
            self.holds[payment.tx_id] = payment.clock_us + HOLD_US
        ring = FiredScenario(scenario_id="r", title="Ring", severity="high", action="hold", reason="Because.")
        return Decision(
            tx_id=payment.tx_id, seq=payment.seq, clock_us=payment.clock_us, action="hold" if held else "allow",
            alert=held, score=margin, probability=None, rank_score=1.0, threshold=0.5, fired=(ring,) if held else (),
            facts_digest=facts_digest,
        )  # fmt: skip

    def due(self, clock_us: int) -> tuple[Timer, ...]:
        due = sorted((at, tx) for tx, at in self.holds.items() if at <= clock_us)
        return tuple(Timer(seq=0, clock_us=at, timer="hold_expires", tx_id=tx, due_us=at) for at, tx in due)

    def apply(self, entry: Entry) -> None:
        self.applied.append(entry)
        if isinstance(entry, Timer):
            del self.holds[entry.tx_id]

    def settle(self, action: Action, alerts: tuple[Alert, ...]) -> tuple[()]:
        self.applied.append(action)
        return ()


def pipeline() -> Pipeline:
    return Pipeline(Engine(NAMES), (), None, HoldsLargeAmounts(), CaseState())


def payment(clock_us: int, amount: int = 3, tx_id: str = "") -> Payment:
    return Payment(
        seq=0, clock_us=clock_us, tx_id=tx_id or f"t{clock_us}", ts_us=clock_us, payer="a", payee="b",
        amount_minor=amount, currency="EUR",
    )  # fmt: skip


def close(case_id: str, action: str = "dismiss", clock_us: int = 1, reason: str = "A gift.") -> Action:
    return Action(
        seq=0, clock_us=clock_us, action_id=f"x{clock_us}", actor="ana", action=action, subject_kind="case",
        subject=case_id, reason=reason,
    )  # fmt: skip


def journal_of(steps: list[Step]) -> list[Entry]:
    return [entry for step in steps for entry in step.entries]


def test_a_payment_is_decided_with_its_facts_and_its_case() -> None:
    line = pipeline()
    first, second = line.step(payment(0, 1)), line.step(payment(US_PER_HOUR, 3))
    assert (first.decision.action, first.alert, first.case_changes) == ("allow", None, ())
    assert second.facts == {"amount": 3, "payer_sent_count_24h": 1, "payee_received_sum_28d": 1}
    assert second.alert.reference_minor == 3
    assert [(change.change, change.case.id) for change in second.case_changes] == [("opened", "C-000001")]


def test_deadlines_take_their_place_before_the_entry_that_comes_after_them() -> None:
    line = pipeline()
    steps = [line.step(payment(0)), line.step(payment(US_PER_HOUR)), line.step(payment(US_PER_DAY, 1))]
    assert [(entry.seq, type(entry).__name__, entry.clock_us) for entry in journal_of(steps)] == [
        (0, "Payment", 0),
        (1, "Payment", US_PER_HOUR),
        (2, "Timer", HOLD_US),
        (3, "Timer", HOLD_US + US_PER_HOUR),
        (4, "Payment", US_PER_DAY),
    ]
    assert steps[2].decision.seq == 4
    assert line.next_seq == 5


def test_deadlines_pass_in_quiet_hours_too() -> None:
    line = pipeline()
    line.step(payment(0))
    assert line.tick(HOLD_US - 1) == ()
    assert [timer.tx_id for timer in line.tick(HOLD_US)] == ["t0"]
    assert line.tick(US_PER_DAY) == ()


def test_a_deadline_never_runs_the_clock_back() -> None:
    line = pipeline()
    line.step(payment(100))
    line.decisions.holds["t100"] = 5
    step = line.step(payment(110, 1))
    assert [(timer.clock_us, timer.due_us) for timer in step.timers] == [(100, 5)]


def test_a_refused_entry_changes_nothing_and_deadlines_before_it_are_not_lost() -> None:
    line = pipeline()
    line.step(payment(0))
    for wrong, error in (
        (msgspec.structs.replace(payment(US_PER_DAY), amount_minor=-1), FieldError),
        (msgspec.structs.replace(payment(US_PER_DAY), clock_us=0), OrderError),
    ):
        with pytest.raises(error):
            line.step(wrong)
    step = line.step(payment(2 * US_PER_DAY, 1))
    assert [type(entry).__name__ for entry in step.entries] == ["Timer", "Payment"]
    assert [entry.seq for entry in step.entries] == [1, 2]


def test_an_action_changes_its_case_and_a_wrong_one_takes_no_place() -> None:
    line = pipeline()
    line.step(payment(0))
    with pytest.raises(FieldError):
        line.step(close("C-000001", reason=""))
    step = line.step(close("C-000001"))
    assert step.case_changes[0].case.state == "dismissed"
    with pytest.raises(ConflictError):
        line.step(close("C-000001", clock_us=2))
    assert line.step(close("C-000001", "reopen", clock_us=3)).entry.seq == 2


def test_a_journal_that_ran_once_gives_the_same_when_it_runs_again() -> None:
    entries = random_journal(seed=5, payments=150, days=20)
    first, second = pipeline(), pipeline()
    once = [first.step(entry) for entry in entries]
    again = [second.step(entry) for entry in journal_of(once)]
    assert any(step.timers for step in once)
    assert journal_of(again) == journal_of(once)
    assert [step.decision for step in again if step.decision] == [step.decision for step in once if step.decision]
    assert second.cases.state() == first.cases.state()


@pytest.mark.parametrize("history", [1, 60])
def test_history_is_learnt_from_and_not_decided(history: int) -> None:
    entries = random_journal(seed=6, payments=120, days=20)
    cold, warm = pipeline(), pipeline()
    block = to_block(entries[:history])
    cold.remember(block)
    warm.engine.observe(block)
    warm.remembered(block)
    assert cold.next_seq == history
    for entry in entries[history:]:
        assert cold.step(entry) == warm.step(entry)
    assert cold.cases.state() == warm.cases.state()
