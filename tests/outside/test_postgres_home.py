"""A home whose store is in PostgreSQL: brought there, served, archived, backed up, and crashed under the service."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import psycopg
import pyarrow as pa
import pytest
from click.testing import CliRunner

from headgate.checks.store import contents
from headgate.cli.store import command as store_command
from headgate.connectors.dataset import Dataset
from headgate.decisions.record import Decision
from headgate.drivers.backup import backup
from headgate.drivers.control_totals import control_totals
from headgate.drivers.explain import explain
from headgate.drivers.home import Home
from headgate.drivers.moving import move_closed_days
from headgate.drivers.query import query
from headgate.drivers.replay import replay
from headgate.drivers.restore import restore
from headgate.drivers.rules import load_rules
from headgate.drivers.verification import Asked, verify_decision
from headgate.errors import ConflictError, FieldError, FileError, UnavailableError
from headgate.journal.entries import Payment
from headgate.journal.order import order_table
from headgate.journal.schema import to_block
from headgate.service.opening import opened
from headgate.service.parts import Parts
from headgate.service.people import add_person, make_key
from headgate.stores.copying import LEFT_BEHIND, TABLES
from headgate.stores.postgres import PostgresStore
from headgate.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from conftest import Server

pytestmark = pytest.mark.outside
T0 = 1_772_409_600_000_000  # 2026-03-02
STEP_US = 40 * 60_000_000


def payment(number: int) -> Payment:
    clock_us = T0 + number * STEP_US
    return Payment(
        seq=0, clock_us=clock_us, tx_id=f"P-{number:05d}", ts_us=clock_us, payer=f"C-{number % 9}",
        payee=f"C-{(number + 1) % 9}", amount_minor=50_000 - number, currency="EUR", channel="app",
    )  # fmt: skip


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("replayed")
    table, _ = order_table(pa.Table.from_batches([to_block([payment(number) for number in range(150)])]))
    replay(Dataset(folder=folder, journal=table, reference_currency="EUR"), folder / "home", load_rules())
    return folder / "home"


@pytest.fixture
def home(replayed: Path, tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A replayed home; the environment names an empty database as its store."""
    shutil.copytree(replayed, tmp_path / "home")
    monkeypatch.setenv("HEADGATE_STORE__URL", url)
    return tmp_path / "home"


def copied(home: Path) -> dict[str, int]:
    result = CliRunner().invoke(
        store_command, ["copy", "--home", str(home), "--json"], standalone_mode=False, catch_exceptions=False
    )
    found: dict[str, int] = json.loads(result.stdout)
    return found


def decide(home: Path, numbers: range) -> Iterator[Decision]:
    clock = [T0]
    with opened(home, "127.0.0.1", lambda entries: None, lambda: clock[0]) as parts:
        for number in numbers:
            clock[0] = payment(number).ts_us
            yield parts.writer.decide([payment(number)]).result(timeout=60)[0].decision


def test_a_store_is_brought_into_postgres_whole_and_only_into_an_empty_one(home: Path) -> None:
    old = SqliteStore(home / "headgate.db")
    add_person(old, "ada", "analyst", "a long enough sentence", 0)
    make_key(old, "bank", "gateway", 0)
    with pytest.raises(FileError, match="headgate store copy"):
        Home(home)
    rows = copied(home)
    assert (rows["users"], rows["api_keys"], rows["archived"]) == (1, 1, 150)
    there = Home(home)
    assert isinstance(there.store, PostgresStore)
    assert contents(there.store) == contents(old)
    assert (there.store.users(), there.store.api_keys()) == (old.users(), old.api_keys())
    assert there.store.parts() == old.parts()
    with pytest.raises(ConflictError, match="not empty"):
        copied(home)
    for each in (old, there.store):
        each.close()


