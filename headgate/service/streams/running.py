"""Which streams a service has by its settings, and what state they are in.

A broker's client is imported only where its section names a server. Adding a broker is adding a line to BROKERS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Final

from headgate.connectors.stream import Stream
from headgate.errors import FieldError
from headgate.service.streams.desk import Desk
from headgate.service.streams.driver import Driver, Log
from headgate.service.streams.outbox import Outbox
from headgate.settings.document import Settings
from headgate.settings.kafka import Kafka
from headgate.settings.nats import Nats
from headgate.stores.store import Store


def _kafka(settings: Kafka, log: Log) -> Stream:
    from headgate.connectors.kafka import KafkaStream

    return KafkaStream(settings, log)


def _nats(settings: Nats, log: Log) -> Stream:
    from headgate.connectors.nats import NatsStream

    return NatsStream(settings, log)


BROKERS: Final[dict[str, Callable[..., Stream]]] = {"kafka": _kafka, "nats": _nats}
_CLIENTS: Final = {"kafka": "confluent_kafka", "nats": "nats"}


class Streams:
    """The streams of one service: made stopped, started when it can decide, stopped before its writer is."""

    def __init__(self, drivers: Sequence[Driver] = ()) -> None:
        self.drivers = drivers

    @contextmanager
    def running(self) -> Iterator[None]:
        """Take messages while inside; in the end what is on its way is settled."""
        for driver in self.drivers:
            driver.start()
        try:
            yield
        finally:
            for driver in self.drivers:
                driver.stop()

    def taken(self) -> int:
        """Return how many messages were settled since the start."""
        return sum(driver.taken for driver in self.drivers)

    def states(self) -> dict[str, str]:
        """Return what each stream does: `running`, or what is wrong."""
        return {driver.name: driver.state for driver in self.drivers}


def streams_of(settings: Settings, desk: Desk, store: Store, log: Log) -> Streams:
    """Return the streams of every broker that has a server. FieldError when the client of one is not installed."""
    named = [name for name in BROKERS if getattr(settings, name).servers]
    return Streams([_driver(name, settings, desk, store, log) for name in named])


def _driver(name: str, settings: Settings, desk: Desk, store: Store, log: Log) -> Driver:
    if find_spec(_CLIENTS[name]) is None:
        raise FieldError(
            f"The client for {name} is not installed",
            where=f"[{name}] servers",
            repair=f"Install it: pip install 'headgate[{name}]'.",
        )
    section = getattr(settings, name)
    outbox = Outbox(store, name) if section.announcements else None
    return Driver(name, lambda: BROKERS[name](section, log), desk, outbox, log)
