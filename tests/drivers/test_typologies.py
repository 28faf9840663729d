"""The measured pages of the library; some five seconds, most of it one small simulated bank."""

from __future__ import annotations

from pathlib import Path

import pytest

from headgate.cli._typologies import main
from headgate.drivers.simulation.simulate import Order, simulate
from headgate.drivers.simulation.worlds import world_named
from headgate.drivers.typologies import Measurement, measure_folder
from headgate.scenarios.loader import load_library
from headgate.scenarios.measure import ALL

LIBRARY = load_library()
DOCS = Path(__file__).parents[2] / "docs" / "typologies"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("typologies") / "bank"
    simulate(Order(world_named("estuary"), days=60, seed=9, payments=25_000), folder)
    return folder


@pytest.fixture(scope="module")
def measured(bank: Path) -> Measurement:
    return measure_folder(bank)


def test_every_scenario_and_all_together_are_measured(measured: Measurement) -> None:
    assert set(measured.worth) == {*(scenario.id for scenario in LIBRARY), ALL}
    alone = [worth.measured.fired for name, worth in measured.worth.items() if name != ALL]
    assert max(alone) <= measured.worth[ALL].measured.fired <= sum(alone)


def test_what_is_found_by_kind_adds_up_to_the_recall(measured: Measurement) -> None:
    for worth in measured.worth.values():
        hits = sum(found.payments for found in worth.found)
        assert worth.measured.recall == pytest.approx(hits / measured.frauds)
        assert sum(found.schemes for found in worth.found) == worth.measured.schemes
        assert sum(worth.twins.values()) <= worth.measured.fired - hits


def test_the_pages_say_what_was_measured(bank: Path, measured: Measurement, tmp_path: Path) -> None:
    main(tmp_path, [bank], worlds=())
    assert {path.stem for path in (tmp_path / "typologies").iterdir()} == {"index", *(each.id for each in LIBRARY)}
    index = (tmp_path / "typologies" / "index.md").read_text("utf-8")
    figures = measured.worth[ALL].measured
    assert f"| any of them | | {figures.schemes} of {figures.of} | {figures.recall:.0%} |" in index
    page = (tmp_path / "typologies" / "scatter-gather.md").read_text("utf-8")
    fired = measured.worth["scatter-gather"].measured.fired
    assert f"| `bank` | {fired} | " in page
    assert "FATF (2018): Professional Money Laundering." in page


def test_the_pages_in_the_docs_are_those_of_the_library() -> None:
    assert {path.stem for path in DOCS.glob("*.md")} == {"index", *(scenario.id for scenario in LIBRARY)}
    for scenario in LIBRARY:
        written = (DOCS / f"{scenario.id}.md").read_text("utf-8")
        assert scenario.file.condition.strip() in written, "run `make typologies` and commit docs/typologies"
