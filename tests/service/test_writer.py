"""The writer: answers once, keeps what it answered, and comes back from every failure with the same state."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from headgate.charter.pseudonyms import Vault
from headgate.errors import (
    ConflictError,
    FarFutureError,
    FieldError,
    NotFoundError,
    UnavailableError,
)
from headgate.journal.entries import Action, Outcome, Payment, Timer
from headgate.limits import MAX_QUEUE
from headgate.service.around import Folded
from headgate.service.commands.act import Act
from headgate.service.commands.person import case_action
from headgate.service.wire import OutcomeIn
from headgate.service.writer import Writer
from headgate.stores.store import Batch

if TYPE_CHECKING:
    from conftest import Bank

T0 = 1_741_104_000_000_000
MINUTE_US = 60_000_000


def get(answer: Future[Any]) -> Any:
    return answer.result(timeout=60)


def outcome(**more: Any) -> OutcomeIn:
    return OutcomeIn(**{"outcome_id": "O-1", "tx_id": "P-0062", "outcome": "fraud", "source": "customer", **more})


def test_a_payment_is_decided_once_and_the_first_answer_comes_again(empty_bank: Bank) -> None:
    one = empty_bank.payment(1, "DE-1", "DE-2", 125_000, T0)
    (first,) = get(empty_bank.writer.decide([one]))
    empty_bank.now_us += 5 * MINUTE_US
    (again,) = get(empty_bank.writer.decide([one]))
    assert (first.repeated, again.repeated) == (False, True)
    assert first.decision == again.decision == empty_bank.store.decision("P-0001")
    assert empty_bank.store.last_seq() == 0


def test_other_content_under_the_same_id_is_a_conflict_and_changes_nothing(empty_bank: Bank) -> None:
    one = empty_bank.payment(1, "DE-1", "DE-2", 125_000, T0)
    get(empty_bank.writer.decide([one]))
    for change in ({"amount_minor": 1}, {"payee": "DE-3"}, {"rail": "card"}, {"ts_us": T0 + 1}):
        with pytest.raises(ConflictError, match="other content"):
            get(empty_bank.writer.decide([msgspec.structs.replace(one, **change)]))
    assert empty_bank.store.last_seq() == 0


def test_a_list_is_decided_whole_or_not_at_all(empty_bank: Bank) -> None:
    good, ahead = (
        empty_bank.payment(1, "DE-1", "DE-2", 100, T0),
        empty_bank.payment(2, "DE-1", "DE-2", 100, T0 + 6 * MINUTE_US),
    )
    with pytest.raises(FarFutureError):
        get(empty_bank.writer.decide([good, ahead]))
    assert empty_bank.store.last_seq() == -1
    answers = get(empty_bank.writer.decide([good, good]))
    assert [answer.repeated for answer in answers] == [False, True]
    with pytest.raises(ConflictError):
        get(
            empty_bank.writer.decide(
                [empty_bank.payment(3, "DE-1", "DE-2", 1, T0), empty_bank.payment(3, "DE-1", "DE-2", 2, T0)]
            )
        )
    assert empty_bank.store.last_seq() == 0


def test_an_amount_beyond_the_reference_limit_is_refused_and_nothing_has_to_be_rebuilt(empty_bank: Bank) -> None:
    with pytest.raises(FieldError, match="outside the limits"):
        get(empty_bank.writer.decide([empty_bank.payment(1, "DE-1", "DE-2", 10**12, T0)]))
    assert empty_bank.writer.ready
    assert empty_bank.log == []


def test_an_old_payment_is_counted_at_the_clock_and_marked_late(empty_bank: Bank) -> None:
    (answer,) = get(empty_bank.writer.decide([empty_bank.payment(1, "DE-1", "DE-2", 100, T0 - 60 * MINUTE_US)]))
    kept = empty_bank.store.payment("P-0001")
    assert kept is not None
    assert (kept.late, kept.clock_us, answer.decision.clock_us) == (True, T0, T0)


def test_time_never_runs_backwards(empty_bank: Bank) -> None:
    get(empty_bank.writer.decide([empty_bank.payment(1, "DE-1", "DE-2", 100, T0)]))
    empty_bank.now_us -= 60 * MINUTE_US
    (answer,) = get(empty_bank.writer.decide([empty_bank.payment(2, "DE-1", "DE-2", 100, T0)]))
    assert answer.decision.clock_us == T0


def test_no_account_id_reaches_the_store(empty_bank: Bank) -> None:
    get(empty_bank.writer.decide([empty_bank.payment(1, "DE-SECRET-1", "DE-SECRET-2", 100, T0)]))
    empty_bank.writer.stop()
    for path in empty_bank.folder.glob("headgate.db*"):
        assert b"DE-SECRET" not in path.read_bytes()


def test_requests_that_wait_together_are_committed_together(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, sizes = threading.Event(), []
    commit = bank.store.commit

    def slow(batch: Batch) -> None:
        gate.wait(30)
        sizes.append(len(batch.entries))
        commit(batch)

    monkeypatch.setattr(bank.store, "commit", slow)
    answers = [bank.writer.decide([bank.payment(100 + n, "DE-1", "DE-2", 100 + n, bank.now_us)]) for n in range(20)]
    gate.set()
    assert [get(answer)[0].decision.tx_id for answer in answers] == [f"P-{100 + n:04d}" for n in range(20)]
    assert sum(sizes) == 20
    assert len(sizes) <= 3


def test_a_refused_request_does_not_disturb_its_neighbours(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    named = bank.vault.name
    monkeypatch.setattr(bank.vault, "name", lambda *given: (gate.wait(30), named(*given))[1])
    known = msgspec.structs.replace(bank.story()[0], amount_minor=1)
    answers = [
        bank.writer.decide([each])
        for each in (bank.payment(200, "DE-1", "DE-2", 5, T0), known, bank.payment(201, "DE-1", "DE-2", 6, T0))
    ]
    gate.set()
    assert get(answers[0])[0].decision.tx_id == "P-0200"
    with pytest.raises(ConflictError):
        get(answers[1])
    assert get(answers[2])[0].decision.tx_id == "P-0201"


def payments_in(bank: Bank) -> list[str]:
    return [entry.tx_id for entry in bank.store.tail() if isinstance(entry, Payment)]


class CrashError(Exception):
    """Stands for the end of the process."""


@pytest.mark.parametrize("committed", [False, True])
def test_a_crash_around_the_commit_leaves_every_acknowledged_decision_exactly_once(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    before, commit = payments_in(bank), bank.store.commit

    def crash(batch: Batch) -> None:
        if committed:
            commit(batch)
        raise CrashError

    monkeypatch.setattr(bank.store, "commit", crash)
    new = bank.payment(300, "M-3", "M-9", 88_000, bank.now_us)
    with pytest.raises(UnavailableError):
        get(bank.writer.decide([new]))
    bank.close()
    bank.open()
    assert payments_in(bank) == before + ["P-0300"] * committed
    bank.writer.start()
    (answer,) = get(bank.writer.decide([new]))
    assert answer.repeated is committed
    assert payments_in(bank) == [*before, "P-0300"]


@pytest.mark.parametrize("step", ["vault", "fold", "commit"])
def test_after_a_failure_at_any_step_the_state_is_the_one_of_a_service_that_never_failed(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def broken(*given: object, **more: object) -> None:
        raise UnavailableError("The disk is full", repair="Make room.")

    target: Any = {
        "vault": (Vault, "name"),
        "fold": (bank.writer._folded, "pipeline"),
        "commit": (bank.store, "commit"),
    }
    new = [bank.payment(400 + n, f"N-{3 + n}", f"N-{4 + n}", 88_000 - 500 * n, bank.now_us) for n in range(3)]
    get(bank.writer.decide(new[:1]))
    with monkeypatch.context() as patched:
        if step == "fold":
            assert bank.writer._folded is not None
            patched.setattr(bank.writer._folded.pipeline.cases, "observe", broken)
        else:
            patched.setattr(*target[step], broken)
        with pytest.raises(UnavailableError):
            get(bank.writer.decide(new[1:2]))
    get_when_ready(bank, new[1:2])
    get_when_ready(bank, new[2:])
    live = bank.writer._folded
    assert live is not None
    again = bank.folded()
    assert again.pipeline.cases.state() == live.pipeline.cases.state()
    assert again.pipeline.decisions.state() == live.pipeline.decisions.state()
    assert again.pipeline.next_seq == live.pipeline.next_seq
    decided = {decision.tx_id: decision for decision in bank.store.decisions()}
    assert refolded(bank) == decided


def get_when_ready(bank: Bank, payments: list[Any]) -> None:
    """A caller that is told 503 sends again; the writer folds its state anew before the next group."""
    waiting = threading.Event()
    for _ in range(200):
        try:
            get(bank.writer.decide(payments))
        except UnavailableError:
            waiting.wait(0.05)
        else:
            return
    raise AssertionError("the writer did not come back")


def refolded(bank: Bank) -> dict[str, Any]:
    """What a fresh pipeline decides on the journal of the store."""
    seen = bank.folded().pipeline
    fresh = type(seen)(
        type(seen.engine)(seen.engine.names),
        bank.rules.scenarios,
        None,
        type(seen.decisions)(bank.rules.policy),
        type(seen.cases)(),
    )
    steps = [fresh.step(entry) for entry in bank.store.tail()]
    return {step.decision.tx_id: step.decision for step in steps if step.decision}


def test_while_the_state_cannot_be_rebuilt_everything_is_refused_in_words(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object) -> Folded:
        raise UnavailableError("The disk is gone", repair="Bring it back.")

    monkeypatch.setattr(bank.writer, "_restore", broken)
    monkeypatch.setattr(bank.store, "commit", broken)
    for _ in range(2):
        with pytest.raises(UnavailableError):
            get(bank.writer.decide([bank.payment(500, "DE-1", "DE-2", 1, T0)]))
    assert not bank.writer.ready
    assert bank.writer.last_seq == -1
    assert bank.log


def test_what_could_not_be_decided_is_counted_and_its_interval_put_on_record_once(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(batch: Batch) -> None:
        raise UnavailableError("The disk is full", repair="Make room.")

    with monkeypatch.context() as patched:
        patched.setattr(bank.store, "commit", full)
        with pytest.raises(UnavailableError):
            get(bank.writer.decide([bank.payment(501, "DE-1", "DE-2", 1, T0)]))
        with pytest.raises(UnavailableError):
            get(bank.writer.decide([bank.payment(502, "DE-1", "DE-2", 1, T0)]))
    get_when_ready(bank, [bank.payment(503, "DE-1", "DE-2", 1, T0)])
    kept = [entry for entry in bank.store.tail() if isinstance(entry, Action) and entry.subject_kind == "service"]
    assert sum(int(entry.reason.split(" ", 1)[0]) for entry in kept) == bank.writer.refused.count >= 2
    assert bank.writer.refused.pending is None
    assert {(entry.actor, entry.action, entry.subject) for entry in kept} == {("headgate", "refused", "decisions")}
    told = [(each.seq, each.sentence) for each in bank.store.announcements() if each.kind == "service.refused"]
    assert told == [(entry.seq, entry.reason) for entry in kept]


def test_a_hold_releases_itself_in_time_while_the_same_payment_is_sent_over_and_over(bank: Bank) -> None:
    held = hold_one(bank)
    bank.now_us = (held[-1].hold_expires_us or 0) + 1
    (again,) = get(bank.writer.decide([bank.story()[0]]))
    assert again.repeated
    assert [entry.tx_id for entry in bank.store.tail() if isinstance(entry, Timer)] == [held[-1].tx_id]


def test_an_id_that_cannot_be_is_refused_without_disturbing_its_neighbours(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [
        bank.writer.decide([bank.payment(504 + n, payer, "DE-2", 5, T0)]) for n, payer in enumerate(("D" * 129, "DE-1"))
    ]
    with pytest.raises(FieldError, match="129 characters"):
        get(answers[0])
    assert get(answers[1])[0].decision.tx_id == "P-0505"
    assert bank.log == []


def test_a_stopped_writer_and_one_that_has_not_started_refuse(bank: Bank) -> None:
    bank.writer.stop()
    with pytest.raises(UnavailableError, match="stopping"):
        bank.writer.decide([bank.payment(1, "a", "b", 1, T0)])
    fresh = Writer(bank.store, bank.vault, bank.folded, lambda: T0, bank.log.append)
    with pytest.raises(UnavailableError, match="not started"):
        fresh.decide([bank.payment(1, "a", "b", 1, T0)])


def test_the_queue_is_bounded(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    named = bank.vault.name
    monkeypatch.setattr(bank.vault, "name", lambda *given: (gate.wait(60), named(*given))[1])
    waiting = [bank.writer.decide([bank.story()[0]]) for _ in range(MAX_QUEUE)]
    with pytest.raises(UnavailableError, match=f"{MAX_QUEUE} requests"):
        waiting += [bank.writer.decide([bank.story()[0]]) for _ in range(MAX_QUEUE)]
    gate.set()
    assert all(get(answer)[0].repeated for answer in waiting)


def test_what_waits_is_answered_before_the_writer_ends(bank: Bank) -> None:
    answers = [bank.writer.decide([bank.payment(600 + n, "DE-1", "DE-2", 1 + n, T0)]) for n in range(30)]
    bank.writer.stop()
    assert [get(answer)[0].decision.tx_id for answer in answers] == [f"P-{600 + n:04d}" for n in range(30)]


def test_a_hold_releases_itself_when_its_time_has_come(bank: Bank) -> None:
    held = hold_one(bank)
    expires_us = held[-1].hold_expires_us
    assert expires_us is not None
    bank.now_us = expires_us + MINUTE_US
    waiting = threading.Event()
    for _ in range(100):
        timers = [entry for entry in bank.store.tail() if isinstance(entry, Timer)]
        if timers:
            break
        waiting.wait(0.1)
    assert [(timer.tx_id, timer.due_us) for timer in timers] == [(held[-1].tx_id, expires_us)]
    assert timers[0].clock_us == expires_us


def hold_one(bank: Bank) -> list[Any]:
    """A mule gets money from somebody new and hands it on to somebody new: held by its scenario."""
    start = bank.now_us
    habit = [bank.payment(710 + n, "MULE", "SHOP-1", 1_500, start + n * MINUTE_US) for n in range(3)]
    bank.tell([*habit, bank.payment(720, "VICTIM", "MULE", 90_000, start + 5 * MINUTE_US)])
    bank.tell([bank.payment(721, "MULE", "BOSS", 88_000, start + 9 * MINUTE_US)])
    return [decision for decision in bank.store.decisions() if decision.action == "hold"]


def test_an_outcome_is_known_from_its_own_clock_on_and_told_once(bank: Bank) -> None:
    bank.now_us += MINUTE_US
    (first,) = get(bank.writer.learn([outcome()]))
    (again,) = get(bank.writer.learn([outcome()]))
    assert (first.repeated, again.repeated, first.clock_us, again.clock_us) == (False, True, bank.now_us, bank.now_us)
    kept = [entry for entry in bank.store.tail() if isinstance(entry, Outcome)]
    judged = bank.store.payment("P-0062")
    assert judged is not None
    assert [(o.payer, o.payee, o.amount_minor, o.payment_clock_us) for o in kept] == [
        (judged.payer, judged.payee, judged.amount_minor, judged.clock_us)
    ]


def test_an_outcome_that_contradicts_itself_or_points_nowhere_is_refused(bank: Bank) -> None:
    get(bank.writer.learn([outcome()]))
    with pytest.raises(ConflictError, match="other content"):
        get(bank.writer.learn([outcome(outcome="fine")]))
    with pytest.raises(NotFoundError, match="no payment"):
        get(bank.writer.learn([outcome(outcome_id="O-2", tx_id="P-9999")]))
    with pytest.raises(NotFoundError, match="to correct"):
        get(bank.writer.learn([outcome(outcome_id="O-2", supersedes="O-99")]))
    get(bank.writer.learn([outcome(outcome_id="O-2", outcome="fine", supersedes="O-1")]))


def act(bank: Bank, move: Any, name: str = "a-1", case_id: str = "C-000001", reason: str = "Checked.") -> Any:
    bank.now_us += MINUTE_US
    return get(bank.writer.tell(Act(case_action(name, "ada", move, case_id, reason))))


def outcomes_of(bank: Bank) -> list[tuple[str, str, str | None]]:
    return [(e.outcome_id, e.outcome, e.supersedes) for e in bank.store.tail() if isinstance(e, Outcome)]


def test_confirming_a_case_tells_the_outcome_of_its_payments_and_correcting_it_corrects_them(bank: Bank) -> None:
    assert act(bank, "confirm").state == "confirmed"
    ((first, said, corrects),) = outcomes_of(bank)
    assert (said, corrects) == ("fraud", None)
    assert act(bank, "reopen", "a-2").state == "open"
    assert act(bank, "dismiss", "a-3").state == "dismissed"
    assert [(said, corrects) for _, said, corrects in outcomes_of(bank)] == [("fraud", None), ("fine", first)]
    kept = bank.store.case("C-000001")
    assert kept is not None
    assert [line.action for line in kept.history] == ["confirm", "reopen", "dismiss"]


def test_the_same_action_twice_is_done_once_and_another_one_meets_a_conflict(bank: Bank) -> None:
    first = act(bank, "dismiss")
    again = act(bank, "dismiss")
    assert again == first
    assert len(outcomes_of(bank)) == 1
    with pytest.raises(ConflictError, match="other content"):
        act(bank, "dismiss", reason="Another reason.")
    with pytest.raises(ConflictError, match="dismissed"):
        act(bank, "confirm", "a-2")
    with pytest.raises(NotFoundError):
        act(bank, "confirm", "a-3", "C-000099")
    with pytest.raises(FieldError, match="reason"):
        act(bank, "confirm", "a-4", "C-000002", " ")


def test_a_reason_may_be_as_long_as_the_limit_says(bank: Bank) -> None:
    assert act(bank, "dismiss", reason="word " * 700 + "end").state == "dismissed"


def test_what_people_did_is_still_known_after_a_restart(bank: Bank) -> None:
    first = act(bank, "confirm")
    get(bank.writer.learn([outcome(tx_id="P-0065")]))
    bank.close()
    bank.open()
    bank.writer.start()
    assert act(bank, "confirm") == first
    assert get(bank.writer.learn([outcome(tx_id="P-0065")]))[0].repeated
