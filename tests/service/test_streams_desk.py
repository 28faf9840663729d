"""The desk of the streams on the real writer and store: what becomes of each message of a batch."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from headgate.connectors.nats import NatsStream
from headgate.connectors.stream import Message, Out
from headgate.errors import BrokerError, FieldError
from headgate.limits import MAX_PAYMENTS_PER_REQUEST, MAX_STREAM_BYTES, STREAM_FLIGHTS
from headgate.service.awaiting import Promise
from headgate.service.commands.command import Command
from headgate.service.inside import Deciding
from headgate.service.intake import Intake
from headgate.service.streams import running
from headgate.service.streams.desk import Desk
from headgate.service.streams.driver import Driver
from headgate.service.streams.running import streams_of
from headgate.settings.document import Settings
from headgate.settings.kafka import Kafka
from headgate.settings.nats import Nats

if TYPE_CHECKING:
    from conftest import Bank


def row(number: int, **more: Any) -> dict[str, Any]:
    base = {"tx_id": f"S-{number}", "ts": "2025-03-04T16:00:00Z", "payer": "A", "payee": "B"}
    return {**base, "amount": "5.00", "currency": "EUR", **more}


def message(kind: Any, number: int, value: object) -> Message:
    return Message(kind, f"t/0/{number}", value if isinstance(value, bytes) else json.dumps(value).encode())


def desk_of(bank: Bank) -> Desk:
    return Desk(Intake(lambda: bank.rules.charter), bank.writer, bank.store)


def told(bank: Bank, messages: list[Message]) -> list[Out]:
    desk = desk_of(bank)
    out = desk.answers(desk.ask(messages), lambda: True)
    assert out is not None
    return out


def test_a_batch_is_decided_and_an_outcome_of_it_is_taken_after_its_payment(empty_bank: Bank) -> None:
    report = {"outcome_id": "O-1", "tx_id": "S-1", "outcome": "fraud", "source": "customer"}
    out = told(empty_bank, [message("outcomes", 0, report), *(message("payments", n, row(n)) for n in range(3))])
    assert [(each.kind, each.key) for each in out] == [("decisions", f"S-{n}") for n in range(3)]
    assert {json.loads(each.body)["tx_id"] for each in out} == {"S-0", "S-1", "S-2"}
    assert empty_bank.store.entry("outcome", "O-1") is not None


def test_a_message_may_hold_a_list_which_is_decided_whole_or_not_at_all(empty_bank: Bank) -> None:
    good, bad = [row(n) for n in range(3)], [row(7), row(8, currency="XQX")]
    out = told(empty_bank, [message("payments", 0, good), message("payments", 1, bad)])
    assert [(each.kind, each.key) for each in out] == [
        ("dead_letters", "t/0/1"),
        *(("decisions", f"S-{n}") for n in range(3)),
    ]
    assert empty_bank.store.payment("S-7") is None


def test_a_payment_that_comes_again_is_told_as_it_was_decided(empty_bank: Bank) -> None:
    first = told(empty_bank, [message("payments", 0, row(1))])
    assert told(empty_bank, [message("payments", 5, row(1)), message("payments", 6, row(1))]) == first * 2
    assert len(list(empty_bank.store.decisions())) == 1


def test_what_the_writer_refuses_is_one_letter_and_the_rest_of_its_batch_is_decided(empty_bank: Bank) -> None:
    told(empty_bank, [message("payments", 0, row(1))])
    out = told(empty_bank, [message("payments", n, row(n, amount="9.00")) for n in range(4)])
    assert [each.key for each in out] == ["S-0", "t/0/1", "S-2", "S-3"]
    headers = dict(out[1].headers)
    problem = json.loads(headers["headgate-problem"])
    assert problem["type"] == "urn:headgate:problem:conflict"
    assert (problem["where"], headers["headgate-kind"], headers["headgate-position"]) == ("tx_id", "payments", "t/0/1")
    assert problem["repair"]


def test_a_message_that_is_too_large_is_a_letter_with_its_beginning(empty_bank: Bank) -> None:
    (out,) = told(empty_bank, [message("payments", 0, b"[" + b" " * MAX_STREAM_BYTES)])
    assert len(out.body) == MAX_STREAM_BYTES
    assert dict(out.headers)["headgate-whole-bytes"] == str(MAX_STREAM_BYTES + 1)


def test_many_lists_become_several_commands(empty_bank: Bank) -> None:
    lists = [[row(600 * each + n) for n in range(600)] for each in range(3)]
    desk = desk_of(empty_bank)
    flight = desk.ask([message("payments", n, some) for n, some in enumerate(lists)])
    assert [sum(map(len, part.values)) for part in flight.parts] == [600, 600, 600]
    assert MAX_PAYMENTS_PER_REQUEST < 1200
    out = desk.answers(flight, lambda: True)
    assert out is not None
    assert len(out) == 1800


def test_a_batch_waits_while_the_writer_cannot_decide_and_is_given_up_when_the_service_stops(bank: Bank) -> None:
    desk = desk_of(bank)
    bank.writer.stop()
    waits: list[int] = []
    flight = desk.ask([message("payments", 0, row(1))])
    assert desk.answers(flight, lambda: waits.append(1) or len(waits) < 3) is None  # type: ignore[func-returns-value]
    assert len(waits) == 3
    bank.close()
    bank.open()
    bank.writer.start()
    assert told(bank, [message("payments", 0, row(1))])[0].kind == "decisions"


def test_a_broker_that_is_not_there_is_an_error_in_words_and_the_driver_goes_on_trying(empty_bank: Bank) -> None:
    said: list[str] = []
    nowhere = Nats(servers="nats://127.0.0.1:1")
    with pytest.raises(BrokerError, match="NATS could not connect"):
        NatsStream(nowhere, said.append)
    tries = threading.Semaphore(0)

    def opened() -> NatsStream:
        tries.release()
        return NatsStream(nowhere, said.append)

    driver = Driver("nats", opened, desk_of(empty_bank), None, said.append)
    driver.start()
    assert all(tries.acquire(timeout=60) for _ in range(3))
    assert "NATS could not connect" in driver.state
    driver.stop()
    assert driver.state == "stopped"
    assert sum("could not connect" in line for line in said) == 1


class Given:
    """A stream of batches that are there already; it keeps what is settled with it, in order."""

    def __init__(self, batches: list[list[Message]]) -> None:
        self.batches = batches
        self.told: list[tuple[list[str], list[str]]] = []
        self.settled = threading.Semaphore(0)

    def poll(self, wait_seconds: float) -> list[Message]:
        return self.batches.pop(0) if self.batches else []

    def publish(self, out: Sequence[Out], done: Sequence[Message] = ()) -> None:
        self.told.append(([each.key for each in out], [each.position for each in done]))
        self.settled.release()

    def rest(self) -> None: ...

    def behind(self) -> int:
        return sum(map(len, self.batches))

    def close(self) -> None: ...


class Late(Deciding):
    """A writer behind a door that opens when it was asked for `least` commands."""

    def __init__(self, writer: Deciding, least: int) -> None:
        self._writer, self._least = writer, least
        self.asked: list[tuple[Command[Any], Promise]] = []

    def put(self, command: Command[Any], answer: Promise) -> None:
        self.asked.append((command, answer))
        if len(self.asked) == self._least:
            for each in self.asked:
                self._writer.put(*each)
        elif len(self.asked) > self._least:
            self._writer.put(command, answer)


def test_the_writer_has_the_next_batches_before_the_first_is_told_and_they_are_told_in_order(empty_bank: Bank) -> None:
    batches = [[message("payments", 2 * n + k, row(2 * n + k)) for k in range(2)] for n in range(STREAM_FLIGHTS + 2)]
    expected = [([f"S-{2 * n}", f"S-{2 * n + 1}"], [f"t/0/{2 * n}", f"t/0/{2 * n + 1}"]) for n in range(len(batches))]
    stream, said = Given(batches), list[str]()
    writer = Late(empty_bank.writer, STREAM_FLIGHTS)
    desk = Desk(Intake(lambda: empty_bank.rules.charter), writer, empty_bank.store)
    driver = Driver("given", lambda: stream, desk, None, said.append)
    driver.start()
    assert all(stream.settled.acquire(timeout=60) for _ in expected)
    driver.stop()
    assert stream.told == expected
    assert driver.taken == 2 * len(expected)
    assert said == ["given: the stream runs"]


def test_a_client_that_is_not_installed_is_named(empty_bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(running._CLIENTS, "kafka", "a_client_that_is_nowhere")
    with pytest.raises(FieldError, match=r"pip install 'headgate\[kafka\]'"):
        streams_of(Settings(kafka=Kafka(servers="k:9092")), desk_of(empty_bank), empty_bank.store, print)
    assert streams_of(Settings(), desk_of(empty_bank), empty_bank.store, print).states() == {}
