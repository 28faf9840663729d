"""A simulated bank is reproducible, sound, rare in fraud, rich in honest lookalikes, and gives nothing away."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from headgate.cli.simulate import command
from headgate.connectors.dataset import Dataset, read_dataset
from headgate.drivers.simulation.calendar import Calendar
from headgate.drivers.simulation.draws import stream
from headgate.drivers.simulation.population import build
from headgate.drivers.simulation.scheme import Scheme
from headgate.drivers.simulation.schemes import schemes
from headgate.drivers.simulation.simulate import Order, simulate
from headgate.drivers.simulation.stage import Stage
from headgate.drivers.simulation.worlds import WORLDS, world_named
from headgate.errors import FieldError, FileError, NotFoundError
from headgate.journal.check import check_journal

PAYMENTS, DAYS = 60_000, 120


def world(folder: Path, name: str = "harbour", seed: int = 1, payments: int = PAYMENTS, days: int = DAYS) -> Path:
    simulate(Order(world_named(name), days=days, seed=seed, payments=payments), folder)
    return folder


def digest(folder: Path) -> str:
    content = b"".join(path.name.encode() + path.read_bytes() for path in sorted(folder.iterdir()))
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world(tmp_path_factory.mktemp("simulated") / "bank")


@pytest.fixture(scope="module")
def dataset(bank: Path) -> Dataset:
    return read_dataset(bank)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_gives_others(tmp_path: Path) -> None:
    first, again = (world(tmp_path / name, payments=8_000, days=60) for name in ("one", "two"))
    other = world(tmp_path / "three", seed=2, payments=8_000, days=60)
    assert digest(first) == digest(again)
    assert digest(first) != digest(other)


@pytest.mark.parametrize("seed", range(6))
def test_every_seed_and_size_comes_to_an_end(tmp_path: Path, seed: int) -> None:
    folder = world(tmp_path / "w", seed=seed, payments=20_000, days=45)
    assert pq.read_metadata(folder / "transactions.parquet").num_rows > 15_000


def test_the_journal_of_a_world_is_sound_and_has_every_kind_of_input(dataset: Dataset) -> None:
    report = check_journal(dataset.blocks())
    assert report.faults == []
    assert {"payment", "payment_status", "outcome", "account", "session", "rates"} <= set(report.by_kind)


def test_fraud_is_rare_and_every_kind_of_scheme_has_its_twins(bank: Path, dataset: Dataset) -> None:
    frauds = sum(dataset.labels.values())
    assert 0 < frauds <= 0.002 * dataset.payments
    started = Counter(kind for _, kind in set(dataset.schemes.values()))
    assert set(started) <= {scheme.name for scheme in schemes()}
    assert len(started) >= 8
    twins = pq.read_table(bank / "twins.parquet")
    assert len(set(twins.column("twin_id").to_pylist())) >= 5 * sum(started.values())
    assert len(set(twins.column("twin_type").to_pylist())) >= 10


def test_labels_come_late_and_some_never_come(dataset: Dataset) -> None:
    payments = dataset.journal.filter(pc.equal(dataset.journal.column("kind"), "payment"))
    clocks = dict(zip(payments.column("tx_id").to_pylist(), payments.column("clock_us").to_pylist(), strict=True))
    frauds = [tx for tx, label in dataset.labels.items() if label]
    known = [dataset.known_at_us[tx] - clocks[tx] for tx in frauds if tx in dataset.known_at_us]
    assert 0 < len(known) < len(frauds)
    assert min(known) >= 0
    assert np.median(np.array(known)) > 0


def test_ids_order_accounts_and_amounts_give_no_scheme_away(dataset: Dataset) -> None:
    payments = dataset.journal.to_pylist()
    rows = [row for row in payments if row["kind"] == "payment"]
    ids = [row["tx_id"] for row in rows]
    assert ids == sorted(ids), "ids follow time, not generation"
    fraud = [row for row in rows if dataset.labels[row["tx_id"]]]
    honest = [row for row in rows if not dataset.labels[row["tx_id"]]]
    honest_accounts = {row[side] for row in honest for side in ("payer", "payee")}
    lived = [row[side] in honest_accounts for row in fraud for side in ("payer", "payee")]
    assert np.mean(lived) > 0.9, "accounts of schemes live honest lives too"
    assert {row["channel"] for row in fraud} <= {row["channel"] for row in honest}
    largest = max(row["amount_minor"] for row in honest)
    assert max(row["amount_minor"] for row in fraud) <= largest


def test_the_second_world_is_another_one(tmp_path: Path) -> None:
    first, second = (read_dataset(world(tmp_path / n, name=n, payments=8_000, days=60)) for n in ("harbour", "upland"))
    mean = [
        np.mean([row for row in dataset.journal.column("amount_minor").to_pylist() if row is not None])
        for dataset in (first, second)
    ]
    assert not np.isclose(mean[0], mean[1], rtol=0.05)


def test_the_usual_worlds_play_the_usual_schemes_and_the_estuary_plays_all(bank: Path, tmp_path: Path) -> None:
    folders = {"harbour": bank, "estuary": world(tmp_path / "w", "estuary", payments=40_000, days=60)}
    tables = {name: pq.read_table(folder / "patterns.parquet") for name, folder in folders.items()}
    kinds = {name: set(table.column("pattern_type").to_pylist()) for name, table in tables.items()}
    assert kinds["harbour"] <= set(WORLDS["harbour"].repertoire)
    assert len(kinds["estuary"] - set(WORLDS["harbour"].repertoire)) >= 12
    assert kinds["estuary"] <= {scheme.name for scheme in schemes()}


@pytest.mark.parametrize("scheme", schemes(), ids=lambda each: each.name)
def test_a_scheme_and_its_twins_can_be_played_in_every_world(scheme: Scheme) -> None:
    for name in WORLDS:
        chosen = world_named(name)
        calendar = Calendar(date.fromisoformat(chosen.first_day), 60, chosen.online_hours)
        population = build(chosen, calendar, 200, seed=4)
        for number, plan in enumerate((scheme.plan, *(twin.plan for twin in scheme.twins))):
            start = calendar.day_start_us(20)
            stage = Stage(chosen, calendar, population, stream(4, "episode", number), start, scale=1.0)
            plan(stage)
            assert stage.payments, (scheme.name, number)
            assert all(planned.ts_us >= start and planned.amount > 0 for planned in stage.payments)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (("--payments", "10"), FieldError),
        (("--days", "1"), FieldError),
        (("--customers", "0"), FieldError),
        (("--world", "harbor"), NotFoundError),
    ],
)
def test_a_world_that_cannot_be_is_refused_in_words(tmp_path: Path, options: tuple[str, ...], error: type) -> None:
    with pytest.raises(error) as caught:
        CliRunner().invoke(
            command, [str(tmp_path / "w"), *options], standalone_mode=False, catch_exceptions=False
        )  # fmt: skip
    assert caught.value.repair
    assert not (tmp_path / "w").exists()


def test_a_folder_of_yours_is_never_written_into(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(FileError, match="not empty"):
        CliRunner().invoke(command, [str(tmp_path)], standalone_mode=False, catch_exceptions=False)
