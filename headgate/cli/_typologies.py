"""The pages of the library, measured: `python -m headgate.cli._typologies DOCS_FOLDER [DATASET...]`.

Simulates the worlds that it measures on, and takes the dataset folders that it is given; some minutes.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from headgate.drivers.report.typologies import overview, page
from headgate.drivers.simulation.schemes import schemes
from headgate.drivers.simulation.simulate import Order, simulate
from headgate.drivers.simulation.worlds import world_named
from headgate.drivers.typologies import Measurement, measure_folder
from headgate.scenarios.loader import load_library

WORLDS = (("estuary", 71, 450_000, 150), ("harbour", 21, 150_000, 120), ("upland", 22, 150_000, 120))


def main(docs: Path, folders: Sequence[Path], worlds: Sequence[tuple[str, int, int, int]] = WORLDS) -> None:
    """Measure the packaged library on simulated worlds and on the folders, and write docs/typologies."""
    scenarios = load_library()
    with tempfile.TemporaryDirectory() as scratch:
        simulated = [_simulated(Path(scratch), *world) for world in worlds]
    measured = [*simulated, *(measure_folder(folder) for folder in folders)]
    own = {scheme.scenario: scheme for scheme in schemes()}
    target = docs / "typologies"
    target.mkdir(exist_ok=True)
    for old in target.glob("*.md"):
        old.unlink()
    (target / "index.md").write_text(overview(scenarios, own, measured), "utf-8")
    for scenario in scenarios:
        (target / f"{scenario.id}.md").write_text(page(scenario, own[scenario.id], measured), "utf-8")


def _simulated(scratch: Path, name: str, seed: int, payments: int, days: int) -> Measurement:
    folder = scratch / name
    simulate(Order(world_named(name), days=days, seed=seed, payments=payments), folder)
    return measure_folder(folder, name=f"{name}, seed {seed}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(folder) for folder in sys.argv[2:]])
