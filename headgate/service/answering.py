"""Opens what answers requests to a home: the parts that endpoints reach, with streams and webhooks on their way.

It reads the store by a connection of its own. Whatever changes something goes to what decides, in this process or in
another.
"""

from __future__ import annotations

import logging
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from headgate.drivers.home import Home
from headgate.service.around import machine_us
from headgate.service.auth import Auth
from headgate.service.buckets import Buckets
from headgate.service.csrf import Csrf
from headgate.service.in_force import InForce
from headgate.service.inside import Inside
from headgate.service.intake import Intake
from headgate.service.metrics import Metrics
from headgate.service.parts import Cookies, Parts
from headgate.service.streams.desk import Desk
from headgate.service.streams.running import streams_of
from headgate.service.web.render import Pages
from headgate.service.webhooks.courier import Courier
from headgate.service.webhooks.subscribers import subscribers_of
from headgate.stores.store import Store

log = logging.getLogger("headgate.service")


@contextmanager
def answering(home: Home, host: str, inside: Inside, now_us: Callable[[], int] = machine_us) -> Iterator[Parts]:
    """Yield the parts that answer requests to a home, with webhooks on their way; they are stopped in the end."""
    settings = home.installed
    store = home.open_store()  # so that nobody who reads waits for a commit
    told = subscribers_of(settings.webhooks, os.environ)
    couriers = tuple(Courier(each, store, now_us, log.warning) for each in told)
    try:
        for courier in couriers:
            courier.start()
        yield _parts(home, store, host, inside, now_us, couriers)
    finally:
        for courier in couriers:
            courier.stop()
        for courier in couriers:
            courier.join()
        store.close()


def _parts(
    home: Home, store: Store, host: str, inside: Inside, now_us: Callable[[], int], couriers: tuple[Courier, ...]
) -> Parts:
    settings, writer = home.installed, inside.writer
    rules, server = InForce(home, writer), settings.server
    intake = Intake(lambda: rules().charter)
    server = msgspec.structs.replace(server, hosts=(*server.hosts, *_names(host)))
    return Parts(
        settings=msgspec.structs.replace(settings, server=server),
        store=store,
        vault=home.paths.vault,
        writer=writer,
        auth=Auth(store, now_us),
        buckets=Buckets(settings.limits, time.monotonic),
        csrf=Csrf(secrets.token_bytes(32)),
        intake=intake,
        rules=rules,
        reference_currency=home.settings.reference_currency,
        home_name=str(home.paths.root),
        cookies=Cookies(server.https),
        pages=Pages(),
        streams=streams_of(settings, Desk(intake, writer, store), store, log.warning),
        couriers=couriers,
        metrics=Metrics(),
        publishing=inside.log,
        taking=inside.wishes,
        figures_inside=inside.figures,
    )


def _names(host: str) -> tuple[str, ...]:
    """An address that was chosen is a name of the service; one that means all of them is none."""
    return () if host in ("0.0.0.0", "::") else (f"[{host}]" if ":" in host else host,)  # noqa: S104
