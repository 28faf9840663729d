from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from headgate.checks.batches import sample_batches
from headgate.checks.journals import random_journal
from headgate.checks.store import contents, expected_contents, keeps
from headgate.errors import (
    ConflictError,
    FileError,
    LawError,
    NotFoundError,
    OrderError,
    UnavailableError,
)
from headgate.ledger.log import Prepared
from headgate.ledger.store import Head
from headgate.ledger.tree import Tree
from headgate.stores.archive import Part
from headgate.stores.sqlite import SqliteStore
from headgate.stores.store import Batch, Store
from headgate.stores.users import User

ENTRIES = random_journal(seed=4, payments=120)


def takes_a_store(store: Store) -> Store:
    return store


def test_the_sqlite_store_obeys_the_law(tmp_path: Path) -> None:
    keeps(SqliteStore, tmp_path / "store.db", ENTRIES)


def test_the_sqlite_store_is_a_store(tmp_path: Path) -> None:
    assert takes_a_store(SqliteStore(tmp_path / "store.db")).last_seq() == -1


class Forgetful(SqliteStore):
    def case_of(self, tx_id: str):
        return None


class Careless(SqliteStore):
    def commit(self, batch: Batch) -> None:
        super().commit(Batch(entries=batch.entries))
        with self._database.transaction() as db:
            self._decide(db, batch.decisions, batch.alerts)
            self._keep_cases(db, batch.cases)


class Hoarding(SqliteStore):
    """Names parts and keeps what they hold."""

    def take_part(self, part: Part, ids: Iterable[tuple[str, str, int]]) -> None:
        kept = [] if part in self.parts() else [entry for entry in self.tail(limit=3) if entry.seq <= part.last_seq]
        super().take_part(part, ids)
        with self._database.transaction() as db:
            self._append(db, kept)


class Losing(SqliteStore):
    """Takes parts without their identities."""

    def take_part(self, part: Part, ids: Iterable[tuple[str, str, int]]) -> None:
        super().take_part(part, ())


@pytest.mark.parametrize(("store", "what"), [(Hoarding, "tail keeps what was archived"), (Losing, "by its identity")])
def test_the_law_finds_a_store_that_archives_badly(store: type[SqliteStore], what: str, tmp_path: Path) -> None:
    with pytest.raises(LawError, match=what):
        keeps(store, tmp_path / "store.db", ENTRIES)


@pytest.mark.parametrize(("store", "what"), [(Forgetful, "case of an alert"), (Careless, "left something")])
def test_the_law_finds_a_store_that_breaks_it(store: type[SqliteStore], what: str, tmp_path: Path) -> None:
    with pytest.raises(LawError, match=what):
        keeps(store, tmp_path / "store.db", ENTRIES)


KILLED = """
import os, signal, sys
from pathlib import Path
from headgate.checks.journals import random_journal
from headgate.checks.batches import sample_batches
from headgate.stores.archive import Part
from headgate.stores.sqlite import SqliteStore
from headgate.stores.store import Batch
import msgspec

class Deadly(list):
    def __iter__(self):
        yield from list.__getitem__(self, slice(0, len(self) // 2))
        os.kill(os.getpid(), signal.SIGKILL)

store = SqliteStore(Path(sys.argv[1]))
first, second, third = sample_batches(random_journal(seed=4, payments=120))
store.commit(first)
store.commit(msgspec.structs.replace(second, **{sys.argv[2]: Deadly(getattr(second, sys.argv[2]))}))
"""


