"""Opens a home for service: files and stores become the parts that answer requests.

Nothing is decided here. The state is folded from the journal of the home, by the pipeline alone.
"""

from __future__ import annotations

import logging
import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from headgate.decisions.record import Decision
from headgate.drivers.asked import Asked, asked_last
from headgate.drivers.book import Book
from headgate.drivers.changes import changes_of
from headgate.drivers.home import Home
from headgate.drivers.lock import locked
from headgate.drivers.said import archived
from headgate.drivers.snapshots import Snapshots
from headgate.journal.entries import Entry, Payment
from headgate.ledger import kinds
from headgate.ledger.note import parse_key
from headgate.ledger.witness_client import WitnessClient, post_to
from headgate.service.around import Folded
from headgate.service.auth import Auth
from headgate.service.buckets import Buckets
from headgate.service.commands.activate import Activate
from headgate.service.csrf import Csrf
from headgate.service.guarding import Guard
from headgate.service.in_force import InForce
from headgate.service.intake import Intake
from headgate.service.metrics import Metrics
from headgate.service.mover import Mover
from headgate.service.parts import Cookies, Parts
from headgate.service.publishing import Publishing
from headgate.service.snapshotting import Snapshotting
from headgate.service.streams.desk import Desk
from headgate.service.streams.running import streams_of
from headgate.service.taking import Taking
from headgate.service.web.render import Pages
from headgate.service.webhooks.courier import Courier
from headgate.service.webhooks.subscribers import subscribers_of
from headgate.service.widening import Widening
from headgate.service.writer import Writer
from headgate.settings.document import Settings
from headgate.stores.store import Batch, Store

Tick = Callable[[int], None]
log = logging.getLogger("headgate.service")


def machine_us() -> int:
    """The clock of this machine in microseconds UTC."""
    return time.time_ns() // 1000


class HomeDisk:
    """What the writer sees of a home's disk."""

    def __init__(self, home: Home, metrics: Metrics) -> None:
        self._home = home
        self._metrics = metrics

    def payment(self, tx_id: str) -> Payment | None:
        """A payment of the tail or of the archive."""
        return self._home.store.payment(tx_id)

    def known(self, kind: str, ids: Sequence[str]) -> frozenset[str]:
        """Those of these identities (of a kind) under which there is an entry, in the tail or in the archive."""
        return self._home.store.known(kind, ids)

    def entry(self, kind: str, entry_id: str) -> Entry | None:
        """An entry of the tail or of the archive, by its identity within its kind."""
        return self._home.store.entry(kind, entry_id)

    def decision(self, tx_id: str) -> Decision | None:
        """The decision on a payment."""
        return self._home.store.decision(tx_id)

    def commit(self, batch: Batch) -> None:
        """Write a batch in one transaction."""
        began = time.perf_counter()
        self._home.store.commit(batch)
        self._metrics.committed(batch, time.perf_counter() - began)

    def reopen(self) -> None:
        """Begin again with what is really on disk."""
        self._home.store.reopen()


@contextmanager
def opened(root: Path, host: str, tick: Tick, now_us: Callable[[], int] = machine_us) -> Iterator[Parts]:
    """Yield the parts of a service on this home, with the writer running; everything is closed in the end.

    host: the address that the service will listen on. tick: hears of journal entries while the state is folded.
    now_us: the clock, in microseconds UTC. Raises UnavailableError where another process decides in this home.
    """
    home = Home(root)
    with locked(root):
        yield from _running(home, host, tick, now_us)


def _running(home: Home, host: str, tick: Tick, now_us: Callable[[], int]) -> Iterator[Parts]:
    settings = home.installed
    asked = asked_last(home.paths)  # before its files are read: what is asked for later is no part of this start
    reading = home.open_store()  # so that nobody who reads waits for a commit
    vault = home.vault()
    metrics = Metrics()
    home.snapshots.tidy()
    disk = HomeDisk(home, metrics)
    book = home.book()
    written = snapshots_said(home.snapshots, book)
    resting = Snapshotting(home.snapshots, settings.snapshots, log.error, written=written)
    guard = Guard(home, log.error, resting, metrics.drift)
    widening = Widening(home, guard)
    writer = Writer(disk, vault, lambda: folded(home, tick), now_us, log.error, book=book, resting=widening)
    taking = Taking(home, writer, widening.widen, log.error, asked)
    publishing = publishing_of(home, book, writer)
    told = subscribers_of(settings.webhooks, os.environ)
    couriers = tuple(Courier(each, reading, now_us, log.warning) for each in told)
    mover = Mover(home, now_us, log, moved=lambda part: book.say(archived(part)))
    try:
        publishing.begin()
        writer.start()
        publishing.start()
        take_effect(home, writer, asked)
        taking.start()
        mover.start()
        for courier in couriers:
            courier.start()
        parts = _parts(home, reading, host, writer, settings, now_us, couriers, metrics)
        yield msgspec.structs.replace(parts, publishing=publishing, taking=taking, snapshotting=resting)
    finally:
        mover.stop()
        widening.stop()
        taking.stop()
        writer.stop()
        for courier in couriers:
            courier.stop()
        for courier in couriers:
            courier.join()
        publishing.stop()
        book.close()
        vault.close()
        reading.close()
        home.close()


def _parts(
    home: Home,
    store: Store,
    host: str,
    writer: Writer,
    settings: Settings,
    now_us: Callable[[], int],
    couriers: tuple[Courier, ...],
    metrics: Metrics,
) -> Parts:
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
        metrics=metrics,
    )


def snapshots_said(snapshots: Snapshots, book: Book) -> Callable[[int], None]:
    """Return what has each snapshot logged."""

    def written(seq: int) -> None:
        content = snapshots.content_hash(seq)
        if content:
            book.say(lambda pen: kinds.Snapshot(at_us=pen.at_us, seq=seq, content=content))

    return written


def publishing_of(home: Home, book: Book, writer: Writer) -> Publishing:
    """Return what publishes the log of a home and has it co-signed, not begun."""
    settings = home.installed.ledger
    witnesses = [WitnessClient(parse_key(each.key), post_to(each.url)) for each in settings.witnesses]
    return Publishing(
        home.open_store(), home.log_folder, book.keys.verifiers, witnesses, halt=writer.halt, log=log.error
    )


def _names(host: str) -> tuple[str, ...]:
    """An address that was chosen is a name of the service; one that means all of them is none."""
    return () if host in ("0.0.0.0", "::") else (f"[{host}]" if ":" in host else host,)  # noqa: S104


def take_effect(home: Home, writer: Writer, asked: Asked | None) -> None:
    """Let what the files of the home say decide from now on, by entries of the journal; nothing where it does already.

    asked: what was asked for last, which says who wanted it.

    Raises what the writer refuses an activation with, ConflictError where the settings ask for an approval that is not
    there.
    """
    changes = changes_of(home, writer.rules_hash, home.rules, asked)
    if changes:
        log.info("other rules take effect: %s", writer.tell(Activate(changes)).result())


def folded(home: Home, tick: Tick) -> Folded:
    """Return the state as the store of a home has it."""
    return Folded(home.pipeline(tick, log.error))
