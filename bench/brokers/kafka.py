"""Kafka in KRaft mode, one node, from the jars that tests/outside/kafka.sh puts into the cache."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from bench.brokers.process import CACHE, Server, free_ports

JARS = CACHE / "kafka"
_PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
log.dirs={folder}/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
"""


class KafkaServer:
    """One broker with its data in a folder. `servers` is its address."""

    def __init__(self, folder: Path) -> None:
        assert list(JARS.glob("kafka_*.jar")), f"no Kafka in {JARS}: run sh tests/outside/install.sh"
        port, controller = free_ports(2)
        self.servers = f"127.0.0.1:{port}"
        written = folder / "server.properties"
        written.write_text(_PROPERTIES.format(port=port, controller=controller, folder=folder), "utf-8")
        java = ["java", "-Xmx512m", "-cp", f"{JARS}/*"]
        formatted = [*java, "kafka.tools.StorageTool", "format", "-t", "A" * 22, "-c", str(written)]
        subprocess.run(formatted, check=True, capture_output=True)
        self.process = Server([*java, "kafka.Kafka", str(written)], folder / "log", self._topics)

    def make(self, topics: dict[str, int]) -> None:
        """Make topics with so many partitions each."""
        asked = [NewTopic(name, partitions, 1) for name, partitions in topics.items()]
        admin = self._admin()  # it has to live until the topics are there
        for made in admin.create_topics(asked).values():
            made.result()
        while any(len(admin.list_topics(name).topics[name].partitions) != topics[name] for name in topics):
            time.sleep(0.05)

    def feed(self, topic: str, bodies: Sequence[bytes]) -> None:
        """Send messages in their order, spread over the partitions."""
        producer = Producer({"bootstrap.servers": self.servers, "linger.ms": 5, "enable.idempotence": True})
        partitions = len(self._admin().list_topics(topic).topics[topic].partitions)
        for number, body in enumerate(bodies):
            producer.produce(topic, body, partition=number % partitions)
            if number % 1000 == 0:
                producer.poll(0)
        assert producer.flush(60) == 0

    def seen(self, topic: str, count: int, seconds: float = 60) -> list[tuple[str, bytes, dict[str, str]]]:
        """Return key, body and headers of every message that a careful reader sees: at least `count`, then all."""
        reader = self._reader(topic)
        found, until = [], time.monotonic() + seconds
        while time.monotonic() < until:
            came = reader.consume(1000, 0.3)
            found += [(str(m.key(), "utf-8"), m.value() or b"", _texts(m.headers())) for m in came if not m.error()]
            if not came and len(found) >= count:
                break
        reader.close()
        return found

    def _reader(self, topic: str) -> Consumer:
        settings = {"bootstrap.servers": self.servers, "group.id": "reader", "isolation.level": "read_committed"}
        reader = Consumer({**settings, "enable.auto.commit": False})
        partitions = reader.list_topics(topic).topics[topic].partitions
        reader.assign([TopicPartition(topic, each, 0) for each in partitions])
        return reader

    def _topics(self) -> bool:
        return bool(self._admin().list_topics(timeout=2).brokers)

    def _admin(self) -> AdminClient:
        return AdminClient({"bootstrap.servers": self.servers, "log_level": 0})


def _texts(headers: object) -> dict[str, str]:
    return {name: str(value, "utf-8") for name, value in headers or []}  # type: ignore[attr-defined]
