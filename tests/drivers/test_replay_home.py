"""A replay makes a home that decides, explains and goes on exactly as one that never stopped."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from headgate.cli.cases import command as cases_command
from headgate.cli.explain import command as explain_command
from headgate.cli.replay import command as replay_command
from headgate.connectors.dataset import Dataset, read_dataset
from headgate.drivers.explain import explain
from headgate.drivers.home import Home
from headgate.drivers.replay import replay
from headgate.drivers.rules import load_rules
from headgate.errors import FieldError, FileError, NotFoundError
from headgate.journal.check import check_journal
from headgate.journal.entries import Action, Activation, Payment
from headgate.journal.order import blocks_of
from headgate.journal.schema import from_block
from headgate.stores.store import Batch

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def counting_token() -> Callable[[int], bytes]:
    """Randomness that is the same in every run."""
    drawn = iter(range(10**9))
    return lambda size: hashlib.sha256(str(next(drawn)).encode()).digest()[:size]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Three weeks of quiet payments, then two chains that hand sums on and a diamond."""
    folder = tmp_path_factory.mktemp("bank")
    quiet = [(f"c{n % 12}", f"shop{n % 3}", 20 + n % 17, n * 90) for n in range(300)]
    start = 300 * 90
    chains = [(f"{name}{n}", f"{name}{n + 1}", 900 - 8 * n, start + 40 * n) for name in "mn" for n in range(4)]
    diamond = [("s", f"d{n}", 700, start + 300 + n) for n in range(5)]
    gathered = [(f"d{n}", "t", 690, start + 330 + n) for n in range(5)]
    rows = sorted([*quiet, *chains, *diamond, *gathered], key=lambda row: row[3])
    table = {
        "tx_id": [f"t{n:04d}" for n in range(len(rows))],
        "ts": pa.array([START + timedelta(minutes=row[3]) for row in rows], pa.timestamp("us", "UTC")),
        "payer": [row[0] for row in rows],
        "payee": [row[1] for row in rows],
        "amount": [float(row[2]) for row in rows],
        "currency": ["EUR"] * len(rows),
        "channel": ["app"] * len(rows),
    }
    pq.write_table(pa.table(table), folder / "transactions.parquet")
    accounts = [f"{name}{n}" for name in "mnd" for n in range(6)]
    people = {"account_id": [*accounts, "s", "t"], "account_type": ["current"] * (len(accounts) + 2)}
    pq.write_table(pa.table(people), folder / "accounts.parquet")
    return read_dataset(folder)


@pytest.fixture
def home(dataset: Dataset, tmp_path: Path) -> Path:
    replay(dataset, tmp_path / "home", load_rules(), token=counting_token())
    return tmp_path / "home"


def test_two_replays_give_the_same_decisions_alerts_and_cases(dataset: Dataset, home: Path, tmp_path: Path) -> None:
    replay(dataset, tmp_path / "again", load_rules(), token=counting_token())
    for name in ("archive/decisions", "alerts.parquet", "cases.parquet", "archive/journal"):
        first, second = (pq.read_table(folder / name) for folder in (home, tmp_path / "again"))
        assert first.equals(second), name
    assert pq.read_table(home / "alerts.parquet").num_rows > 0


def test_the_journal_of_a_home_is_sound_holds_pseudonyms_only_and_says_what_took_effect(home: Path) -> None:
    journal = pq.read_table(home / "archive" / "journal")
    assert check_journal(blocks_of(journal)).sound
    accounts = {name for column in ("payer", "payee", "account") for name in journal.column(column).to_pylist() if name}
    assert all(name.startswith("A-") for name in accounts)
    activated = [entry for block in Home(home).blocks() for entry in _activations(block)]
    assert {entry.subject_kind for entry in activated} == {"charter", "policy", "scenario", "rules"}


def _activations(block: pa.RecordBatch) -> list[Activation]:
    return [entry for entry in from_block(block) if isinstance(entry, Activation)]


def test_every_decision_is_explained_with_the_same_bits(home: Path) -> None:
    opened = Home(home)
    decided = pq.read_table(home / "archive" / "decisions").column("tx_id").to_pylist()
    for tx_id in [*decided[::25], *pq.read_table(home / "alerts.parquet").column("tx_id").to_pylist()]:
        assert explain(opened, tx_id).same_bits, tx_id
    opened.close()


