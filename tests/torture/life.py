"""One life of a writer: a process that opens its files, folds, answers a client, and is killed by plan.

The parts are the real ones: writer, pipeline, store and vault; only the disk under SQLite is one that loses.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any, Literal

import msgspec

from headgate.charter.pseudonyms import Vault
from headgate.decisions.record import canonical_json
from headgate.drivers.book import Book
from headgate.drivers.log_keys import log_keys
from headgate.drivers.paths import Paths
from headgate.drivers.rules import Rules
from headgate.drivers.snapshots import Snapshots
from headgate.errors import HeadgateError, UnavailableError
from headgate.journal.entries import Payment
from headgate.ledger.commitments import SubjectKeys
from headgate.service.around import Folded
from headgate.service.commands.act import Act
from headgate.service.commands.person import case_action
from headgate.service.publishing import Publishing
from headgate.service.snapshotting import Snapshotting
from headgate.service.wire import OutcomeIn
from headgate.service.writer import Writer
from headgate.settings.ledger import LedgerSettings
from headgate.settings.snapshots import Snapshots as Schedule
from headgate.stores.sqlite import SqliteStore
from torture.losing_disk import LosingDisk
from torture.rules import fresh
from torture.sqlite_on_it import connector

HOUR_US = 3_600_000_000
LOG, SUBJECTS = "log", "subject-keys"
Make = Callable[..., Writer]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """When a life ends: at the nth time of a step, at the nth operation of the disk, or when its parent kills it."""

    seed: int
    clock_us: int
    kind: Literal["step", "disk", "time"]
    step: str = ""
    nth: int = 0
    after_seconds: float = 0.0


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What a client asks for, by an id of its own."""

    id: int
    payments: list[Payment] = []
    outcome: OutcomeIn | None = None
    move: tuple[str, str, str] | None = None  # action id, what, case id


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: records in canonical form, or the code of an error."""

    id: int
    records: list[bytes] = []
    repeated: list[bool] = []
    error: str = ""


def live(folder: Path, rules: Rules, plan: Plan, wire: socket.socket, instead: dict[str, str], make: Make) -> None:
    """Be a writer until killed, or until the client hangs up."""
    disk, random = LosingDisk(), Random(plan.seed)
    at = _armed(plan, disk, random)
    connect = connector(disk.name, instead)
    store, vault = SqliteStore(folder / "headgate.db", connect=connect), Vault(folder / "vault.db", connect=connect)
    born = monotonic()

    def now_us() -> int:
        return plan.clock_us + int((monotonic() - born) * HOUR_US)

    snapshots = Snapshots(folder / "snapshots")
    snapshots.tidy()
    schedule = Schedule(every_seconds=1, least_entries=1, keep=2)
    resting = Snapshotting(snapshots, schedule, ignore, at=at, seconds=lambda: monotonic() * 1000)
    book, reading = book_of(folder, store), SqliteStore(folder / "headgate.db", connect=connect)
    restore = lambda: resumed(store, rules, snapshots)  # noqa: E731
    writer = make(store, vault, restore, now_us, ignore, book=book, resting=resting, at=at)
    publishing = Publishing(
        reading, folder / LOG, book.keys.verifiers, halt=shout, log=ignore, seconds=random.choice((0.002, 0.02))
    )
    publishing.begin()
    writer.start()
    publishing.start()
    _serve(writer, wire)
    writer.stop()
    publishing.stop()
    vault.close()
    store.close()


def book_of(folder: Path, store: SqliteStore) -> Book:
    """Return the ledger of a folder, not begun."""
    keys = log_keys(Paths(folder), LedgerSettings(), begun=store.ledger_head() is not None)
    return Book(store, keys, SubjectKeys(folder / SUBJECTS, clock_us=lambda: 0), lambda name: {})


def shout(words: str) -> None:
    """A writer may never be told to stop by its own log: that ends this life in a way that is noticed."""
    os.write(2, f"{words}\n".encode())
    os._exit(1)


def ignore(words: str) -> None:
    """Nobody reads the log of a life."""


def resumed(store: SqliteStore, rules: Rules, snapshots: Snapshots) -> Folded:
    """Return the state by the newest good snapshot, and the journal after it."""
    pipeline = snapshots.newest(lambda name: rules, store.last_seq() + 1, ignore)
    if pipeline is None:
        return folded(store, rules)
    for entry in store.tail(pipeline.next_seq):
        pipeline.step(entry)
    return Folded(pipeline)


def folded(store: SqliteStore, rules: Rules) -> Folded:
    """Return the state of a journal from its first entry."""
    pipeline = fresh(rules)
    for entry in store.tail():
        pipeline.step(entry)
    return Folded(pipeline)


def _armed(plan: Plan, disk: LosingDisk, random: Random) -> Callable[[str], None]:
    """Return the hook of the writer, and set that of the disk."""
    left, me = [plan.nth], os.getpid()

    def count() -> None:
        left[0] -= 1
        if left[0] < 0 and os.getpid() == me:
            disk.lose_power(random)
        elif left[0] < 0:  # a child that writes a snapshot: it dies, or its parent, or both
            for pid in random.choice(((os.getpid(),), (me,), (me, os.getpid()))):
                os.kill(pid, signal.SIGKILL)

    if plan.kind == "disk":
        disk.hears = lambda what, file: None if what == "read" else count()
    return lambda step: count() if plan.kind == "step" and step == plan.step else None


def _serve(writer: Writer, wire: socket.socket) -> None:
    lock = threading.Lock()

    def answered(request: Request, future: Future[Any]) -> None:
        with lock:
            send(wire, reply(request, future))

    while (request := receive(wire, Request)) is not None:
        try:
            future = ask(writer, request)
        except UnavailableError as error:
            with lock:
                send(wire, Reply(id=request.id, error=error.code))
        else:
            future.add_done_callback(lambda done, request=request: answered(request, done))


def ask(writer: Writer, request: Request) -> Future[Any]:
    """Put a request to the writer."""
    if request.outcome is not None:
        return writer.learn([request.outcome])
    if request.move is not None:
        action_id, move, case_id = request.move
        return writer.tell(Act(case_action(action_id, "ada", move, case_id, "Looked into.")))  # type: ignore[arg-type]
    return writer.decide(request.payments)


def reply(request: Request, future: Future[Any]) -> Reply:
    """Return what a request came to."""
    try:
        result = future.result()
    except HeadgateError as error:
        return Reply(id=request.id, error=error.code)
    if request.payments:
        records = [canonical_json(answer.decision) for answer in result]
        return Reply(id=request.id, records=records, repeated=[answer.repeated for answer in result])
    return Reply(id=request.id, records=[msgspec.json.encode(result)])


def send(wire: socket.socket, value: Any) -> None:
    """Send one value."""
    data = msgspec.msgpack.encode(value)
    wire.sendall(struct.pack(">I", len(data)) + data)


def receive(wire: socket.socket, kind: type[Any]) -> Any:
    """Return the next value, None at the end, also where it ends in the middle of one."""
    try:
        head = _exactly(wire, 4)
        data = head and _exactly(wire, struct.unpack(">I", head)[0])
    except ConnectionError:
        return None
    return msgspec.msgpack.decode(data, type=kind) if data else None


def _exactly(wire: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        part = wire.recv(size - len(found))
        if not part:
            return b""
        found += part
    return found


def born(act: Callable[[], None]) -> int:
    """Fork a child that does this and ends; return its process id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        act()
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        os._exit(1)
    os._exit(0)
