"""A simulated world is hard in the right way; about a minute, most of it the facts of 100,000 payments."""

from __future__ import annotations

from pathlib import Path

from headgate.connectors.dataset import read_dataset
from headgate.drivers.hardness import hardness, rows_of
from headgate.drivers.simulation.simulate import Order, simulate
from headgate.drivers.simulation.worlds import world_named


def test_amount_and_velocity_find_little_and_all_facts_find_much(tmp_path: Path) -> None:
    simulate(Order(world_named("harbour"), days=120, seed=1, payments=100_000), tmp_path / "world")
    told = hardness(rows_of(read_dataset(tmp_path / "world")))
    assert told.prevalence <= 0.002
    assert told.ap_raw <= 0.15
    assert told.ap_velocity <= 0.25
    assert 0.5 <= told.ap_all <= 0.9