def test_a_tampered_journal_is_told_by_the_digest(home: Path) -> None:
    alert = pq.read_table(home / "alerts.parquet").column("tx_id")[0].as_py()
    opened = Home(home)
    path = home / "archive" / "journal" / f"{opened.store.part_of(opened.store.payment(alert).seq).name}.parquet"
    opened.close()
    journal = pq.read_table(path)
    amounts = [None if amount is None else amount + 1 for amount in journal.column("amount_minor").to_pylist()]
    place = journal.schema.get_field_index("amount_minor")
    pq.write_table(journal.set_column(place, journal.schema.field(place), pa.array(amounts, pa.int64())), path)
    result = CliRunner().invoke(explain_command, [alert, "--home", str(home)], standalone_mode=False)
    assert result.return_value == 1
    assert "same bits: no" in result.output


def test_a_home_goes_on_as_if_it_had_never_stopped(home: Path) -> None:
    """What is decided after opening the home twice is what is decided after opening it once."""
    opened = Home(home)
    one, other = opened.pipeline(), opened.pipeline()
    clock_us = one.last_clock_us + 60_000_000
    first = Payment(
        seq=0, clock_us=clock_us, tx_id="live-1", ts_us=clock_us, payer="A-X", payee="A-Y", amount_minor=5_000,
        currency="EUR",
    )  # fmt: skip
    step = one.step(first)
    opened.store.commit(Batch(entries=list(step.entries), decisions=[step.decision] if step.decision else []))
    assert step.decision == other.step(first).decision
    resumed = opened.pipeline()
    assert (resumed.next_seq, resumed.last_clock_us) == (one.next_seq, one.last_clock_us)
    assert explain(opened, "live-1").same_bits
    opened.close()


def test_a_person_who_dismisses_a_case_is_remembered_after_a_restart(home: Path) -> None:
    opened = Home(home)
    pipeline = opened.pipeline()
    case = opened.store.cases("open", "risk", 1)[0]
    action = Action(
        seq=0, clock_us=pipeline.last_clock_us, action_id="a1", actor="anna", action="dismiss", subject_kind="case",
        subject=case.id, reason="The payer called: a family gift",
    )  # fmt: skip
    step = pipeline.step(action)
    opened.store.commit(Batch(entries=list(step.entries), cases=[change.case for change in step.case_changes]))
    assert opened.pipeline().cases.case(case.id).state == "dismissed"
    opened.close()


def test_the_commands_list_show_and_explain(home: Path) -> None:
    runner = CliRunner()
    listed = runner.invoke(cases_command, ["--home", str(home)], standalone_mode=False)
    assert "C-000001" in listed.output
    shown = runner.invoke(cases_command, ["--home", str(home), "show", "C-000001"], standalone_mode=False)
    assert "Money within the case" in shown.output
    alert = pq.read_table(home / "alerts.parquet").column("tx_id")[0].as_py()
    explained = runner.invoke(explain_command, [alert, "--home", str(home)], standalone_mode=False)
    assert explained.return_value == 0
    assert "same bits: yes" in explained.output


@pytest.mark.parametrize(("tx_id", "words"), [("nope", "There is no payment"), ("t0001", "only learnt from")])
def test_a_payment_that_was_not_decided_is_said_so(home: Path, tx_id: str, words: str) -> None:
    with pytest.raises(NotFoundError, match=words):
        CliRunner().invoke(
            explain_command, [tx_id, "--home", str(home)], standalone_mode=False, catch_exceptions=False
        )  # fmt: skip


def test_a_folder_that_is_no_home_or_a_damaged_one_is_refused_in_words(home: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no home\.json"):
        Home(tmp_path)
    (home / "state" / "facts.snapshot").unlink()
    opened = Home(home)
    with pytest.raises(FileError, match="cannot be read"):
        opened.pipeline()
    opened.close()
    (home / "home.json").write_text("{")
    with pytest.raises(FileError, match="settings of the home"):
        Home(home)


def test_a_home_is_never_overwritten_unasked_and_a_failed_replay_leaves_nothing(
    dataset: Dataset, home: Path, tmp_path: Path
) -> None:
    def run(*options: str) -> object:
        arguments = [str(dataset.folder), "--out", *options]
        return CliRunner().invoke(replay_command, arguments, standalone_mode=False, catch_exceptions=False)

    with pytest.raises(FileError, match="not empty"):
        run(str(home))
    run(str(home), "--overwrite")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("mine")
    with pytest.raises(FileError, match="is no home"):
        run(str(tmp_path / "other"), "--overwrite")
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        run(str(tmp_path / "file" / "home"))
    with pytest.raises(FieldError, match="cannot be history"):
        run(str(tmp_path / "new"), "--from-share", "1.5")
    assert not (tmp_path / "new").exists()
