from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.decisions.holds import CLEAR, CONFIRM, PERSON_ACTIONS, RELEASE, STOP, Holds, is_person
from headgate.errors import ConflictError, FieldError, NotFoundError
from headgate.journal.entries import PaymentStatusChange, Timer

HOUR = 3_600_000_000
IDS = ("a", "b", "c")

steps = st.lists(
    st.one_of(
        st.tuples(st.just("hold"), st.sampled_from(IDS), st.integers(1, 5)),
        st.tuples(st.just("stop"), st.sampled_from(IDS), st.just(0)),
        st.tuples(st.just("act"), st.sampled_from(IDS), st.sampled_from(PERSON_ACTIONS)),
        st.tuples(st.just("machine"), st.sampled_from(IDS), st.sampled_from(PERSON_ACTIONS)),
        st.tuples(st.just("settle"), st.sampled_from(IDS), st.sampled_from((RELEASE, CONFIRM))),
        st.tuples(st.just("cancel"), st.sampled_from(IDS), st.just(0)),
        st.tuples(st.just("forged"), st.sampled_from(IDS), st.integers(0, 30)),
        st.tuples(st.just("tick"), st.just(""), st.integers(0, 3)),
        st.tuples(st.just("restore"), st.just(""), st.just(0)),
    ),
    max_size=40,
)


def status(tx_id: str, clock_us: int, new_status: Any = "cancelled") -> PaymentStatusChange:
    return PaymentStatusChange(
        seq=0,
        clock_us=clock_us,
        tx_id=tx_id,
        payer="p",
        payee="q",
        amount_minor=1,
        currency="EUR",
        new_status=new_status,
    )


@given(steps)
def test_no_way_leads_to_release_from_a_stop_or_to_harm_from_a_hold_without_a_person(
    kit: Any, taken: list[tuple[str, str, Any]]
) -> None:
    holds, clock, opened = Holds(2 * HOUR), 0, 0
    state: dict[str, str] = {}
    for kind, tx_id, given_ in taken:
        changes = []
        if kind == "hold" and holds.waiting(tx_id) is None:
            holds.hold(tx_id, "p", clock, clock + given_ * HOUR)
            state[tx_id], opened = "held", opened + 1
        elif kind == "stop" and holds.waiting(tx_id) is None:
            holds.stop(tx_id, "p", clock)
            state[tx_id] = "stopped"
        elif kind in ("act", "machine"):
            actor = "ada" if kind == "act" else "headgate"
            changes = [holds.apply_action(kit.act(given_, tx_id, clock_us=clock, actor=actor))]
        elif kind == "settle":
            changes = [holds.settle(tx_id, given_, kit.act("confirm", "C-1", kind="case", clock_us=clock))]
        elif kind == "cancel":
            changes = [holds.apply_status(status(tx_id, clock))]
        elif kind == "forged":
            due_us = min(clock, given_ * HOUR)
            for timer in ("hold_expires", "legal_clock"):
                entry = Timer(seq=0, clock_us=clock, timer=timer, tx_id=tx_id, due_us=due_us)
                changes.append(holds.apply_timer(entry))
        elif kind == "tick":
            clock += given_ * HOUR
            changes = [holds.apply_timer(timer) for timer in holds.due(clock)]
            assert holds.due(clock) == ()
        elif kind == "restore":
            again = Holds(2 * HOUR)
            again.load(msgspec.msgpack.decode(msgspec.msgpack.encode(holds.state())))
            assert again.state() == holds.state()
            assert again.due(clock + 99 * HOUR) == holds.due(clock + 99 * HOUR)
            holds = again
        for change in changes:
            if change is None:
                continue
            before = state.get(change.tx_id)
            assert change.by == "person" or change.state in ("released", "withdrawn", "stopped")
            if before == "stopped":
                assert change.state in ("cleared", "stopped")
                assert change.state == "stopped" or (change.by == "person" and change.actor == "ada")
            if before == "held" and change.by != "person":
                assert change.state in ("released", "withdrawn")
            state[change.tx_id] = change.state
        for known, value in state.items():
            waiting = holds.waiting(known)
            assert (waiting.state if waiting else None) == (value if value in ("held", "stopped") else None)


def held(kit: Any, *, due_us: int = 5 * HOUR) -> Holds:
    holds = Holds(2 * HOUR)
    holds.hold("t1", "p", 0, due_us)
    return holds


