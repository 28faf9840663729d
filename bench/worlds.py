"""The simulated worlds: how hard they are, and what is learnt on one that holds on the other. Takes about 7 minutes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.stream import peak_mb
from headgate.connectors.dataset import Dataset, read_dataset
from headgate.drivers.hardness import Rows, carried, hardness, learnt, rows_of
from headgate.drivers.simulation.simulate import Order, simulate
from headgate.drivers.simulation.worlds import world_named
from headgate.facts.catalogue import DEFAULT

PAYMENTS, DAYS = 250_000, 180
WORLDS = (("harbour", 31), ("upland", 32))


def run(dataset: Dataset) -> dict[str, float | int | str]:
    """Return the figures of both worlds and of each model on the other world; the given dataset is not used."""
    figures: dict[str, float | int | str] = {}
    rows = {name: _world(name, seed) for name, seed in WORLDS}
    for name, these in rows.items():
        told = hardness(these)
        for field in told.__struct_fields__:
            figures[f"{name}_{field}"] = getattr(told, field)
    models = {name: learnt(these, DEFAULT) for name, these in rows.items()}
    for name in rows:
        other = next(each for each in rows if each != name)
        figures[f"learnt_on_{name}_ap_all_on_{other}"] = carried(models[name], rows[other])
    return figures | {"peak_mb": peak_mb()}


def _world(name: str, seed: int) -> Rows:
    with tempfile.TemporaryDirectory() as folder:
        simulate(Order(world_named(name), days=DAYS, seed=seed, payments=PAYMENTS), Path(folder) / name)
        return rows_of(read_dataset(Path(folder) / name))
