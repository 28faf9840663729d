"""The demonstration: simulate a bank, learn from its past, replay the rest as a stream, weigh what was decided.

Everything is the real thing: the same simulator, folds, model and replay that the other commands use. Truth is read
only after the last decision.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headgate.connectors.columns import read_parquet
from headgate.connectors.dataset import Dataset, read_dataset
from headgate.drivers.evaluation.period import Period, Truth, period
from headgate.drivers.evaluation.replayed import Judged, worth
from headgate.drivers.evaluation.stopwatch import Stopwatch, peak_rss_mb
from headgate.drivers.learning import learn
from headgate.drivers.logged_replay import log_replay
from headgate.drivers.paths import Paths
from headgate.drivers.replay import FROM_SHARE, first_decided, replay
from headgate.drivers.report.demonstration import Demonstration
from headgate.drivers.rules import Rules, load_rules
from headgate.drivers.simulation.simulate import Order, Summary, simulate
from headgate.drivers.simulation.worlds import world_named
from headgate.settings.document import FILE

Progress = Callable[[str, int | None], AbstractContextManager[Callable[[int], None]]]
WORLD: Final = "harbour"
POLICY: Final = "[budget]\ncases_per_day = 3\n"


class Places:
    """Where a demonstration puts things."""

    def __init__(self, root: Path) -> None:
        self.world = root / "world"
        self.model = root / "model"
        self.home = root / "home"
        self.policy = root / "policy.toml"
        self.log = root / "log"
        self.report = root / "report.html"


def demonstrate(
    places: Places, *, payments: int, days: int, seed: int, now_us: int, progress: Progress
) -> Demonstration:
    """Run a demonstration in empty places. now_us: the clock of its log, microseconds UTC.

    Raises FileError where they cannot be written.
    """
    watch = Stopwatch(time.perf_counter)
    order = Order(world_named(WORLD), days=days, seed=seed, payments=payments)
    with watch.step("simulate"), progress("Simulating days", days) as tick:
        summary = simulate(order, places.world, tick)
    dataset = read_dataset(places.world)
    with watch.step("learn"):
        rules = _learnt(places, dataset, seed, progress)
    with watch.step("replay"), progress("Replaying", len(dataset.journal)) as tick:
        result = replay(dataset, places.home, rules, from_share=FROM_SHARE, tick=tick)
    (places.home / FILE).write_text(f'[ledger]\nfolder = "../{places.log.name}"\n', encoding="utf-8")
    with watch.step("log"), progress("Logging", result.entries) as tick:
        log_replay(places.home, now_us, tick)
    return _weighed(places, dataset, rules, summary, result.history, order, dict(watch.seconds))


def _learnt(places: Places, dataset: Dataset, seed: int, progress: Progress) -> Rules:
    places.policy.write_text(POLICY, encoding="utf-8")
    plain = load_rules(policy=places.policy, reference_currency=dataset.reference_currency)
    entries = first_decided(dataset.journal, FROM_SHARE)
    with progress("Learning from the past", entries) as tick:
        model = learn(dataset, share=FROM_SHARE, charter=plain.charter, seed=seed, tick=tick)
    model.save(places.model)
    return load_rules(policy=places.policy, model=places.model, reference_currency=dataset.reference_currency)


def _weighed(
    places: Places,
    dataset: Dataset,
    rules: Rules,
    summary: Summary,
    history: int,
    order: Order,
    seconds: dict[str, float],
) -> Demonstration:
    assert rules.model is not None
    of = _decided_period(dataset, history)
    twins = read_parquet(places.world / "twins.parquet")
    twin_of = dict(zip(twins.column("tx_id").to_pylist(), twins.column("twin_type").to_pylist(), strict=True))
    return Demonstration(
        world=summary.world,
        sentence=order.world.sentence,
        seed=summary.seed,
        customers=summary.customers,
        accounts=summary.accounts,
        days=summary.days,
        trained_on=history,
        known_frauds=rules.model.document.provenance.train_frauds + rules.model.document.provenance.valid_frauds,
        reference_currency=dataset.reference_currency,
        cases_budget=rules.policy.budget.cases_per_day,
        replayed=worth(of, judged(places.home, of.tx_id), twin_of),
        seconds=seconds,
        peak_rss_mb=peak_rss_mb(),
    )


def _decided_period(dataset: Dataset, history: int) -> Period:
    payments = dataset.journal.filter(pc.equal(dataset.journal.column("kind"), "payment"))
    amounts = pc.cast(payments.column("amount_minor"), pa.float64()).to_numpy()
    truth = Truth(dataset.labels, dataset.schemes)
    clock_us = payments.column("clock_us").to_numpy()
    ids = payments.column("tx_id").to_pylist()
    return period(ids, clock_us, amounts, truth, first=history, stop=len(ids))


def judged(home: Path, tx_ids: list[str]) -> Judged:
    """Return what a home decided about payments, in their order."""
    paths = Paths(home)
    rows = pq.read_table(paths.decisions, columns=["tx_id", "action", "alert", "rank_score", "threshold"])
    assert rows.column("tx_id").to_pylist() == tx_ids, "every payment after the history was decided, in order"
    alerts = pq.read_table(paths.alerts, columns=["tx_id", "case_id"])
    case_of = dict(zip(alerts.column("tx_id").to_pylist(), alerts.column("case_id").to_pylist(), strict=True))
    return Judged(
        action=rows.column("action").to_pylist(),
        alert=np.array(rows.column("alert").to_pylist(), dtype=bool),
        score=rows.column("rank_score").to_numpy(),
        threshold=rows.column("threshold").to_numpy(),
        case=[case_of.get(tx) for tx in tx_ids],
    )
