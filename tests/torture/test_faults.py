"""A disk that fails under the writer: nothing is tried again, nothing is acknowledged that is not there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from random import Random
from typing import Any

import apsw
import pytest

from headgate.charter.pseudonyms import Vault
from headgate.decisions.record import canonical_json
from headgate.drivers.lock import locked
from headgate.drivers.rules import Rules
from headgate.errors import ConflictError, FileError, OrderError, UnavailableError
from headgate.journal.entries import Action, Payment
from headgate.limits import MAX_QUEUE
from headgate.service.commands.stage import Stage
from headgate.service.writer import Writer
from headgate.stores.sqlite import SqliteStore
from torture.audit import audit
from torture.client import Client
from torture.life import SUBJECTS, Reply, Request, book_of, folded
from torture.losing_disk import LosingDisk
from torture.rules import small_rules
from torture.sqlite_on_it import connector

T0 = 1_741_104_000_000_000
MINUTE_US = 60_000_000


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    return small_rules(tmp_path_factory.mktemp("small") / "rules")


class Bench:
    """A writer whose files lie on a disk that the test can break, and a client that remembers what it was told."""

    def __init__(self, folder: Path, rules: Rules) -> None:
        self.folder, self.rules = folder, rules
        self.disk = LosingDisk(f"bench-{id(self)}")
        connect = connector(self.disk.name)
        self.now_us = T0
        self.log: list[str] = []
        self.client = Client(Random(1))
        self.store = SqliteStore(folder / "headgate.db", connect=connect)
        self.reading = SqliteStore(folder / "headgate.db", connect=connect)
        self.vault = Vault(folder / "vault.db", connect=connect)
        self.writer = Writer(
            self.store, self.vault, lambda: folded(self.store, rules), lambda: self.now_us, self.log.append,
            book=book_of(folder, self.store),
        )  # fmt: skip
        self.writer.start()

    def payment(self, number: int, amount_minor: int = 95_000, rail: str = "transfer") -> Payment:
        return Payment(
            seq=0, clock_us=0, tx_id=f"P-{number}", ts_us=T0, payer=f"DE-{number % 5}", payee=f"DE-{5 + number}",
            amount_minor=amount_minor, currency="EUR", rail=rail,
        )  # fmt: skip

    def send(self, number: int) -> Future[Any]:
        return self.writer.decide([self.payment(number)])

    def pay(self, number: int) -> Any:
        """Decide one payment and note what was acknowledged."""
        (answer,) = self.send(number).result(timeout=60)
        name = len(self.client.asked)
        self.client.asked[name] = Request(id=name, payments=[self.payment(number)])
        self.client.acknowledged[name] = Reply(id=name, records=[canonical_json(answer.decision)], repeated=[False])
        return answer

    def pay_when_ready(self, number: int) -> Any:
        """As a caller that is told 503 and sends again."""
        pause = threading.Event()
        for _ in range(600):
            try:
                return self.pay(number)
            except UnavailableError:
                pause.wait(0.02)
        raise AssertionError(f"the writer did not come back: {self.log}")

    def fail(self, what: str, file: str, error: Callable[[], Exception], times: int = 10**9) -> None:
        """Let an operation on the files of this name fail so many times."""
        left = [times]

        def hears(happens: str, name: str) -> None:
            if happens == what and name.startswith(file) and left[0] > 0:
                left[0] -= 1
                raise error()

        self.disk.hears = hears

    def heal(self) -> None:
        self.disk.hears = lambda what, file: None
        self.disk.short = None

    def refused(self) -> list[Action]:
        return [e for e in self.store.tail() if isinstance(e, Action) and e.subject_kind == "service"]

    def close(self) -> None:
        self.writer.stop()
        self.vault.close()
        self.reading.close()
        self.store.close()


@pytest.fixture
def bench(tmp_path: Path, small: Rules) -> Iterator[Bench]:
    made = Bench(tmp_path, small)
    for number in range(5):
        made.pay(number)
    yield made
    made.heal()
    made.close()


def broken_sync() -> Exception:
    return apsw.IOError("the disk did not take it")


def full() -> Exception:
    return apsw.FullError("no room is left")


def is_sound(bench: Bench) -> None:
    """What is on disk is what its journal gives, with everything that was acknowledged."""
    copy = bench.folder / "as-on-disk"
    copy.mkdir()
    for path in (*bench.folder.glob("*.db*"), bench.folder / "ledger.key"):
        shutil.copy(path, copy)
    shutil.copytree(bench.folder / SUBJECTS, copy / SUBJECTS)
    assert audit(copy, bench.rules, bench.client).wrong == []
    shutil.rmtree(copy)


@pytest.mark.parametrize(
    ("what", "file", "error"),
    [
        ("sync", "headgate.db-wal", broken_sync),
        ("write", "headgate.db-wal", broken_sync),
        ("write", "headgate.db-wal", full),
        ("sync", "vault.db-wal", broken_sync),
        ("write", "vault.db-wal", full),
    ],
)
def test_after_a_failure_of_the_disk_nothing_is_acknowledged_and_the_state_is_folded_from_the_disk(
    bench: Bench, what: str, file: str, error: Callable[[], Exception]
) -> None:
    before = bench.writer._folded
    bench.fail(what, file, error, times=1)
    with pytest.raises(UnavailableError):
        bench.send(100).result(timeout=60)
    assert bench.writer.refused.count >= 1
    assert bench.pay_when_ready(100).decision.tx_id == "P-100"
    assert bench.writer._folded is not before
    assert [entry.reason.split(" from")[0] for entry in bench.refused()]
    is_sound(bench)


def test_a_failed_sync_is_followed_by_writing_everything_in_doubt_again_and_not_by_another_sync_alone(
    bench: Bench,
) -> None:
    bench.fail("sync", "headgate.db-wal", broken_sync, times=1)
    with pytest.raises(UnavailableError):
        bench.send(100).result(timeout=60)
    heard: list[tuple[str, str]] = []
    bench.disk.hears = lambda what, file: heard.append((what, file)) if file.startswith("headgate") else None
    bench.pay_when_ready(100)
    changes = [each for each in heard if each[0] != "read"]
    into_the_file = changes.index(("write", "headgate.db"))
    assert into_the_file < changes.index(("synced", "headgate.db")) < changes.index(("write", "headgate.db-wal"))
    is_sound(bench)


def test_while_the_disk_is_full_everything_is_refused_and_counted_and_the_interval_is_on_record_afterwards(
    bench: Bench,
) -> None:
    bench.fail("write", "headgate.db", full)
    refused = 0
    for number in range(100, 110):
        with pytest.raises(UnavailableError):
            bench.send(number).result(timeout=60)
        refused += 1
    bench.now_us += MINUTE_US
    bench.heal()
    bench.pay_when_ready(100)
    is_sound(bench)
    kept = bench.refused()
    assert bench.writer.refused.count >= refused
    assert sum(int(entry.reason.split(" ", 1)[0]) for entry in kept) == bench.writer.refused.count
    assert not any(bench.store.payment(f"P-{number}") for number in range(101, 110))


def test_a_short_write_leaves_nothing_that_counts(bench: Bench) -> None:
    bench.disk.short = "headgate.db-wal"
    with pytest.raises(UnavailableError):
        bench.send(100).result(timeout=60)
    is_sound(bench)
    bench.heal()
    bench.pay_when_ready(100)
    is_sound(bench)


def test_a_store_that_is_gone_is_noticed_before_anything_more_is_acknowledged(bench: Bench, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    for path in tmp_path.glob("headgate.db*"):
        path.rename(away / path.name)
    for _ in range(3):
        with pytest.raises(UnavailableError):
            bench.send(100).result(timeout=60)
    assert not (tmp_path / "headgate.db").exists(), "a new and empty store must not take its place"
    assert not bench.writer.ready


def test_a_clock_that_steps_back_changes_no_order(bench: Bench) -> None:
    first = bench.pay(100).decision
    bench.now_us -= 24 * 60 * MINUTE_US
    second = bench.pay(101).decision
    assert (second.seq, second.clock_us) == (first.seq + 1, first.clock_us)
    is_sound(bench)


def test_a_slow_disk_delays_answers_and_fills_the_queue_to_its_bound_and_no_further(bench: Bench) -> None:
    gate = threading.Event()
    bench.disk.hears = lambda what, file: gate.wait(60) if what == "sync" and file == "headgate.db-wal" else None
    answers, refused = [bench.send(100)], 0
    for number in range(101, 101 + 2 * MAX_QUEUE):
        try:
            answers.append(bench.send(number))
        except UnavailableError:
            refused += 1
    assert bench.writer.queued <= MAX_QUEUE
    assert refused >= MAX_QUEUE - 300
    assert not any(answer.done() for answer in answers)
    gate.set()
    assert all(answer.result(timeout=60) for answer in answers)
    bench.pay_when_ready(1)
    assert bench.writer.refused.count == refused
    is_sound(bench)


def test_of_two_writers_that_both_follow_the_journal_one_commits_and_the_other_starts_again(bench: Bench) -> None:
    other = Writer(bench.reading, bench.vault, lambda: folded(bench.reading, bench.rules), lambda: T0, print)
    other.start()
    try:
        bench.pay(100)
        with pytest.raises(UnavailableError):
            other.decide([bench.payment(200)]).result(timeout=60)
    finally:
        other.stop()
    is_sound(bench)


def test_the_store_itself_refuses_what_does_not_follow(bench: Bench) -> None:
    stale = folded(bench.reading, bench.rules).pipeline
    bench.pay(100)
    stage = Stage(stale, bench.reading, lambda entry: entry, T0)
    stage.fold(bench.payment(200))
    with pytest.raises((ConflictError, OrderError)):
        bench.reading.commit(stage.batch())


PROGRAM = """
import sys
from pathlib import Path
from headgate.drivers.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_on_the_same_home_refuses_to_start_until_the_first_is_gone(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    first = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ)
    assert first.stdout is not None
    assert first.stdout.readline() == "held\n"
    second = subprocess.run(command, capture_output=True, text=True, check=False, input="", env=os.environ)
    assert second.returncode == 1
    assert f"Another process decides in this home already: process {first.pid}" in second.stderr
    with pytest.raises(UnavailableError, match="two writers"), locked(tmp_path):
        pass
    first.kill()
    first.wait()
    with locked(tmp_path):
        pass


def test_a_home_that_cannot_be_locked_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be locked"), locked(tmp_path / "nowhere"):
        pass
