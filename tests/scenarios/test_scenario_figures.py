"""What scenarios are worth on labelled payments."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from headgate.cli import root
from headgate.limits import US_PER_DAY
from headgate.scenarios.loader import load_library
from headgate.scenarios.measure import ALL, Truth, measure

LIBRARY = load_library()
MULE = next(scenario for scenario in LIBRARY if scenario.id == "mule-pass-through")


def table(rows: list[dict[str, object]]) -> pa.Table:
    return pa.table({name: pa.array([row.get(name) for row in rows]) for name in MULE.facts})


def test_precision_counts_labelled_payments_and_recall_counts_fraud() -> None:
    fires = MULE.example_facts(MULE.file.examples[0])
    silent = MULE.example_facts(MULE.file.examples[1])
    truth = Truth(
        label=np.array([1, 0, -1, 1, 1], np.int8),
        scheme=np.array(["a", "", "", "a", "b"], np.object_),
        clock_us=np.arange(5) * US_PER_DAY,
    )
    mule, together = measure([MULE], table([fires, fires, fires, silent, silent]), truth)
    assert (mule.fired, mule.per_day, mule.schemes, mule.of) == (3, 0.75, 1, 2)
    assert mule.precision == 0.5
    assert mule.recall == pytest.approx(1 / 3)
    assert together.scenario_id == ALL
    assert together.fired == 3


def test_where_nothing_fires_there_is_no_precision() -> None:
    silent = MULE.example_facts(MULE.file.examples[1])
    truth = Truth(label=np.array([0], np.int8), scheme=np.array([""]), clock_us=np.array([0]))
    mule, _ = measure([MULE], table([silent]), truth)
    assert (mule.fired, mule.precision, mule.recall) == (0, None, None)


def test_the_command_measures_a_dataset_folder(tmp_path: Path) -> None:
    """A stranger pays a mule account, which passes 95 % on within the hour; before, the mule made one small payment."""
    payments = {
        "tx_id": ["t1", "t2", "t3"],
        "ts": pa.array([0, 20 * 86400, 20 * 86400 + 3600], pa.timestamp("s", "UTC")).cast(pa.timestamp("us", "UTC")),
        "payer": ["mule", "victim", "mule"],
        "payee": ["shop", "mule", "boss"],
        "amount": [20.0, 1000.0, 950.0],
        "currency": ["EUR"] * 3,
        "channel": ["web"] * 3,
    }
    pq.write_table(pa.table(payments), tmp_path / "transactions.parquet")
    labels = {"tx_id": ["t1", "t2", "t3"], "label": pa.array([0, 1, 1], pa.int8())}
    pq.write_table(pa.table(labels), tmp_path / "labels.parquet")
    run = CliRunner().invoke(root, ["scenarios", "measure", str(tmp_path), "--json"], catch_exceptions=False)
    figures = {each["scenario_id"]: each for each in json.loads(run.stdout)}
    assert figures["mule-pass-through"]["fired"] == 1
    assert figures["mule-pass-through"]["precision"] == 1.0
    assert figures[ALL]["recall"] == 0.5
    shown = CliRunner().invoke(root, ["scenarios", "measure", str(tmp_path)], catch_exceptions=False).output
    assert "mule-pass-through" in shown