@pytest.mark.parametrize("part", ["decisions", "cases"])
def test_a_process_killed_in_the_middle_of_a_commit_leaves_nothing_half_done(part: str, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    ended = subprocess.run([sys.executable, "-c", KILLED, str(path), part], env=os.environ, check=False)
    assert ended.returncode == -signal.SIGKILL
    first, second, _ = sample_batches(ENTRIES)
    store = SqliteStore(path)
    assert contents(store) == expected_contents([first])
    store.commit(second)
    assert contents(store) == expected_contents([first, second])


def test_of_two_writers_one_loses(tmp_path: Path) -> None:
    one, two = SqliteStore(tmp_path / "store.db"), SqliteStore(tmp_path / "store.db")
    first, second, _ = sample_batches(ENTRIES)
    one.commit(first)
    two.commit(second)
    with pytest.raises(ConflictError, match="Another writer was faster"):
        one.commit(Batch(entries=[msgspec.structs.replace(second.entries[0], clock_us=0)]))


def test_a_locked_store_is_unavailable_and_changes_nothing(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db", wait_ms=0)
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    first = sample_batches(ENTRIES)[0]
    with pytest.raises(UnavailableError, match="locked"):
        store.commit(first)
    other.execute("ROLLBACK")
    store.commit(first)
    assert contents(store) == expected_contents([first])


def test_a_full_disk_is_unavailable_and_changes_nothing(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    first, second, _ = sample_batches(ENTRIES)
    store.commit(first)
    used = store._database.read("PRAGMA page_count")[0][0]
    store._database.read(f"PRAGMA max_page_count = {used}")
    with pytest.raises(UnavailableError, match="full"):
        store.commit(second)
    assert contents(store) == expected_contents([first])
    store._database.read("PRAGMA max_page_count = 1000000")
    store.commit(second)
    assert contents(store) == expected_contents([first, second])


def test_a_read_only_store_is_unavailable_for_writing(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    store._database.read("PRAGMA query_only = ON")
    with pytest.raises(UnavailableError, match="readonly"):
        store.add_user(User(name="ana", role="analyst", password_hash="h", created_us=1))


def test_a_file_that_is_no_store_is_not_opened(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "songs.db") as other:
        other.execute("CREATE TABLE songs(name)")
    (tmp_path / "noise.db").write_bytes(b"not a database, but long enough to look at" * 40)
    SqliteStore(tmp_path / "newer.db").close()
    with sqlite3.connect(tmp_path / "newer.db") as newer:
        newer.execute("PRAGMA user_version = 99")
    for name, why in (("songs", "another program"), ("noise", "not a database"), ("newer", "version 99")):
        with pytest.raises(FileError, match=why):
            SqliteStore(tmp_path / f"{name}.db")
    with pytest.raises(FileError, match="cannot be opened"):
        SqliteStore(tmp_path / "nowhere" / "store.db")


def test_what_is_written_is_synced_and_survives_in_the_log(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    assert store._database.read("PRAGMA journal_mode")[0][0] == "wal"
    assert store._database.read("PRAGMA synchronous")[0][0] == 2
    assert store._database.read("PRAGMA foreign_keys")[0][0] == 1


def test_an_archive_ends_where_the_tail_begins(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    part = Part("2026-03-02", 0, 99, 3, 7, 0, "", "")
    store.take_part(part, [("payment", "old", 41), ("outcome", "old", 42)])
    assert (store.parts(), store.parts(99), store.parts(100)) == ((part,), (part,), ())
    assert (store.last_seq(), store.last_clock_us(), store.archived_seq("payment", "old")) == (99, 7, 41)
    assert store.archived_seq("outcome", "old") == 42
    assert store.archived_seq("payment", "new") is None
    entry = msgspec.structs.replace(ENTRIES[0], seq=100)
    with pytest.raises(OrderError, match="100 comes next"):
        store.commit(Batch(entries=[msgspec.structs.replace(entry, seq=102)]))
    store.commit(Batch(entries=[entry]))
    assert store.last_seq() == 100
    assert list(store.tail(0)) == [entry]


def test_an_entry_is_found_by_its_kind_and_id(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    store.commit(Batch(entries=ENTRIES))
    outcome = next(entry for entry in ENTRIES if type(entry).__name__ == "Outcome")
    assert store.entry("outcome", outcome.outcome_id) == outcome
    assert store.entry("action", outcome.outcome_id) is None


def test_a_key_without_a_user_is_refused_and_an_unknown_user_is_said(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    with pytest.raises(NotFoundError, match="no key 'x'"):
        store.disable_api_key("x")


def logged(leaves: tuple[bytes, ...], expected_size: int) -> Prepared:
    size = expected_size + len(leaves)
    return Prepared(leaves, Head(size, b"peaks", b"checkpoint of %d" % size), expected_size, Tree())


def test_leaves_and_head_of_the_ledger_are_committed_with_their_batch_or_not_at_all(tmp_path: Path) -> None:
    store, (first, second, *_) = SqliteStore(tmp_path / "store.db"), sample_batches(ENTRIES)
    store.commit(msgspec.structs.replace(first, logged=logged((b"one", b"two"), 0)))
    with pytest.raises(ConflictError, match="has 2 entries and not 1"):
        store.commit(msgspec.structs.replace(second, logged=logged((b"three",), 1)))
    assert store.last_seq() == first.entries[-1].seq
    store.commit(msgspec.structs.replace(second, logged=logged((b"three",), 2)))
    store.commit(msgspec.structs.replace(second, logged=logged((b"three",), 2)))
    with pytest.raises(ConflictError, match="another writer went on"):
        store.commit(msgspec.structs.replace(second, logged=logged((b"other",), 2)))
    assert store.ledger_leaves(0, 9) == [b"one", b"two", b"three"]


def test_what_others_left_for_the_ledger_is_forgotten_when_it_is_logged(tmp_path: Path) -> None:
    store, other = SqliteStore(tmp_path / "store.db"), SqliteStore(tmp_path / "store.db")
    other.tell_ledger(b"one")
    other.tell_ledger(b"two")
    assert store.told_to_ledger() == [(0, b"one"), (1, b"two")]
    store.commit(Batch(logged=logged((b"one",), 0), told=0))
    assert other.told_to_ledger() == [(1, b"two")]


def test_a_store_of_the_version_before_gets_the_tables_of_the_ledger(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = SqliteStore(path)
    store.commit(sample_batches(ENTRIES)[0])
    before = contents(store)
    store.close()
    with sqlite3.connect(path) as older:
        for table in ("ledger_leaves", "ledger_state", "ledger_told"):
            older.execute(f"DROP TABLE {table}")
        older.execute("PRAGMA user_version = 3")
    older.close()
    store = SqliteStore(path)
    assert contents(store) == before
    assert store.ledger_head() is None
