"""What cannot be measured is refused by `headgate evaluate` with its repair; what flatters is told."""

from __future__ import annotations

import json
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from drivers.test_evaluation_command import write

from headgate.cli import root
from headgate.errors import DatasetError, FieldError, HeadgateError


def run(folder, *arguments):
    return CliRunner().invoke(root, ["evaluate", str(folder), *arguments], standalone_mode=False)


def changed(folder, name, change):
    path = folder / f"{name}.parquet"
    columns = pq.read_table(path).to_pydict()
    change(columns)
    pq.write_table(pa.table(columns), path)
    return folder


def all_one(value):
    def change(columns):
        columns["label"] = [value] * len(columns["label"])

    return change


def only_before(share):
    def change(columns):
        ids = [int(tx.strip("pinout")) for tx in columns["tx_id"]]
        most = {"p": 1200, "i": 40, "o": 40}
        late = [number >= share * most[tx[0]] for number, tx in zip(ids, columns["tx_id"], strict=True)]
        columns["label"] = [0 if out else label for out, label in zip(late, columns["label"], strict=True)]

    return change


def a_currency(columns):
    columns["currency"][11] = "EUX"


@pytest.mark.parametrize(
    ("name", "change", "kind", "says", "repair"),
    [
        ("labels", all_one(0), DatasetError, "no payment is labelled as fraud (1)", "Label both"),
        ("labels", all_one(1), DatasetError, "no payment is labelled as fine (0)", "Label both"),
        ("labels", all_one(None), DatasetError, "has no labels", "Add labels.parquet"),
        ("labels", all_one(3), FieldError, "3 is not a label", "1 for fraud, 0 for fine"),
        ("labels", only_before(0.7), DatasetError, "The test period", "longer history"),
        ("transactions", a_currency, FieldError, "no currency 'EUX'", "ISO 4217"),
    ],
)
def test_each_says_what_to_do(tmp_path, name, change, kind, says, repair):
    result = run(changed(write(tmp_path / "world", rows=1200), name, change))
    assert isinstance(result.exception, kind), result.exception
    assert says in result.exception.what
    assert repair in result.exception.repair
    assert result.stdout == ""


def test_a_label_known_before_its_payment_is_refused_by_name(tmp_path):
    folder = write(tmp_path / "world", rows=300)
    labels = pq.read_table(folder / "labels.parquet")
    stamps = pq.read_table(folder / "transactions.parquet").column("ts").to_pylist()
    stamps[7] -= timedelta(days=1)
    pq.write_table(labels.append_column("known_at", pa.array(stamps)), folder / "labels.parquet")
    error = run(folder).exception
    assert isinstance(error, HeadgateError)
    assert "'p7' is known before the payment" in error.what
    assert "known_at" in error.where


def test_labels_that_their_known_at_puts_after_training_are_not_blamed_on_the_setting(tmp_path):
    folder = write(tmp_path / "world", rows=300)
    labels = pq.read_table(folder / "labels.parquet")
    stamps = pq.read_table(folder / "transactions.parquet").column("ts").to_pylist()
    late = pa.array([stamp + timedelta(days=90) for stamp in stamps])
    pq.write_table(labels.append_column("known_at", late), folder / "labels.parquet")
    error = run(folder).exception
    assert isinstance(error, DatasetError)
    assert "labels come by their known_at 90 days or more after their payment" in error.what
    assert "Correct known_at in labels.parquet" in error.repair


def test_a_validation_period_with_one_class_is_measured_and_told(tmp_path):
    folder = write(tmp_path / "world", rows=1200)

    def change(columns):
        place = {tx: int(tx.strip("pinout")) / (1200 if tx[0] == "p" else 40) for tx in columns["tx_id"]}
        columns["label"] = [
            0 if 0.5 < place[tx] < 0.82 else label for tx, label in zip(columns["tx_id"], columns["label"], strict=True)
        ]

    result = run(changed(folder, "labels", change), "--json", "--label-delay", "0")
    assert result.exit_code == 0, result.exception
    told = json.loads(result.stdout)
    assert told["split"]["validation"]["frauds"] == 0
    assert any(warning.startswith("Too few known frauds in validation") for warning in told["warnings"])


def test_a_column_that_leaks_by_measure_is_told(tmp_path):
    folder = write(tmp_path / "world", rows=1200)
    table = pq.read_table(folder / "transactions.parquet")
    label = np.array(pq.read_table(folder / "labels.parquet").column("label"))
    channel = pa.array(np.where(label == 1, "night desk", "app"))
    pq.write_table(table.append_column("channel", channel), folder / "transactions.parquet")
    result = run(folder, "--json", "--label-delay", "0")
    assert result.exit_code == 0, result.exception
    assert any("'channel' alone reaches" in warning for warning in json.loads(result.stdout)["warnings"])
