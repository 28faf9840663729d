"""Kafka as a stream: one consumer of a group and one transactional producer.

What is published and the offsets of what it answers are one transaction, so a reader with `read_committed` sees each
answer exactly once, whatever dies in between. Nothing is decided here; bytes and positions only.

What a crash leaves: before the transaction ends nothing that anybody sees, and its messages come again to whoever is
given their partitions; after it everything, and nothing comes again. When partitions change hands, what was polled
before comes again to their new owner from the last committed offset, so the old one publishes nothing of it: it can
tell by the turn in which it polled, and the broker can tell by the generation of the group.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka import Message as Raw

from headgate.connectors.stream import Message, Out, Taken
from headgate.errors import BrokerError
from headgate.limits import BROKER_SECONDS
from headgate.settings.kafka import Kafka

_AGAIN: Final = "It is tried again by itself; nothing is lost. Look whether the broker runs and can be reached."


class KafkaStream:
    """One member of the group. log: hears what the client says about trouble."""

    def __init__(self, settings: Kafka, log: Callable[[str], None], member: str = "0") -> None:
        """Connect, end what a dead predecessor left open, and join. `member` tells members of one home apart.

        Raises BrokerError when the broker cannot be reached or a topic is missing.
        """
        self._settings = settings
        self._kinds: dict[str, Taken] = {topic: kind for kind, topic in settings.taken().items()}  # type: ignore[misc]
        self._topics = settings.given()
        self._ear = _Ear(log)
        self._turn = 0
        self._seen_at = time.monotonic()
        self._group: Any = None
        self._resting = False
        with _words("connect"):
            self._producer = Producer(self._producing(member))
            self._check_topics()
            self._producer.init_transactions(BROKER_SECONDS)
            self._consumer = Consumer(self._consuming())
            changed = {"on_assign": self._assigned, "on_revoke": self._revoked, "on_lost": self._revoked}
            self._consumer.subscribe(list(self._kinds), **changed)

    def poll(self, wait_seconds: float) -> list[Message]:
        """Return the next messages, at most a batch; an empty list when none came within the time."""
        with _words("read"):
            self._check_up()
            self._wake()
            first = self._consume(1, wait_seconds)
            if not first:
                self._look()
                return []
            self._seen_at = time.monotonic()
            room = self._settings.batch - 1
            rest = self._consume(room, self._settings.linger_ms / 1000) if room else []
            # Where partitions changed hands in between, what came before comes again to their owner.
            return [message for message in (*first, *rest) if message.mark.turn == self._turn]

    def publish(self, out: Sequence[Out], done: Sequence[Message] = ()) -> None:
        """Write `out` and the offsets after `done` in one transaction; nothing of it when partitions went elsewhere."""
        if any(message.mark.turn != self._turn for message in done):
            return
        with _words("write"):
            self._check_up()
            self._producer.begin_transaction()
            for each in out:
                self._produce(each)
            if done:
                self._producer.send_offsets_to_transaction(_offsets(done), self._group, BROKER_SECONDS)
            self._producer.commit_transaction(BROKER_SECONDS)

    def rest(self) -> None:
        """Pause every partition and answer the broker, so that the group keeps this member."""
        with _words("wait"):
            self._resting = True
            self._consumer.pause(self._consumer.assignment())
            if self._consume(1, 0):
                raise BrokerError("A message came while none was asked for", where="[kafka]", repair=_AGAIN)

    def behind(self) -> int:
        """Return how many messages lie behind the last one polled, by what came with the last answers of the broker."""
        with _words("look"):
            places = self._consumer.position(self._consumer.assignment())
            return sum(self._after(place) for place in places if place.offset >= 0)

    def _after(self, place: TopicPartition) -> int:
        _, end = self._consumer.get_watermark_offsets(place, cached=True)
        return max(0, end - place.offset)

    def close(self) -> None:
        """Leave the group; a transaction that is open is given up."""
        with _words("close"):
            self._consumer.close()
            self._producer.purge()
            self._producer.flush(0)

    def _wake(self) -> None:
        if self._resting:
            self._consumer.resume(self._consumer.assignment())
            self._resting = False

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        consumer.assign(partitions)
        self._turn += 1
        self._group = consumer.consumer_group_metadata()  # as it is now: the broker refuses it from whoever lost them
        if self._resting:
            consumer.pause(partitions)

    def _revoked(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._turn += 1

    def _consume(self, most: int, wait_seconds: float) -> list[Message]:
        return [self._message(raw) for raw in self._consumer.consume(most, wait_seconds)]

    def _message(self, raw: Raw) -> Message:
        if error := raw.error():
            raise KafkaException(error)
        topic, partition, offset = raw.topic(), raw.partition(), raw.offset()
        assert topic is not None
        assert partition is not None
        assert offset is not None
        mark = _Mark(self._turn, topic, partition, offset)
        return Message(self._kinds[topic], f"{topic}/{partition}/{offset}", raw.value() or b"", mark)

    def _produce(self, out: Out) -> None:
        headers: list[tuple[str, str | bytes | None]] = list(out.headers)
        try:
            self._producer.produce(self._topics[out.kind], out.body, out.key.encode(), headers=headers)
        except BufferError:
            self._producer.flush(BROKER_SECONDS)
            self._producer.produce(self._topics[out.kind], out.body, out.key.encode(), headers=headers)

    def _look(self) -> None:
        """Ask whether the broker is there, now and then while nothing comes: a silent one looks like a quiet topic."""
        if time.monotonic() - self._seen_at > BROKER_SECONDS / 2:
            self._producer.list_topics(self._topics["decisions"], BROKER_SECONDS)
            self._seen_at = time.monotonic()

    def _check_up(self) -> None:
        if self._ear.down:
            raise BrokerError(f"Kafka cannot be reached: {self._ear.down}", where=self._settings.servers, repair=_AGAIN)

    def _check_topics(self) -> None:
        there = self._producer.list_topics(timeout=BROKER_SECONDS).topics
        missing = sorted({*self._kinds, *self._topics.values()} - set(there))
        if missing:
            raise BrokerError(
                f"Kafka has no topic {', '.join(missing)}",
                where="[kafka]",
                repair="Make it, or name another in headgate.toml; an empty name turns an optional one off.",
            )

    def _producing(self, member: str) -> dict[str, Any]:
        return {
            "compression.type": "lz4",
            "linger.ms": 5,
            # The offsets of a transaction are tried for as long as a request may take, whatever time the call is given.
            "socket.timeout.ms": BROKER_SECONDS * 1000,
            "transaction.timeout.ms": 2 * BROKER_SECONDS * 1000,
            **self._settings.client(),
            "transactional.id": f"{self._settings.group}-{member}",
            "error_cb": self._ear.hear,
        }

    def _consuming(self) -> dict[str, Any]:
        return {
            "auto.offset.reset": "earliest",
            "session.timeout.ms": 10_000,  # what a killed predecessor holds is free after this
            **self._settings.client(),
            "group.id": self._settings.group,
            "group.protocol": "classic",
            "partition.assignment.strategy": "range",  # all partitions change hands at once
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "error_cb": self._ear.hear,
        }


class _Ear:
    """What the clients say about trouble; apart from the stream, so that clients end as soon as it is gone."""

    def __init__(self, log: Callable[[str], None]) -> None:
        self._log = log
        self.down = ""

    def hear(self, error: KafkaError) -> None:
        self._log(f"Kafka: {error.str()}")
        if error.code() == KafkaError._ALL_BROKERS_DOWN or error.fatal():
            self.down = error.str()


class _Mark(NamedTuple):
    turn: int
    topic: str
    partition: int
    offset: int


def _offsets(done: Sequence[Message]) -> list[TopicPartition]:
    """The offset after the last message of each partition."""
    after: dict[tuple[str, int], int] = {}
    for message in done:
        place = (message.mark.topic, message.mark.partition)
        after[place] = max(after.get(place, 0), message.mark.offset + 1)
    return [TopicPartition(topic, partition, offset) for (topic, partition), offset in after.items()]


@contextmanager
def _words(what: str) -> Iterator[None]:
    try:
        yield
    except KafkaException as error:
        said = error.args[0]
        text = said.str() if isinstance(said, KafkaError) else str(error)
        raise BrokerError(f"Kafka could not {what}: {text}", where="[kafka]", repair=_AGAIN) from error
