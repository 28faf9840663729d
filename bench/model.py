"""The model: one payment scored at the limit on trees times leaves, a batch, and the reasons of one payment."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa

from headgate.connectors.dataset import Dataset
from headgate.limits import MAX_MODEL_LEAVES, US_PER_DAY
from headgate.models import fit
from headgate.models.document import Settings
from headgate.models.reasons import explain

ROWS, FACTS = 20_000, 140


def run(dataset: Dataset) -> dict[str, float]:
    """Return microseconds a payment and milliseconds for reasons; rows are drawn, the dataset is not used."""
    draw = np.random.default_rng(1)
    values = draw.normal(size=(ROWS, FACTS))
    label = draw.random(ROWS) < 1 / (1 + np.exp(5 - values[:, :10].sum(1)))
    clock = np.sort(draw.integers(0, 90 * US_PER_DAY, ROWS))
    facts = {f"fact_{place}": values[:, place] for place in range(FACTS)}
    table = pa.table(facts | {"ts": pa.array(clock, pa.timestamp("us", "UTC")), "label": label.astype(np.int8)})
    model = fit(table, settings=Settings(learning_rate=0.02, patience=10_000))
    rows = table.slice(0, 2000).to_pylist()
    return {
        "trees": model.document.rounds,
        "trees_times_leaves": model.document.rounds * model.document.settings.leaves,
        "limit": MAX_MODEL_LEAVES,
        "score_us": _each(lambda row: model.margin_one(row), rows) * 1e6,
        "batch_us_a_row": _each(lambda part: model.margin(part), [table] * 3) / ROWS * 1e6,
        "reasons_ms": _each(lambda row: explain(model, row), rows[:200]) * 1e3,
    }


def _each(call: Callable[[Any], object], items: list[Any]) -> float:
    """The median seconds of five rounds, a call."""
    rounds = []
    for _ in range(5):
        began = time.perf_counter()
        for item in items:
            call(item)
        rounds.append((time.perf_counter() - began) / len(items))
    return median(rounds)
