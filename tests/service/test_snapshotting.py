"""Snapshots beside a running writer: a child writes, nobody waits, and a restart begins where it stood."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from torture.rules import fresh, small_rules

from headgate.charter.pseudonyms import Vault
from headgate.drivers.rules import Rules
from headgate.drivers.snapshots import Snapshots
from headgate.service import snapshotting
from headgate.service.around import Folded
from headgate.service.snapshotting import Snapshotting
from headgate.service.writer import Writer
from headgate.settings.snapshots import Snapshots as Schedule
from headgate.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from conftest import Bank

T0 = 1_741_104_000_000_000
OFTEN = Schedule(every_seconds=1, least_entries=5, keep=2)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    return small_rules(tmp_path_factory.mktemp("small") / "rules")


class Desk:
    """A writer whose clock for snapshots runs fast, on plain files."""

    def __init__(self, folder: Path, rules: Rules, at: Callable[[str], None] = lambda step: None) -> None:
        self.folder, self.rules, self.at = folder, rules, at
        self.log: list[str] = []
        self.replayed = 0
        self.open()

    def open(self, schedule: Schedule = OFTEN) -> None:
        self.store, self.vault = SqliteStore(self.folder / "headgate.db"), Vault(self.folder / "vault.db")
        self.snapshots = Snapshots(self.folder / "snapshots")
        self.resting = Snapshotting(
            self.snapshots, schedule, self.log.append, at=self.at, seconds=lambda: time.monotonic() * 100
        )
        self.writer = Writer(self.store, self.vault, self.folded, lambda: T0, self.log.append, resting=self.resting)
        self.writer.start()

    def folded(self) -> Folded:
        pipeline = self.snapshots.newest(lambda name: self.rules, self.store.last_seq() + 1, self.log.append) or fresh(
            self.rules
        )
        for entry in self.store.tail(pipeline.next_seq):
            self.replayed += 1
            pipeline.step(entry)
        return Folded(pipeline)

    def close(self) -> None:
        self.writer.stop()
        self.vault.close()
        self.store.close()


@pytest.fixture
def desk(tmp_path: Path, small: Rules) -> Iterator[Desk]:
    made = Desk(tmp_path, small)
    yield made
    made.close()


def until(holds: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(1000):
        if holds():
            return
        pause.wait(0.02)
    raise AssertionError("this did not come about in 20 seconds")


def pay(desk: Desk, bank: Bank, numbers: range) -> None:
    for number in numbers:
        desk.writer.decide([bank.payment(number, f"A-{number % 7}", f"B-{number % 5}", 50_000, T0)]).result(timeout=60)


def test_a_restart_begins_with_the_newest_snapshot_and_decides_the_same(desk: Desk, bank: Bank, small: Rules) -> None:
    pay(desk, bank, range(1000, 1040))
    until(lambda: desk.resting.figures.written >= 1)
    pay(desk, bank, range(1040, 1060))
    desk.close()
    newest = desk.snapshots.seqs()[0]
    assert 5 <= newest <= 60
    desk.replayed = 0
    desk.open()
    assert desk.replayed == 60 - newest
    pay(desk, bank, range(1060, 1070))
    pipeline = fresh(small)
    again = [step.decision for step in map(pipeline.step, desk.store.tail()) if step.decision]
    assert again == list(desk.store.decisions())
    assert desk.log == []


def test_only_so_many_are_kept_and_none_is_written_without_new_entries(desk: Desk, bank: Bank) -> None:
    for start in range(1000, 1060, 10):
        before = desk.resting.figures.written
        pay(desk, bank, range(start, start + 10))
        until(lambda before=before: desk.resting.figures.written > before)  # type: ignore[misc]
    until(lambda: len(desk.snapshots.seqs()) == 2)
    written = desk.resting.figures.written
    pay(desk, bank, range(1056, 1060))  # repetitions
    assert desk.resting.figures.written == written
    assert desk.resting.figures.failed == 0
    assert 0 < desk.resting.figures.pause < 60


def test_none_is_written_where_the_settings_say_never(tmp_path: Path, small: Rules, bank: Bank) -> None:
    (tmp_path / "never").mkdir()
    desk = Desk(tmp_path / "never", small)
    desk.close()
    desk.open(Schedule(every_seconds=0, least_entries=1))
    pay(desk, bank, range(1000, 1020))
    desk.close()
    assert desk.snapshots.seqs() == ()


@pytest.mark.parametrize("step", ["forked", "written", "synced", "placed"])
def test_a_child_that_dies_is_told_and_the_stream_goes_on(tmp_path: Path, small: Rules, bank: Bank, step: str) -> None:
    me = os.getpid()

    def at(name: str) -> None:
        if name == step and os.getpid() != me:
            os.kill(os.getpid(), signal.SIGKILL)

    (tmp_path / "dying").mkdir()
    desk = Desk(tmp_path / "dying", small, at)
    pay(desk, bank, range(1000, 1020))
    until(lambda: desk.resting.figures.failed >= 1)
    pay(desk, bank, range(1020, 1030))
    desk.close()
    assert "its process ended with -9" in desk.log[0]
    desk.snapshots.tidy()
    desk.log.clear()
    assert desk.folded
    desk.open()
    pay(desk, bank, range(1030, 1040))
    assert list(desk.store.decisions())[-1].seq == 39
    desk.close()


def test_a_child_that_fails_says_why(tmp_path: Path, small: Rules, bank: Bank) -> None:
    (tmp_path / "full").mkdir()
    desk = Desk(tmp_path / "full", small)
    (tmp_path / "full" / "snapshots").write_text("a file stands where the folder should be")
    pay(desk, bank, range(1000, 1020))
    until(lambda: bool(desk.log))
    assert "A snapshot cannot be written" in desk.log[0]
    desk.close()


def test_a_child_that_takes_too_long_is_ended(desk: Desk, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshotting, "SNAPSHOT_SECONDS", 0.2)
    monkeypatch.setattr(snapshotting, "STOP_SECONDS", 0.2)
    me = os.getpid()
    desk.resting._at = lambda step: time.sleep(60) if os.getpid() != me else None
    pay(desk, bank, range(1000, 1020))
    until(lambda: bool(desk.log))
    assert "took longer than" in desk.log[0]
    desk.writer.stop()


def test_the_child_holds_no_file_and_no_socket_of_the_service(tmp_path: Path, small: Rules, bank: Bank) -> None:
    """Else a port would stay taken, and a home locked, until the child has ended."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    me, seen = os.getpid(), tmp_path / "seen"

    def at(name: str) -> None:
        if name == "forked" and os.getpid() != me:
            links = [path.resolve() for path in Path("/proc/self/fd").iterdir() if int(path.name) > 2]
            seen.write_text("\n".join(map(str, links)))

    (tmp_path / "files").mkdir()
    desk = Desk(tmp_path / "files", small, at)
    pay(desk, bank, range(1000, 1020))
    until(lambda: desk.resting.figures.written >= 1)
    desk.close()
    listening.close()
    assert not [line for line in seen.read_text().splitlines() if "socket" in line or ".db" in line]


def test_the_stream_goes_on_while_a_child_writes(tmp_path: Path, small: Rules, bank: Bank) -> None:
    me, gate = os.getpid(), tmp_path / "gate"

    def at(name: str) -> None:
        while name == "written" and os.getpid() != me and not gate.exists():
            time.sleep(0.01)

    (tmp_path / "slow").mkdir()
    desk = Desk(tmp_path / "slow", small, at)
    pay(desk, bank, range(1000, 1020))
    until(lambda: bool(list((tmp_path / "slow" / "snapshots").glob("*.unfinished"))))
    pay(desk, bank, range(1020, 1060))
    assert desk.resting.figures.written == 0
    gate.touch()
    until(lambda: desk.resting.figures.written == 1)
    desk.close()
    assert desk.store.path.exists()
