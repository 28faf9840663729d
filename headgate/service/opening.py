"""Opens a home for service: files and stores become what decides, and the parts that answer requests.

Nothing is decided here. The state is folded from the journal of the home, by the pipeline alone.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

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
from headgate.service.answering import answering
from headgate.service.around import Folded, machine_us
from headgate.service.commands.activate import Activate
from headgate.service.guarding import Guard
from headgate.service.inside import Inside
from headgate.service.metrics import InsideMetrics
from headgate.service.mover import Mover
from headgate.service.parts import Parts
from headgate.service.publishing import Publishing
from headgate.service.snapshotting import Snapshotting
from headgate.service.taking import Taking
from headgate.service.widening import Widening
from headgate.service.writer import Writer
from headgate.stores.store import Batch

Tick = Callable[[int], None]
log = logging.getLogger("headgate.service")


class HomeDisk:
    """What the writer sees of a home's disk."""

    def __init__(self, home: Home, metrics: InsideMetrics) -> None:
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
    """Yield the parts of a service on this home, all in this process, with the writer running; closed in the end.

    host: the address that the service will listen on. tick: hears of journal entries while the state is folded.
    now_us: the clock, in microseconds UTC. Raises UnavailableError where another process decides in this home.
    """
    home = Home(root)
    with deciding(home, tick, now_us) as inside, answering(home, host, inside, now_us) as parts:
        yield parts


@contextmanager
def deciding(
    home: Home, tick: Tick, now_us: Callable[[], int] = machine_us, answered: Callable[[], None] = lambda: None
) -> Iterator[Inside]:
    """Yield what decides in a home, running; it is stopped in the end, and the home closed.

    answered: is told whenever the writer has answered. Raises UnavailableError where another process decides there.
    """
    with locked(home.paths.root):
        yield from _deciding(home, tick, now_us, answered)


def _deciding(
    home: Home, tick: Tick, now_us: Callable[[], int], answered: Callable[[], None]
) -> Iterator[Inside]:  # fmt: skip
    settings = home.installed
    asked = asked_last(home.paths)  # before its files are read: what is asked for later is no part of this start
    vault = home.vault()
    metrics = InsideMetrics()
    home.snapshots.tidy()
    disk = HomeDisk(home, metrics)
    book = home.book()
    written = snapshots_said(home.snapshots, book)
    resting = Snapshotting(home.snapshots, settings.snapshots, log.error, written=written)
    guard = Guard(home, log.error, resting, metrics.drift)
    widening = Widening(home, guard)
    writer = Writer(
        disk, vault, lambda: folded(home, tick), now_us, log.error, book=book, resting=widening, answered=answered
    )
    taking = Taking(home, writer, widening.widen, log.error, asked)
    publishing = publishing_of(home, book, writer)
    mover = Mover(home, now_us, log, moved=lambda part: book.say(archived(part)))

    def figures() -> bytes:
        metrics.snapshots(resting.figures, age_seconds=resting.age_seconds, last_seq=writer.last_seq)
        return metrics.text()

    try:
        publishing.begin()
        writer.start()
        publishing.start()
        take_effect(home, writer, asked)
        taking.start()
        mover.start()
        yield Inside(writer, publishing, taking, figures)
    finally:
        mover.stop()
        widening.stop()
        taking.stop()
        writer.stop()
        publishing.stop()
        book.close()
        vault.close()
        home.close()


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
