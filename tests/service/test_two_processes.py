"""What crosses between the process that decides and the one that answers, and what the end of either means."""

from __future__ import annotations

import os
import pickle
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate import errors
from headgate.drivers.home import Home
from headgate.errors import ConflictError, HeadgateError, UnavailableError
from headgate.journal.entries import Payment
from headgate.limits import MAX_QUEUE
from headgate.service.answers import DecisionOut
from headgate.service.apart.frames import Answered, Frames, Listening, Refused, Standing, Wish, framed
from headgate.service.commands.decide import Answer, Answers, Decide
from headgate.service.commands.note import Note
from headgate.service.inside import Deciding, Inside
from headgate.service.people import make_key
from tests.service.conftest import Bank, NoLog, NoWishes
from tests.service.test_serving_a_home import ROW, served
from tests.service.wired import Wired

VALUES = [
    Standing(True, "", 7, "abc", ""),
    Wish(3, question="published", arguments=(7,)),
    Refused(2, "full"),
    Listening(),
    Answered(4, {"a": 1}),
]


@given(st.lists(st.sampled_from(VALUES)), st.integers(1, 400))
def test_values_are_whole_again_in_whatever_pieces_their_bytes_come(values: list[Any], size: int) -> None:
    content = b"".join(map(framed, values))
    frames = Frames()
    pieces = [content[start : start + size] for start in range(0, len(content), size)]
    assert [value for piece in pieces for value in frames.feed(piece)] == values


def kinds_of(base: type[HeadgateError]) -> Iterator[type[HeadgateError]]:
    yield base
    for each in base.__subclasses__():
        yield from kinds_of(each)


@pytest.mark.parametrize("kind", sorted(set(kinds_of(HeadgateError)), key=lambda kind: kind.__name__))
def test_every_error_travels_with_all_that_it_says(kind: type[HeadgateError]) -> None:
    error = kind.__new__(kind)
    HeadgateError.__init__(error, "Something is wrong", where="there", repair="Do this.")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert (str(again), again.__dict__) == (str(error), error.__dict__)


def test_an_error_that_is_made_of_other_things_travels_too() -> None:
    made = errors.ConflictError("No", where="w", repair="r")
    made.__dict__["more"] = {"a": 1}
    assert pickle.loads(pickle.dumps(made)).__dict__ == made.__dict__


def test_payments_travel_as_they_are_and_decisions_arrive_as_they_are_told(
    bank: Bank, told_payments: list[Payment]
) -> None:
    asked = pickle.loads(pickle.dumps(Decide(told_payments)))
    assert asked.payments == told_payments
    decisions = [Answer(each, repeated=n % 2 == 0) for n, each in enumerate(bank.store.decisions())]
    again = pickle.loads(pickle.dumps(Answers(decisions)))
    told = [Answer(DecisionOut(**msgspec.structs.asdict(each.decision)), each.repeated) for each in decisions]
    assert (list(again), type(again)) == (told, Answers)


def over(bank: Bank, **more: Any) -> Wired:
    bank.wired = Wired(Inside(bank.writer, NoLog(), NoWishes(), lambda: b"counted"), **more)
    return bank.wired


def test_commands_questions_and_refusals_cross_and_come_back(bank: Bank, told_payments: list[Payment]) -> None:
    heard = threading.Event()
    wired = over(bank, listening=heard.set)
    far = wired.far
    wired.outer.say(Listening())
    assert heard.wait(60)
    assert (far.writer.ready, far.writer.trouble) == (True, bank.writer.trouble)
    assert (far.writer.last_seq, far.writer.rules_hash) == (bank.writer.last_seq, bank.writer.rules_hash)
    new = msgspec.structs.replace(told_payments[0], tx_id="NEW", ts_us=bank.now_us)
    ((decision, repeated),) = far.writer.decide([new]).result(timeout=60)
    assert (decision.tx_id, repeated, decision.seq) == ("NEW", False, far.writer.last_seq)
    with pytest.raises(ConflictError, match="came before with other content"):
        far.writer.decide([msgspec.structs.replace(new, amount_minor=1)]).result(timeout=60)
    assert far.figures() == b"counted"
    with pytest.raises(UnavailableError, match="No log is published"):
        far.log.published(3)
    assert (far.writer.queued, far.wishes.trouble) == (0, "")


def test_what_cannot_leave_its_process_is_an_error_and_nobody_waits(bank: Bank) -> None:
    far = over(bank).far
    with pytest.raises((AttributeError, pickle.PicklingError)):
        far.writer.tell(Note((lambda pen: None,)))  # type: ignore[arg-type, return-value]
    assert far.writer.queued == 0
    bank.writer.put = _answering_with(lambda: None)  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="cannot leave its process"):
        far.writer.decide([]).result(timeout=60)


def _answering_with(value: Any) -> Callable[..., None]:
    def put(command: Any, answer: Any) -> None:
        answer.set_result(value)
        answer._wire.flush()

    return put