def test_a_hold_releases_itself_when_its_time_is_over_and_not_before(kit: Any) -> None:
    holds = held(kit)
    assert holds.due(5 * HOUR - 1) == ()
    (timer,) = holds.due(5 * HOUR)
    assert (timer.timer, timer.tx_id, timer.due_us, timer.seq) == ("hold_expires", "t1", 5 * HOUR, -1)
    assert holds.waiting("t1") is not None, "asking changes nothing"
    change = holds.apply_timer(timer)
    assert change is not None
    assert (change.state, change.by, change.actor) == ("released", "timer", "")
    assert holds.waiting("t1") is None


def test_a_confirmed_hold_is_not_released_by_the_timer_that_comes_after(kit: Any) -> None:
    holds = held(kit)
    (timer,) = holds.due(5 * HOUR)
    change = holds.apply_action(kit.act(CONFIRM, "t1"))
    assert change is not None
    assert change.state == "confirmed"
    assert holds.apply_timer(timer) is None


def test_a_legal_stop_is_escalated_once_and_waits_on(kit: Any) -> None:
    holds = Holds(2 * HOUR)
    holds.stop("t1", "p", 0)
    (timer,) = holds.due(100 * HOUR)
    assert timer.timer == "legal_clock"
    change = holds.apply_timer(timer)
    assert change is not None
    assert change.escalated
    assert holds.due(10_000 * HOUR) == ()
    waiting = holds.waiting("t1")
    assert waiting is not None
    assert waiting.state == "stopped"


def test_a_person_who_forms_a_suspicion_turns_a_hold_into_a_legal_stop(kit: Any) -> None:
    holds = held(kit)
    holds.apply_action(kit.act(STOP, "t1", clock_us=HOUR))
    assert [timer.timer for timer in holds.due(100 * HOUR)] == ["legal_clock"]
    assert holds.apply_action(kit.act(RELEASE, "t1")) is None
    cleared = holds.apply_action(kit.act(CLEAR, "t1"))
    assert cleared is not None
    assert (cleared.state, cleared.actor) == ("cleared", "ada")


def test_timers_come_in_order_of_their_time(kit: Any) -> None:
    holds = Holds(HOUR)
    for number in (3, 1, 2):
        holds.hold(f"t{number}", "p", 0, number * HOUR)
    assert [timer.tx_id for timer in holds.due(3 * HOUR)] == ["t1", "t2", "t3"]


def test_a_payer_who_cancels_ends_the_hold_but_no_legal_stop(kit: Any) -> None:
    holds = held(kit)
    holds.stop("t2", "p", 0)
    assert holds.apply_status(status("t1", HOUR, "returned")) is None
    change = holds.apply_status(status("t1", HOUR))
    assert change is not None
    assert change.state == "withdrawn"
    assert holds.apply_status(status("t2", HOUR)) is None


def test_what_a_person_cannot_do_is_refused_with_its_repair(kit: Any) -> None:
    holds = held(kit)
    holds.check(kit.act(RELEASE, "t1"))
    holds.check(kit.act(STOP, "unheard-of"))
    with pytest.raises(FieldError, match="Did you mean 'release_hold'"):
        holds.check(kit.act("release_hodl", "t1"))
    with pytest.raises(FieldError, match="not a person"):
        holds.check(kit.act(RELEASE, "t1", actor="headgate"))
    with pytest.raises(FieldError, match="needs a reason"):
        holds.check(msgspec.structs.replace(kit.act(RELEASE, "t1"), reason=" "))
    with pytest.raises(NotFoundError, match="not waiting"):
        holds.check(kit.act(RELEASE, "t2"))
    with pytest.raises(ConflictError, match="takes 'release_hold' or"):
        holds.check(kit.act(CLEAR, "t1"))


@pytest.mark.parametrize("actor", ["", "  ", "headgate", "system", "System:timer", "HEADGATE:replay"])
def test_the_machine_is_no_person(actor: str) -> None:
    assert not is_person(actor)


def test_holds_have_a_bound(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headgate.decisions.holds.MAX_OPEN_HOLDS", 1)
    holds = held(kit)
    assert not holds.has_room
    holds.apply_action(kit.act(RELEASE, "t1"))
    assert holds.has_room


def test_deadlines_that_no_longer_hold_do_not_pile_up(kit: Any) -> None:
    holds = Holds(HOUR)
    holds.hold("first", "p", 0, HOUR)
    for number in range(500):
        holds.hold(f"t{number}", "p", 0, 5 * HOUR)
        holds.apply_action(kit.act(RELEASE, f"t{number}"))
    assert len(holds._due) < 70
