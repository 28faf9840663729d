"""What each scenario is worth on labelled folders: alerts, precision, what it finds of each kind of scheme, overlaps.

Dataset folders and scenarios enter; figures leave. In a simulated folder the honest lookalikes are counted as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headgate.charter.charter import Charter
from headgate.connectors.dataset import Dataset, read_dataset
from headgate.facts.engine import Engine
from headgate.scenarios.by_scheme import Found, Overlap, by_scheme, overlaps
from headgate.scenarios.firing import masks, needed
from headgate.scenarios.loader import load_library
from headgate.scenarios.measure import Measured, Truth, measure

Tick = Callable[[int], None]


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """One scenario on one folder. twins: on how many payments of each kind of honest lookalike it fires."""

    measured: Measured
    found: tuple[Found, ...] = ()
    twins: dict[str, int] = {}


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """All scenarios on one folder: `worth` by scenario id, the last entry being all of them together."""

    name: str
    payments: int
    days: float
    frauds: int
    worth: dict[str, Worth]
    overlaps: tuple[Overlap, ...]


def facts_and_truth(data: Dataset, names: tuple[str, ...], tick: Tick = lambda rows: None) -> tuple[pa.Table, Truth]:
    """Return the facts of all payments, in the order of the journal, and what became of them. `tick` counts rows."""
    engine = Engine(names, reference_currency=data.reference_currency)
    parts = []
    for block in data.blocks():
        parts.append(engine.observe(block))
        tick(block.num_rows)
    payments = data.journal.filter(pc.equal(data.journal.column("kind"), "payment"))
    ids = payments.column("tx_id").to_pylist()
    truth = Truth(
        label=np.array([data.labels.get(tx_id, -1) for tx_id in ids], np.int8),
        scheme=np.array([data.schemes.get(tx_id, ("", ""))[0] or "" for tx_id in ids], np.object_),
        clock_us=payments.column("clock_us").to_numpy(),
    )
    return pa.Table.from_batches(parts, engine.schema), truth


def measure_folder(folder: Path, charter: Charter | None = None, *, name: str = "") -> Measurement:
    """Return what the packaged library is worth on a dataset folder; raises DatasetError for one that is malformed."""
    data = read_dataset(folder, charter=charter)
    scenarios = load_library(charter=charter, reference_currency=data.reference_currency)
    facts, truth = facts_and_truth(data, needed(scenarios))
    fires = masks(scenarios, facts)
    together = np.logical_or.reduce([np.zeros(facts.num_rows, np.bool_), *fires.values()])
    ids = facts.column("tx_id").to_pylist()
    kind = np.array([data.schemes.get(tx_id, ("", ""))[1] for tx_id in ids], np.object_)
    twin = _twins(folder, ids)
    figures = measure(scenarios, facts, truth)
    worth = {
        each.scenario_id: Worth(
            measured=each, found=by_scheme(mask, kind, truth.scheme), twins=dict(Counter(twin[mask & (twin != "")]))
        )
        for each, mask in zip(figures, (*fires.values(), together), strict=True)
    }
    return Measurement(
        name=name or folder.name,
        payments=len(ids),
        days=truth.days,
        frauds=int(np.sum(truth.label == 1)),
        worth=worth,
        overlaps=overlaps(fires),
    )


def _twins(folder: Path, ids: list[str]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    if not (folder / "twins.parquet").exists():
        return np.full(len(ids), "", np.object_)
    table = pq.read_table(folder / "twins.parquet", columns=["tx_id", "twin_type"])
    kinds = dict(zip(table.column("tx_id").to_pylist(), table.column("twin_type").to_pylist(), strict=True))
    return np.array([kinds.get(tx_id, "") for tx_id in ids], np.object_)
