"""The SQLite store keeps the law of stores, and a full, locked or foreign file is told in words and loses nothing."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from headgate.checks.batches import sample_batches
from headgate.checks.journals import random_journal
from headgate.checks.store import contents, keeps
from headgate.errors import FileError, HeadgateError, LawError, UnavailableError
from headgate.stores.sqlite import SqliteStore
from headgate.stores.store import Batch

ENTRIES = random_journal(seed=2, payments=60)


def test_the_store_keeps_the_law_of_stores(tmp_path: Path) -> None:
    keeps(SqliteStore, tmp_path / "store.db", ENTRIES)


def test_the_law_finds_a_store_that_loses_its_decisions(tmp_path: Path) -> None:
    class Forgetful(SqliteStore):
        def commit(self, batch: Batch) -> None:
            super().commit(Batch(entries=batch.entries, alerts=(), cases=batch.cases))

    with pytest.raises((LawError, HeadgateError)):
        keeps(Forgetful, tmp_path / "store.db", ENTRIES)


def test_a_process_that_is_killed_inside_a_commit_leaves_the_state_before_it(tmp_path: Path) -> None:
    first, second = sample_batches(ENTRIES, parts=2)
    store = SqliteStore(tmp_path / "store.db")
    store.commit(first)
    before = contents(store)
    store.close()
    program = f"""
import os, signal
from pathlib import Path
from headgate.checks.journals import random_journal
from headgate.checks.batches import sample_batches
from headgate.stores.sqlite import SqliteStore
class Dying(SqliteStore):
    def _keep_cases(self, db, cases):
        super()._keep_cases(db, cases)
        os.kill(os.getpid(), signal.SIGKILL)
second = sample_batches(random_journal(seed=2, payments=60), parts=2)[1]
Dying(Path({str(tmp_path / "store.db")!r})).commit(second)
"""
    done = subprocess.run([sys.executable, "-c", program], env=os.environ, check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL
    again = SqliteStore(tmp_path / "store.db")
    assert contents(again) == before
    again.commit(second)
    assert again.last_seq() == ENTRIES[-1].seq
    again.close()


def test_a_full_disk_is_told_and_what_was_there_stays(tmp_path: Path) -> None:
    first, second = sample_batches(ENTRIES, parts=2)
    store = SqliteStore(tmp_path / "store.db")
    store.commit(first)
    before = contents(store)
    pages = store._database._connection.execute("PRAGMA page_count").fetchone()[0]
    store._database._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(UnavailableError, match="Free disk space"):
        store.commit(second)
    assert contents(store) == before
    store._database._connection.execute("PRAGMA max_page_count = 1000000")
    store.commit(second)
    store.close()


def test_a_locked_store_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db", wait_ms=10)
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(UnavailableError, match="locked"):
        store.commit(sample_batches(ENTRIES)[0])
    other.execute("ROLLBACK")
    other.close()
    assert store.last_seq() < 0
    store.close()


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear reader, this is a letter and no database at all.")
    with pytest.raises(FileError):
        SqliteStore(tmp_path / "letter.db")
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE mine (x)")
    other.commit()
    other.close()
    with pytest.raises(FileError):
        SqliteStore(tmp_path / "other.db")
