"""A small simulated bank, a model of it, and a scenario of one's own, for trials of any kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest

from headgate.charter.charter import load_charter
from headgate.connectors.dataset import Dataset, read_dataset
from headgate.decisions.record import Decision
from headgate.drivers.home import Home
from headgate.drivers.learning import learn
from headgate.drivers.replay import replay
from headgate.drivers.rules import Rules
from headgate.drivers.simulation.simulate import Order, simulate
from headgate.drivers.simulation.worlds import world_named
from headgate.journal.entries import Payment
from headgate.models.model import Model

OWN = """
id = "large-sum"
title = "A large sum"
what = "For tests."
severity = "critical"
action = "hold"
payer_words = "Did somebody ask you to pay this?"
condition = "amount >= :floor AND payer_sent_max_7d >= 0"
reason = "{amount} at once."
[applies_to]
sides = ["payer"]
[[references]]
publisher = "FATF"
title = "Professional Money Laundering"
year = 2018
[parameters.floor]
value = 50
min = 1
max = 100000
unit = "money"
sentence = "The least amount."
[[examples]]
says = "Six thousand"
fires = true
[examples.facts]
amount = 6000
payer_sent_max_7d = 1
[[examples]]
says = "Ten"
fires = false
[examples.facts]
amount = 10
payer_sent_max_7d = 1
"""


class Trial:
    """What the tests of this folder build their situations from."""

    OWN = OWN

    @staticmethod
    def replayed(world: Dataset, home: Path, rules: Rules) -> list[Decision]:
        """Replay the world into a home, with the same pseudonyms every time, and return its decisions."""
        numbers = iter(range(10**9))
        replay(world, home, rules, token=lambda size: next(numbers).to_bytes(size, "big"))
        of = Home(home)
        found = list(of.store.decisions())
        of.close()
        return found

    @staticmethod
    def live(number: int, clock_us: int, amount_minor: int = 9_000) -> Payment:
        return Payment(
            seq=0, clock_us=0, tx_id=f"live-{number}", ts_us=clock_us, payer=f"L-{number % 3}", payee=f"M-{number % 5}",
            amount_minor=amount_minor, currency="EUR", rail="transfer", channel="app",
        )  # fmt: skip


@pytest.fixture(scope="session")
def trial() -> type[Trial]:
    return Trial


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("world") / "world"
    simulate(Order(world_named("harbour"), days=60, seed=7, payments=6000), folder, lambda days: None)
    return read_dataset(folder)


@pytest.fixture(scope="session")
def model(world: Dataset) -> Model:
    """A model of labels that follow the amount, so that a small world has enough of them."""
    payments = world.journal.filter(pc.equal(world.journal.column("kind"), "payment"))
    amounts, ids = payments.column("amount_minor").to_numpy(), payments.column("tx_id").to_pylist()
    labels = dict(zip(ids, (amounts > np.quantile(amounts, 0.97)).astype(int).tolist(), strict=True))
    known = dict(zip(ids, payments.column("clock_us").to_pylist(), strict=True))
    labelled = Dataset(world.folder, world.journal, "EUR", labels=labels, known_at_us=known)
    return learn(labelled, share=0.6, charter=load_charter(None))


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one scenario of one's own."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "large-sum.toml").write_text(OWN)
    return folder
