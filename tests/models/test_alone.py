"""A fact that tells the label without any other is told of, at training too."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from headgate.models.alone import alone, suspicious

HALVES = (np.arange(1000), np.arange(1000, 2000))


def columns() -> tuple[pa.Table, np.ndarray]:
    draw = np.random.default_rng(2)
    label = (draw.random(2000) < 0.03).astype(np.int8)
    table = pa.table(
        {
            "written_later": pa.array(np.where(label == 1, "closed by bank", "open")),
            "flagged": pa.array(label == 1),
            "small_is_bad": pa.array(np.where(label == 1, 1, draw.integers(2, 900, 2000))),
            "noise": draw.normal(size=2000),
            "half": pa.array(np.where(label == 1, draw.integers(0, 2, 2000), 0), mask=draw.random(2000) < 0.1),
        }
    )
    return table, label


@pytest.mark.parametrize("name", ["written_later", "flagged", "small_is_bad"])
def test_a_column_that_knows_everything_is_suspicious_whatever_its_kind(name: str) -> None:
    table, label = columns()
    (sentence,) = suspicious(table, (name,), label, *HALVES)
    assert f"{name!r} alone reaches an average precision of 1.00" in sentence
    assert "when the outcome was known" in sentence


def test_a_column_that_knows_something_is_not() -> None:
    table, label = columns()
    assert 0.3 < alone(table.column("half"), label, *HALVES) < 0.9
    assert suspicious(table, ("half", "noise"), label, *HALVES) == ()


def test_without_a_fraud_on_one_side_nothing_is_said() -> None:
    table, label = columns()
    assert suspicious(table, ("flagged",), np.where(np.arange(2000) < 1000, label, 0), *HALVES) == ()


def test_training_warns_of_a_leak_and_the_card_says_it(long_history) -> None:
    leak = np.where(long_history.labels == 1, 5.0, np.random.default_rng(1).random(len(long_history.labels)))
    with_leak = long_history._replace(facts=long_history.facts.append_column("case_score", pa.array(leak)))
    model = with_leak.train()
    (warning,) = model.document.warnings
    assert "'case_score' alone reaches" in warning
    assert warning in model.card()
    assert long_history.train().document.warnings == ()