def test_a_writer_that_was_halted_refuses_at_both_ends_and_every_refusal_is_counted(
    bank: Bank, told_payments: list[Payment]
) -> None:
    far = over(bank).far
    bank.writer.halt("The log was altered")
    with pytest.raises(UnavailableError, match="The log was altered"):
        far.writer.decide([told_payments[0]]).result(timeout=60)
    ends = time.monotonic() + 60
    while far.writer.ready and time.monotonic() < ends:
        time.sleep(0.01)
    with pytest.raises(UnavailableError, match="The log was altered"):
        far.writer.decide([told_payments[0]])
    while bank.writer.refused.count < 2 and time.monotonic() < ends:
        time.sleep(0.01)
    assert bank.writer.refused.count == 2


class Slow(Deciding):
    """Takes commands and never answers."""

    trouble, ready, last_seq, rules_hash, queued = "", True, 0, "", 0  # type: ignore[assignment]

    def put(self, command: Any, answer: Any) -> None:
        pass

    def unavailable(self, requests: int, trouble: str = "") -> UnavailableError:
        return UnavailableError(trouble, repair="Wait.")


def test_more_than_may_wait_are_refused_before_they_leave(told_payments: list[Payment]) -> None:
    wired = Wired(Inside(Slow(), NoLog(), NoWishes(), lambda: b""))
    try:
        waiting: list[Future[Any]] = [wired.far.writer.decide([]) for _ in range(MAX_QUEUE)]
        with pytest.raises(UnavailableError, match="are waiting already"):
            wired.far.writer.decide([])
        assert not any(each.done() for each in waiting)
    finally:
        wired.close()


@pytest.fixture
def key(home: Path) -> str:
    opened = Home(home)
    try:
        return make_key(opened.store, "bank", "gateway", 0)
    finally:
        opened.close()


def answering(pid: int) -> int:
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    return int(child)


def gone(pid: int) -> bool:
    ends = time.monotonic() + 60
    while Path(f"/proc/{pid}").exists() and time.monotonic() < ends:
        time.sleep(0.02)
    return not Path(f"/proc/{pid}").exists()


def test_when_the_answering_process_is_killed_the_service_ends_in_words_and_all_that_was_answered_is_there(
    home: Path, key: str
) -> None:
    with served(home) as (address, process):
        answer = httpx.post(
            f"{address}/v1/payments", json={**ROW, "tx_id": "N-1"}, headers={"Authorization": f"Bearer {key}"}
        )
        os.kill(answering(process.pid), signal.SIGKILL)
        _, said = process.communicate(timeout=60)
    assert process.returncode == UnavailableError.exit_code
    assert "The process that answers requests ended by itself" in said
    again = Home(home)
    decision = again.store.decision("N-1")
    again.close()
    assert decision is not None
    assert decision.seq == answer.json()["seq"]


def test_when_the_deciding_process_is_killed_nobody_answers(home: Path, key: str) -> None:
    with served(home) as (address, process):
        child = answering(process.pid)
        process.kill()
        assert gone(child)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{address}/healthz")


def test_a_stop_under_load_answers_each_request_or_refuses_it_and_loses_none(home: Path, key: str) -> None:
    answered: dict[str, int] = {}
    halfway = threading.Event()

    def send(address: str, name: str) -> None:
        with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client:
            for number in range(10_000):
                try:
                    answer = client.post("/v1/payments", json={**ROW, "tx_id": f"{name}-{number}"})
                except httpx.TransportError:
                    return
                if answer.status_code != 201:
                    assert answer.status_code == 503, answer.text
                    return
                answered[f"{name}-{number}"] = answer.json()["seq"]
                if number == 20:
                    halfway.set()

    with served(home) as (address, process):
        senders = [threading.Thread(target=send, args=(address, name)) for name in "ABCD"]
        for each in senders:
            each.start()
        assert halfway.wait(60)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
        for each in senders:
            each.join()
    assert (process.returncode, said.splitlines()[-1]) == (0, "Stopped; everything that was answered is on disk.")
    again = Home(home)
    decided = {tx_id: again.store.decision(tx_id) for tx_id in answered}
    again.close()
    assert {tx_id: each.seq for tx_id, each in decided.items() if each} == answered


def test_the_figures_of_both_processes_are_answered_as_one(home: Path, key: str) -> None:
    opened = Home(home)
    engineer = make_key(opened.store, "prometheus", "engineer", 0)
    opened.close()
    with served(home) as (address, _):
        httpx.post(f"{address}/v1/payments", json={**ROW, "tx_id": "N-1"}, headers={"Authorization": f"Bearer {key}"})
        text = httpx.get(f"{address}/metrics", headers={"Authorization": f"Bearer {engineer}"}).text
    assert 'headgate_requests_total{route="/v1/payments",status="201"} 1.0' in text
    assert re.search(r'headgate_decisions_total\{action="\w+"\} 1.0', text)
