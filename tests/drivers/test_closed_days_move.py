"""Closed days leave the store for the archive: exact bits, once each, whatever dies and whoever reads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import duckdb
import msgspec
import pytest

from headgate.checks.batches import sample_batches
from headgate.checks.journals import START_US, random_journal
from headgate.checks.store import contents
from headgate.decisions.record import Decision
from headgate.drivers import moving
from headgate.drivers.moving import move_closed_days, next_part, take
from headgate.errors import ConflictError, FileError, OrderError, UnavailableError
from headgate.journal.entries import Entry
from headgate.journal.schema import to_block
from headgate.limits import US_PER_DAY
from headgate.stores.archive import Archive
from headgate.stores.archive_writer import PartWriter, day_of, part_name
from headgate.stores.sqlite import SqliteStore
from headgate.stores.store import Batch
from headgate.stores.whole import blocks, decisions, entries

ENTRIES = random_journal(seed=11, payments=150, days=6)
BATCHES = sample_batches(ENTRIES)
DECISIONS = [decision for batch in BATCHES for decision in batch.decisions]
LAST_US = ENTRIES[-1].clock_us


def filled(path: Path, archive: Archive | None = None) -> SqliteStore:
    store = SqliteStore(path, archive)
    for batch in BATCHES:
        store.commit(batch)
    return store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = filled(tmp_path / "headgate.db")
    yield opened
    opened.close()


def has_everything_once(store: SqliteStore) -> bool:
    """Whether archive and tail together are the journal and its decisions, and nothing is in both."""
    files = [block for part in store.parts() for block in store.archive.blocks(part)]
    archived = {seq for block in files for seq in block.column("seq").to_pylist()}
    assert archived.isdisjoint(entry.seq for entry in store.tail())
    return list(entries(store)) == ENTRIES and list(decisions(store)) == DECISIONS


def test_closed_days_become_one_part_each_and_the_open_day_stays(store: SqliteStore) -> None:
    days = sorted({day_of(entry.clock_us) for entry in ENTRIES})
    moved = move_closed_days(store, LAST_US, keep_days=0)
    assert [part.name for part in store.parts()] == days[:-1]
    assert {day_of(entry.clock_us) for entry in store.tail()} == {days[-1]}
    assert moved == len(ENTRIES) - len(list(store.tail()))
    assert has_everything_once(store)
    assert move_closed_days(store, LAST_US, keep_days=0) == 0
    assert all(one.last_seq + 1 == other.first_seq for one, other in pairwise(store.parts()))


def test_days_that_are_to_be_kept_stay(store: SqliteStore) -> None:
    move_closed_days(store, LAST_US, keep_days=2)
    kept = {day_of(entry.clock_us) for entry in store.tail()}
    assert kept == {day_of(LAST_US - back * US_PER_DAY) for back in range(3)}


def test_what_was_archived_is_found_by_its_id_with_the_same_bits(store: SqliteStore) -> None:
    before = {decision.tx_id: decision for decision in DECISIONS}
    alerts = contents(store)[3]
    move_closed_days(store, LAST_US + 2 * US_PER_DAY, keep_days=0)
    assert (list(store.tail()), list(store.decisions())) == ([], [])
    for tx_id, decision in before.items():
        payment = store.payment(tx_id)
        assert payment == ENTRIES[decision.seq]
        assert store.decision(tx_id) == decision
    outcome = next(entry for entry in ENTRIES if type(entry).__name__ == "Outcome")
    assert store.entry("outcome", outcome.outcome_id) == outcome
    assert (store.last_seq(), store.last_clock_us()) == (ENTRIES[-1].seq, LAST_US)
    assert store.alerts(before) == alerts
    assert (store.decision("no"), store.payment("no"), store.entry("action", "no")) == (None, None, None)
    assert DECISIONS[0].tx_id in store.similar_ids(DECISIONS[0].tx_id + "~", 3)


def test_the_journal_goes_on_after_everything_was_archived_and_the_day_gets_a_second_part(store: SqliteStore) -> None:
    move_closed_days(store, LAST_US + US_PER_DAY, keep_days=0)
    more = msgspec.structs.replace(ENTRIES[0], seq=len(ENTRIES), clock_us=LAST_US)
    store.commit(Batch(entries=[more]))
    move_closed_days(store, LAST_US + US_PER_DAY, keep_days=0)
    assert [part.name for part in store.parts()][-2:] == [day_of(LAST_US), f"{day_of(LAST_US)}_0002"]
    assert list(entries(store)) == [*ENTRIES, more]
    names = [part.name for part in store.parts()]
    assert sorted(f"{name}.parquet" for name in names) == [f"{name}.parquet" for name in names]
    assert list(entries(store, 7)) == [*ENTRIES[7:], more]


def test_a_long_day_becomes_several_parts(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "MAX_PART_ENTRIES", 10)
    monkeypatch.setattr(moving, "ARCHIVE_BLOCK_ROWS", 4)
    move_closed_days(store, LAST_US + US_PER_DAY, keep_days=0)
    assert max(part.last_seq - part.first_seq + 1 for part in store.parts()) == 10
    assert part_name("2025-01-01", [part.name for part in store.parts()]).startswith("2025-01-01_")
    assert has_everything_once(store)


KILLED = """
import os, signal, sys
from pathlib import Path
from headgate.drivers import moving
from headgate.stores import archive_writer, tables_archive
from headgate.stores.sqlite import SqliteStore

