"""Real brokers for the tests of streams: one Kafka and one NATS a session, each test with topics of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bench.brokers.kafka import KafkaServer
from bench.brokers.nats import NatsServer
from bench.brokers.served import write_section
from headgate.cli.simulate import command as simulate
from headgate.connectors.dataset import read_dataset
from headgate.connectors.kafka import KafkaStream
from headgate.connectors.nats import NatsStream
from headgate.drivers.replay import replay
from headgate.drivers.rules import load_rules
from headgate.settings.kafka import Kafka
from headgate.settings.nats import Nats

TOPICS = ("accounts", "sessions", "payments", "statuses", "outcomes", "decisions", "announcements", "dead_letters")


class KafkaSide:
    """One test's topics on a Kafka server."""

    section = "kafka"

    def __init__(self, server: KafkaServer, name: str, partitions: int = 3, **more: Any) -> None:
        self.server = server
        named = {kind: f"{name}.{kind}" for kind in TOPICS}
        self.settings = Kafka(servers=server.servers, group=name, **named, **more)
        server.make(dict.fromkeys(named.values(), partitions))
        self._members = 0

    def open(self, log: Callable[[str], None] = print) -> KafkaStream:
        self._members += 1
        return KafkaStream(self.settings, log, str(self._members))

    def feed(self, kind: str, bodies: Sequence[bytes]) -> None:
        self.server.feed(self.settings.taken()[kind], bodies)

    def seen(self, kind: str, count: int) -> list[tuple[bytes, dict[str, str]]]:
        return [(body, headers) for _, body, headers in self.server.seen(self.settings.given()[kind], count)]


class NatsSide:
    """One test's subjects on a NATS server."""

    section = "nats"

    def __init__(self, server: NatsServer, name: str, **more: Any) -> None:
        self.server = server
        named = {kind: f"{name}.{kind}" for kind in TOPICS}
        self.settings = Nats(servers=server.servers, durable=name, **named, **{"ack_wait_seconds": 5, **more})
        server.make(list(named.values()))

    def open(self, log: Callable[[str], None] = print) -> NatsStream:
        return NatsStream(self.settings, log)

    def feed(self, kind: str, bodies: Sequence[bytes]) -> None:
        self.server.feed(self.settings.taken()[kind], bodies)

    def seen(self, kind: str, count: int) -> list[tuple[bytes, dict[str, str]]]:
        return [(body, headers) for _, body, headers in self.server.seen(self.settings.given()[kind], count)]


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    """The server of a broker, started when it is first asked for."""
    made: dict[str, Any] = {}

    def server(broker: str) -> Any:
        if broker not in made:
            folder: Path = tmp_path_factory.mktemp(broker)
            made[broker] = KafkaServer(folder) if broker == "kafka" else NatsServer(folder)
            made[broker].process.start()
        return made[broker]

    yield server
    for each in made.values():
        each.process.stop()


@pytest.fixture(params=["kafka", "nats"])
def side(request: pytest.FixtureRequest, servers: Callable[[str], Any]) -> KafkaSide | NatsSide:
    """Topics or subjects of this test alone."""
    name = f"t{abs(hash(request.node.nodeid)) % 10**8}"
    server = servers(request.param)
    return KafkaSide(server, name) if request.param == "kafka" else NatsSide(server, name)


@pytest.fixture(params=["kafka", "nats"])
def small(request: pytest.FixtureRequest, servers: Callable[[str], Any]) -> KafkaSide | NatsSide:
    """One topic or subject of each kind, read in small batches."""
    server = servers(request.param)
    return KafkaSide(server, "small", 1, batch=10) if request.param == "kafka" else NatsSide(server, "small", batch=10)


@pytest.fixture
def patient(servers: Callable[[str], Any]) -> NatsSide:
    """A NATS server that waits for a word about a message for an hour."""
    return NatsSide(servers("nats"), "patient", ack_wait_seconds=3600)


@pytest.fixture(scope="session")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small home of a simulated bank."""
    folder = tmp_path_factory.mktemp("bank")
    simulate.main([str(folder / "world"), "--payments", "4000", "--days", "40", "--seed", "3"], standalone_mode=False)
    replay(read_dataset(folder / "world"), folder / "home", load_rules(), from_share=0.5)
    return folder / "home"


@pytest.fixture
def home(tmp_path: Path, replayed: Path, side: KafkaSide | NatsSide) -> Path:
    """A copy of the small home whose settings name the topics of this test."""
    shutil.copytree(replayed, tmp_path / "home")
    write_section(tmp_path / "home", side.section, side.settings)
    return tmp_path / "home"
