"""Law: a stream hands in every message until it is settled, and never again after it; what it publishes is seen once.

    delivers(MyBroker())

`MyBroker` opens streams on a real broker, with room for the kinds `payments`, `decisions` and `dead_letters`, which are
empty at first, and reads back what a careful reader sees (with Kafka: `read_committed`). A broker whose own word for
"once" has a window of time must have one of minutes here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from headgate.connectors.stream import Given, Message, Out, Stream, Taken
from headgate.errors import LawError

_WAIT_SECONDS: Final = 1.0
_TRIES: Final = 60  # polls in a row without a message
_MANY: Final = 700  # messages: more than one batch of most settings


class Broker(Protocol):
    """What the law needs of a real broker."""

    def open(self) -> Stream:
        """Open a stream; several may be open at once, as members of one group."""

    def feed(self, kind: Taken, bodies: Sequence[bytes]) -> None:
        """Send messages that a stream will hand in."""

    def seen(self, kind: Given, count: int) -> list[tuple[bytes, dict[str, str]]]:
        """Return body and headers of all that was published so far: wait for `count`, then for silence."""


def delivers(broker: Broker) -> None:
    """Raise LawError unless streams on this broker lose nothing, double nothing and change nothing."""
    bodies = [f"message {number}".encode() for number in range(_MANY)]
    broker.feed("payments", bodies)
    _comes_again_until_it_is_settled(broker, bodies)
    _is_settled_with_what_is_published(broker, bodies)
    _rests(broker)
    _keeps_bytes(broker)
    _hands_over(broker)


def _comes_again_until_it_is_settled(broker: Broker, bodies: Sequence[bytes]) -> None:
    for _ in range(2):
        stream = broker.open()
        came = _polled(stream, len(bodies))
        stream.close()
        _same("what was polled and not settled", sorted(bodies), sorted({message.body for message in came}))
        if len({message.position for message in came}) != len(bodies):
            raise LawError("Two messages have one position", repair="Name each message by where it lies.")


def _is_settled_with_what_is_published(broker: Broker, bodies: Sequence[bytes]) -> None:
    stream = broker.open()
    first = _polled(stream, 1)
    stream.publish([_echo(message) for message in first], first)
    stream.close()
    stream = broker.open()
    rest = _polled(stream, len(bodies) - len(first))
    stream.publish([_echo(message) for message in rest], rest)
    _silent(stream, "after everything was settled")
    _same("how many messages are left", 0, stream.behind())
    stream.close()
    stream = broker.open()
    _silent(stream, "in a stream opened after everything was settled")
    stream.close()
    _same("what was published", sorted(bodies), sorted(body for body, _ in broker.seen("decisions", len(bodies))))


def _rests(broker: Broker) -> None:
    stream = broker.open()
    broker.feed("payments", [b"before the rest"])
    held = _polled(stream, 1)
    stream.rest()
    broker.feed("payments", [b"during the rest"])
    stream.rest()
    came = _polled(stream, 1)
    _same("what came during a rest", [b"during the rest"], [message.body for message in came])
    stream.publish([], [*held, *came])
    stream.close()


def _keeps_bytes(broker: Broker) -> None:
    body, headers = bytes(range(256)), {"headgate-problem": '{"detail":"Größe – 名"}', "headgate-position": "a/0/1"}
    stream = broker.open()
    stream.publish([Out("dead_letters", "a/0/1", body, tuple(headers.items()))])
    stream.close()
    ((seen, told),) = broker.seen("dead_letters", 1)
    _same("the bytes of a dead letter", body, seen)
    _same("the headers of a dead letter", headers, {name: told.get(name) for name in headers})


def _hands_over(broker: Broker) -> None:
    """Two members take turns; one leaves with messages in its hands. Each message is answered once."""
    staying, leaving = broker.open(), broker.open()
    bodies = [f"handed {number}".encode() for number in range(_MANY)]
    broker.feed("payments", bodies)
    _answer(leaving, polls=2)
    _answer(staying, polls=2)
    leaving.poll(_WAIT_SECONDS)
    leaving.close()
    _answer(staying)
    staying.close()
    seen = [body for body, _ in broker.seen("decisions", 2 * _MANY) if body.startswith(b"handed")]
    _same("what was published while a member left", sorted(bodies), sorted(seen))


def _answer(stream: Stream, polls: int = _TRIES) -> None:
    """Echo what comes, until nothing comes three times, or for so many polls."""
    silent = 0
    for _ in range(polls):
        came = stream.poll(_WAIT_SECONDS)
        stream.publish([_echo(message) for message in came], came)
        silent = 0 if came else silent + 1
        if silent == 3:
            return


def _polled(stream: Stream, least: int) -> list[Message]:
    """Messages until there are so many; one that was not settled may come more than once."""
    came: list[Message] = []
    for _ in range(_TRIES):
        came += stream.poll(_WAIT_SECONDS)
        if len({message.body for message in came}) >= least:
            return came
    raise LawError(f"A stream did not hand in {least} messages", repair="Hand in everything that was not settled.")


def _silent(stream: Stream, when: str) -> None:
    for _ in range(3):
        if came := stream.poll(_WAIT_SECONDS):
            raise LawError(f"{len(came)} messages came {when}", repair="Never hand in what was settled.")


def _echo(message: Message) -> Out:
    return Out("decisions", message.body.decode(), message.body)


def _same(what: str, wanted: object, found: object) -> None:
    if wanted != found:
        raise LawError(f"Not the same: {what}", where=f"{wanted!r:.300} / {found!r:.300}", repair="Compare the two.")