def test_a_copy_needs_a_named_store(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADGATE_STORE__URL")
    with pytest.raises(FieldError, match="HEADGATE_STORE__URL"):
        copied(home)


def test_a_home_in_postgres_decides_as_in_sqlite(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(home, tmp_path / "plain")
    copied(home)
    there = list(decide(home, range(150, 200)))
    monkeypatch.delenv("HEADGATE_STORE__URL")
    assert list(decide(tmp_path / "plain", range(150, 200))) == there


def test_what_is_in_postgres_is_archived_asked_totalled_explained_and_backed_up(home: Path, tmp_path: Path) -> None:
    copied(home)
    made = list(decide(home, range(150, 260)))
    there = Home(home)
    assert move_closed_days(there.store, payment(260).ts_us, keep_days=1) > 0
    assert query(there, "select count(*), count(distinct tx_id) from payments", 1).rows == [(260, 260)]
    first = made[0].seq
    assert query(there, f"select count(*) from decisions where seq >= {first}", 1).rows == [(len(made),)]
    assert control_totals(there, "2026-03-03").payments[0].count == 36
    assert explain(there, "P-00180").same_bits
    manifest = backup(there, tmp_path / "file", now_us=5)
    restore(tmp_path / "file", tmp_path / "restored")
    again = SqliteStore(tmp_path / "restored" / "headgate.db")
    assert contents(again) == contents(there.store)
    assert (again.parts(), again.last_seq()) == (there.store.parts(), manifest.last_seq)
    for store in (again, there.store):
        store.close()


def test_a_decision_in_postgres_verifies_and_a_tampered_row_is_found(home: Path, url: str) -> None:
    copied(home)
    made = list(decide(home, range(150, 156)))[2]
    there = Home(home)
    found = verify_decision(there, made.tx_id, Asked())
    assert (found.verdict, found.recomputed, found.place and found.place.published) == ("same", made, True)
    changed = msgspec.msgpack.encode(msgspec.structs.replace(made, threshold=0.5))
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE decisions SET action = 'hold', content = %s WHERE tx_id = %s", (changed, made.tx_id))
    found = verify_decision(there, made.tx_id, Asked())
    assert (found.verdict, found.same_bits) == ("differs", False)
    told = {each.name: (each.recomputed, each.stored, each.logged) for each in found.differences}
    assert told["threshold"] == (repr(made.threshold), "0.5", "as recomputed")
    assert told["action"] == ("allow", "hold", "allow")
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM decisions WHERE tx_id = %s", (made.tx_id,))
    assert verify_decision(there, made.tx_id, Asked()).verdict == "differs"
    there.close()


def _until_ready(parts: Parts, seconds: float = 60) -> None:
    """Wait until the writer has folded its state again, which it tries at each tick."""
    end = time.monotonic() + seconds
    while not parts.writer.ready:
        assert time.monotonic() < end, parts.writer.trouble
        time.sleep(0.05)


def test_a_server_that_crashes_under_the_service_costs_no_answered_decision(home: Path, running: Server) -> None:
    copied(home)
    answered = {}
    clock = [T0]
    with opened(home, "127.0.0.1", lambda entries: None, lambda: clock[0]) as parts:
        for number in range(150, 190):
            clock[0] = payment(number).ts_us
            if number == 170:
                running.stop("immediate")
            try:
                answered[number] = parts.writer.decide([payment(number)]).result(timeout=60)[0].decision
            except UnavailableError:
                if number == 173:
                    running.start()
                    _until_ready(parts)
        assert len(answered) > 30
    there = Home(home)
    assert {number: there.store.decision(f"P-{number:05d}") for number in answered} == answered
    there.close()


def test_both_databases_have_the_same_tables_and_columns(home: Path, url: str) -> None:
    lite = SqliteStore(home / "headgate.db")
    PostgresStore(url, lite.archive).close()
    with psycopg.connect(url) as connection:
        for table in (*TABLES, *LEFT_BEHIND):
            columns = [row[1] for row in lite.database.read(f"PRAGMA table_info({table})")]
            found = connection.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
                (table,),
            ).fetchall()
            assert [row[0] for row in found] == columns, table
        others = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchall()
    assert {row[0] for row in others} == {*TABLES, *LEFT_BEHIND, "turn", "headgate_version"}
    lite.close()
