from __future__ import annotations

import pytest

from headgate.cases.case import Alert, Case
from headgate.cases.grouping import CaseState
from headgate.cases.lifecycle import CASE_ACTIONS, payments_held
from headgate.decisions.record import Decision
from headgate.errors import ConflictError, FieldError
from headgate.journal.entries import Action, Payment
from headgate.limits import MAX_NOTE_CHARS


def alert(seq: int, payer: str, payee: str) -> Alert:
    paid = Payment(
        seq=seq, clock_us=seq, tx_id=f"t{seq}", ts_us=seq, payer=payer, payee=payee, amount_minor=5, currency="EUR"
    )
    decision = Decision(
        tx_id=paid.tx_id, seq=seq, clock_us=seq, action="hold", alert=True, score=None, probability=None,
        rank_score=3.5, threshold=0.0,
    )  # fmt: skip
    return Alert(payment=paid, decision=decision, reference_minor=5)


def action(name: str, reason: str = "Seen the documents.", actor: str = "ana", subject: str = "C-000001") -> Action:
    return Action(
        seq=9, clock_us=90, action_id="x", actor=actor, action=name, subject_kind="case", subject=subject, reason=reason
    )


def one_case() -> CaseState:
    state = CaseState()
    state.add(alert(0, "a", "b"))
    return state


def state_after(*names: str) -> Case:
    state = one_case()
    for name in names:
        state.apply(action(name))
    return state.case("C-000001")


def test_a_case_is_confirmed_dismissed_and_reopened_with_its_history() -> None:
    assert state_after("confirm").state == "confirmed"
    assert state_after("dismiss").state == "dismissed"
    case = state_after("dismiss", "reopen", "confirm")
    assert case.state == "confirmed"
    assert [(line.actor, line.action, line.reason) for line in case.history] == [
        ("ana", name, "Seen the documents.") for name in ("dismiss", "reopen", "confirm")
    ]


@pytest.mark.parametrize("before", [("confirm",), ("dismiss",)])
def test_a_closed_case_is_not_closed_again(before: tuple[str, ...]) -> None:
    for name in ("confirm", "dismiss"):
        with pytest.raises(ConflictError, match="needs a case that is open"):
            state_after(*before, name)


def test_an_open_case_is_not_reopened() -> None:
    with pytest.raises(ConflictError, match="confirmed or dismissed"):
        state_after("reopen")


def test_a_reason_and_a_person_are_needed() -> None:
    state = one_case()
    for wrong in (action("confirm", reason="  "), action("confirm", actor=" "), action("confirm", reason="x" * 5000)):
        with pytest.raises(FieldError):
            state.apply(wrong)
    assert state.case("C-000001").state == "open"
    assert state.apply(action("confirm", reason="x" * MAX_NOTE_CHARS))[0].change == "confirmed"


def test_an_unknown_action_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(FieldError, match="Did you mean 'dismiss'"):
        one_case().apply(action("dismis"))
    assert CASE_ACTIONS == ("confirm", "dismiss", "reopen")


def test_a_merged_case_says_where_it_went() -> None:
    state = one_case()
    state.add(alert(1, "c", "d"))
    state.add(alert(2, "b", "c"))
    with pytest.raises(ConflictError, match="merged into C-000001"):
        state.apply(action("confirm", subject="C-000002"))


def test_a_closed_case_takes_no_alert_and_the_next_one_names_it() -> None:
    state = one_case()
    state.apply(action("dismiss"))
    change = state.add(alert(5, "b", "z"))[-1]
    assert (change.change, change.case.id, change.case.related) == ("opened", "C-000002", ("C-000001",))


def test_a_reopened_case_takes_alerts_again() -> None:
    state = one_case()
    state.apply(action("dismiss"))
    state.apply(action("reopen"))
    assert state.add(alert(5, "b", "z"))[-1].case.id == "C-000001"


def test_the_payments_of_a_case_that_are_held_are_known() -> None:
    state = one_case()
    state.add(alert(1, "b", "c"))
    case = state.case("C-000001")
    assert payments_held(case, {"t1", "elsewhere"}) == ("t1",)


def test_age_and_value_are_of_the_case() -> None:
    case = one_case().case("C-000001")
    assert (case.age_us(70), case.age_us(-5), case.value_minor, case.rank_score) == (70, 0, 5, 3.5)
