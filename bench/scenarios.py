"""What all packaged scenarios cost on one payment, reasons of those that fire included, and what their facts cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa

from headgate.connectors.dataset import Dataset
from headgate.facts.engine import Engine
from headgate.facts.values import FactValue
from headgate.kernel import Facts
from headgate.scenarios.firing import Together, masks, needed
from headgate.scenarios.loader import load_library
from headgate.scenarios.scenario import Scenario

ROWS = 50_000
ROUNDS = 3


def run(dataset: Dataset) -> dict[str, float | int | str]:
    """Return microseconds a payment: scenarios one payment at a time and over columns, and the facts they read."""
    library = load_library(reference_currency=dataset.reference_currency)
    together = Together(library)
    engine = Engine(needed(library), reference_currency=dataset.reference_currency)
    started = time.process_time()
    facts = pa.Table.from_batches([engine.observe(block) for block in dataset.blocks()], engine.schema)
    facts_seconds = time.process_time() - started
    shown = facts.slice(facts.num_rows - min(ROWS, facts.num_rows))
    rows = [Facts(row) for row in shown.to_pylist()]
    return {
        "scenarios": len(library),
        "facts_read": len(needed(library)),
        "facts_us": facts_seconds / facts.num_rows * 1e6,
        "row_us": _least(lambda: [together.fire(row) for row in rows]) / len(rows) * 1e6,
        "row_one_by_one_us": _least(lambda: [_one_by_one(library, row) for row in rows]) / len(rows) * 1e6,
        "column_us": _least(lambda: masks(library, facts)) / facts.num_rows * 1e6,
        "fired_share": sum(bool(together.fire(row)) for row in rows) / len(rows),
    }


def _one_by_one(library: Sequence[Scenario], row: Mapping[str, FactValue]) -> list[Scenario]:
    return [scenario for scenario in library if scenario.applied.row(row)]


def _least(work: Callable[[], object]) -> float:
    """The least processor seconds of some rounds."""
    seconds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    return min(seconds)