def dies(then=lambda *a, **k: None, after=0):
    left = [after]
    def act(*arguments, **named):
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return then(*arguments, **named)
    return act

where, store = sys.argv[2], SqliteStore(Path(sys.argv[1]))
writer = archive_writer.PartWriter
if where == "while a file is written":
    writer._close = dies()
if where == "before a file has its name":
    archive_writer.os.replace = dies()
if where == "between the two names":
    archive_writer.os.replace = dies(os.replace, 1)
if where == "before the store takes the part":
    moving.take = dies()
if where == "inside the transaction":
    tables_archive.ArchiveTables._has = lambda self, part: False
    from headgate.stores.sqlite_database import SqliteWork
    SqliteWork.execute = dies(SqliteWork.execute, 1)
if where == "after the first part":
    moving.next_part = dies(moving.next_part, 1)
moving.move_closed_days(store, int(sys.argv[3]), 0)
"""
STEPS = {
    "while a file is written": 0,
    "before a file has its name": 0,
    "between the two names": 0,
    "before the store takes the part": 0,
    "inside the transaction": 0,
    "after the first part": 1,
}


@pytest.mark.parametrize(("where", "parts"), STEPS.items())
def test_a_move_that_is_killed_at_any_step_loses_and_doubles_nothing(where: str, parts: int, tmp_path: Path) -> None:
    path = tmp_path / "headgate.db"
    filled(path).close()
    command = [sys.executable, "-c", KILLED, str(path), where, str(LAST_US)]
    assert subprocess.run(command, env=os.environ, check=False).returncode == -signal.SIGKILL
    store = SqliteStore(path)
    assert len(store.parts()) == parts
    assert has_everything_once(store)
    move_closed_days(store, LAST_US, keep_days=0)
    assert has_everything_once(store)
    assert {part.name for part in store.parts()} == {file.stem for file in (tmp_path / "archive" / "journal").iterdir()}
    store.close()


def test_who_reads_while_parts_move_sees_every_entry_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headgate.stores.whole.ARCHIVE_BLOCK_ROWS", 16)
    reading, mover = filled(tmp_path / "headgate.db"), SqliteStore(tmp_path / "headgate.db")
    seen: list[Entry] = []
    for entry in entries(reading):
        seen.append(entry)
        if len(seen) % 40 == 0 and (part := next_part(mover, LAST_US)) is not None:
            take(mover, part)
    assert seen == ENTRIES
    assert len(mover.parts()) > 2
    decided: list[Decision] = []
    again = filled(tmp_path / "again.db", Archive(str(tmp_path / "again")))
    for decision in decisions(again):
        decided.append(decision)
        if len(decided) % 20 == 0 and (part := next_part(again, LAST_US)) is not None:
            take(again, part)
    assert decided == DECISIONS
    for each in (reading, mover, again):
        each.close()


def test_a_file_that_reads_back_otherwise_keeps_its_day_in_the_store(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(given: list[Entry]) -> object:
        return to_block([msgspec.structs.replace(entry, clock_us=entry.clock_us + 1) for entry in given])

    monkeypatch.setattr(moving, "to_block", other)
    with pytest.raises(FileError, match="read back otherwise"):
        move_closed_days(store, LAST_US, keep_days=0)
    assert store.parts() == ()
    assert has_everything_once(store)


def test_a_storage_that_cannot_be_written_or_read_is_told_and_nothing_leaves_the_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    store = filled(tmp_path / "headgate.db", Archive(str(tmp_path / "file")))
    with pytest.raises(FileError, match="Nothing has left the store"):
        move_closed_days(store, LAST_US, keep_days=0)
    assert has_everything_once(store)
    store.close()
    store = filled(tmp_path / "other.db", Archive(str(tmp_path / "there")))
    move_closed_days(store, LAST_US, keep_days=0)
    file = tmp_path / "there" / "journal" / f"{store.parts()[0].name}.parquet"
    file.write_bytes(b"damaged")
    with pytest.raises(FileError, match="missing or damaged"):
        list(blocks(store))
    file.unlink()
    with pytest.raises(FileError, match="missing or damaged"):
        list(blocks(store))
    file.mkdir()
    with pytest.raises(UnavailableError, match="cannot be read now"):
        list(blocks(store))
    store.close()


def test_a_part_that_does_not_follow_or_is_another_is_refused(store: SqliteStore) -> None:
    first = next_part(store, LAST_US)
    assert first is not None
    for wrong in (
        {"first_seq": 1},
        {"last_seq": ENTRIES[-1].seq + 1},
    ):
        with pytest.raises(OrderError, match="0 comes next"):
            store.take_part(msgspec.structs.replace(first, **wrong), ())
    take(store, first)
    take(store, first)
    with pytest.raises(ConflictError, match="other entries from seq 0"):
        store.take_part(msgspec.structs.replace(first, journal_sha256=""), ())
    assert has_everything_once(store)


def test_an_archive_may_lie_in_any_storage_that_fsspec_knows(tmp_path: Path) -> None:
    archive = Archive("memory://bank/archive")
    store = filled(tmp_path / "headgate.db", archive)
    move_closed_days(store, LAST_US, keep_days=1)
    assert archive.files.exists(archive.path("journal", store.parts()[0].name))
    assert has_everything_once(store)
    again = SqliteStore(tmp_path / "headgate.db", Archive("memory://bank/archive"))
    assert has_everything_once(again)
    again.close()
    store.close()
    with pytest.raises(FileError, match="archive cannot be opened"):
        Archive("nonsense://bank")


def test_the_files_are_parquet_for_any_tool_and_hashed_as_they_are(store: SqliteStore, tmp_path: Path) -> None:
    move_closed_days(store, LAST_US, keep_days=0)
    last = store.parts()[-1].last_seq
    files = f"read_parquet('{tmp_path}/archive/journal/*.parquet')"
    assert duckdb.sql(f"SELECT count(*), min(seq), max(seq) FROM {files}").fetchall() == [(last + 1, 0, last)]
    for part in store.parts():
        assert store.archive.sha256("journal", part.name) == part.journal_sha256
        assert store.archive.sha256("decisions", part.name) == part.decisions_sha256


def test_a_part_given_up_leaves_no_file_under_a_name(store: SqliteStore, tmp_path: Path) -> None:
    writer = PartWriter(store.archive, day_of(START_US))
    writer.add(to_block(ENTRIES[:3]))
    writer.discard()
    assert [path.name for path in (tmp_path / "archive" / "journal").iterdir()] == ["2025-01-01.parquet.partial"]
