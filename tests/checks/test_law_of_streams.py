"""The law of streams on a broker in memory: one that keeps its promises passes, one that breaks any does not."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import pytest

from headgate.checks.delivers import delivers
from headgate.connectors.stream import Message, Out
from headgate.errors import LawError


class Memory:
    """A broker in memory. fault: the promise that it breaks."""

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.waiting: deque[Message] = deque()
        self.told: dict[str, list[Out]] = {"decisions": [], "dead_letters": []}
        self.fed = 0

    def open(self) -> Member:
        return Member(self)

    def feed(self, kind: str, bodies: Sequence[bytes]) -> None:
        for body in bodies:
            self.fed += 1
            position = "here" if self.fault == "one position" else f"p/{self.fed}"
            self.waiting.append(Message("payments", position, body))

    def seen(self, kind: str, count: int) -> list[tuple[bytes, dict[str, str]]]:
        return [(each.body, dict(each.headers)) for each in self.told[kind]]


class Member:
    def __init__(self, broker: Memory) -> None:
        self.broker = broker
        self.held: dict[str, Message] = {}

    def poll(self, wait_seconds: float) -> list[Message]:
        fault, waiting = self.broker.fault, self.broker.waiting
        batch = [waiting.popleft() for _ in range(min(200, len(waiting)))]
        self.held |= {message.position: message for message in batch}
        return batch[1:] if fault == "loses one" else batch

    def publish(self, out: Sequence[Out], done: Sequence[Message] = ()) -> None:
        fault = self.broker.fault
        for each in out:
            copies = 2 if fault == "doubles" else 1
            self.broker.told[each.kind] += [
                each._replace(body=each.body[:200] if fault == "cuts" else each.body)
            ] * copies
        for message in done:
            self.held.pop(message.position, None)
        if fault == "forgets to settle":
            self.held |= {message.position: message for message in done}

    def rest(self) -> None:
        if self.broker.fault == "drops at rest":
            self.broker.waiting.clear()

    def behind(self) -> int:
        return len(self.broker.waiting) + (self.broker.fault == "counts wrong")

    def close(self) -> None:
        if self.broker.fault != "drops what was not settled":
            self.broker.waiting.extend(self.held.values())
        self.held = {}


def test_a_broker_that_keeps_its_promises_passes() -> None:
    delivers(Memory())


@pytest.mark.parametrize(
    "fault",
    [
        "loses one",
        "doubles",
        "cuts",
        "forgets to settle",
        "drops what was not settled",
        "drops at rest",
        "one position",
        "counts wrong",
    ],
)
def test_a_broker_that_breaks_a_promise_is_found(fault: str) -> None:
    with pytest.raises(LawError):
        delivers(Memory(fault))
