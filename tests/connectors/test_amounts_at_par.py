"""Where a source never converted its amounts they are taken as they stand; else rates make them comparable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from headgate.connectors.dataset import Dataset, read_dataset
from headgate.facts.engine import Engine
from headgate.journal.order import blocks_of

START = datetime(2026, 1, 5, tzinfo=UTC)


def folder(at: Path, unit: dict[str, float], payments: int = 400) -> Path:
    """Payments of about 80 units of the currency of the payer, times what `unit` says."""
    codes = list(unit)
    rows = range(payments)
    table = {
        "tx_id": [f"t{row:04}" for row in rows],
        "ts": [START + timedelta(minutes=row) for row in rows],
        "payer": [f"a{row % 7}" for row in rows],
        "payee": [f"b{row % 5}" for row in rows],
        "currency": [codes[row % len(codes)] for row in rows],
        "amount": [round((60 + row % 41) * unit[codes[row % len(codes)]], 2) for row in rows],
    }
    pq.write_table(pa.table(table), at / "transactions.parquet")
    return at


def amounts(dataset: Dataset) -> list[int]:
    engine = Engine(("amount",), reference_currency=dataset.reference_currency)
    return [
        amount for block in blocks_of(dataset.journal) for amount in engine.observe(block).column("amount").to_pylist()
    ]


def test_amounts_that_were_never_converted_are_taken_at_par(tmp_path: Path) -> None:
    dataset = read_dataset(folder(tmp_path, {"EUR": 1, "JPY": 1, "VUV": 1}))
    assert sorted(set(amounts(dataset))) == [100 * (60 + step) for step in range(41)]
    (warning,) = [each for each in dataset.warnings if "at par" in each]
    assert "3 currencies are taken as they stand, at par with EUR" in warning
    assert "medians 80 EUR, 79 JPY, 80 VUV" in warning
    assert "rates.parquet" in warning


def test_amounts_in_their_own_units_are_converted(tmp_path: Path) -> None:
    dataset = read_dataset(folder(tmp_path, {"EUR": 1, "JPY": 169, "VUV": 140}))
    found = amounts(dataset)
    assert not any("at par" in each for each in dataset.warnings)
    assert 5_900 < min(found) <= max(found) < 10_100


def test_stated_rates_and_few_payments_decide_nothing_by_amounts(tmp_path: Path) -> None:
    few = read_dataset(folder(tmp_path, {"EUR": 1, "JPY": 1}, payments=150))
    assert min(amounts(few)) < 100
    folder(tmp_path, {"EUR": 1, "JPY": 1})
    rates = {"ts": [START], "base": ["EUR"], "currency": ["JPY"], "rate": ["0.01"]}
    pq.write_table(pa.table(rates), tmp_path / "rates.parquet")
    stated = read_dataset(tmp_path)
    assert sorted(set(amounts(stated)))[:2] == [60, 61]
    assert not any("at par" in each for each in stated.warnings)
