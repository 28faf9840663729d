"""What a run works on: the payments with their facts, what became known of them and when, and the periods.

A dataset and the options enter; nothing is trained and nothing measured here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from headgate.charter.charter import Charter
from headgate.connectors.dataset import Dataset
from headgate.drivers.evaluation.fold import fold
from headgate.drivers.evaluation.intervals import RESAMPLES
from headgate.drivers.evaluation.learners import POINTS, RAW_ROW, Teaching, with_points
from headgate.drivers.evaluation.period import Period, Truth, period
from headgate.drivers.evaluation.ranking import Ints
from headgate.drivers.evaluation.stopwatch import Tick
from headgate.facts.catalogue import LEARNT
from headgate.facts.past_scores import NAMES
from headgate.limits import US_PER_DAY
from headgate.models.document import Origin, Settings
from headgate.models.split import NEVER_US, Labels, Split, label_columns, time_split
from headgate.scenarios.scenario import Scenario


class Options(NamedTuple):
    """What a user may choose; every choice has a default that needs no thought. settings: of the learner."""

    label_delay_us: int = 7 * US_PER_DAY
    alerts_a_day: int = 10
    time_zone: str = "UTC"
    reference: bool = False
    seed: int = 7
    resamples: int = RESAMPLES
    full: bool = False
    settings: Settings | None = None


class Parts(NamedTuple):
    """What detection consists of besides facts."""

    scenarios: tuple[Scenario, ...]
    charter: Charter


class Known(NamedTuple):
    """All payments in journal order, what they turned out to be and when that became known, and the split."""

    tx_ids: list[str]
    clock_us: Ints
    payers: list[str]
    payees: list[str]
    label: Labels
    known_at_us: Ints
    split: Split
    longest_delay_us: int


class Rows(NamedTuple):
    """The same with the facts (one row a payment) and the periods as they are measured."""

    known: Known
    facts: pa.Table
    periods: dict[str, Period]


def fact_names(scenarios: tuple[Scenario, ...]) -> tuple[str, ...]:
    """Return the facts that a model is taught on and whatever else the scenarios read."""
    asked = (*LEARNT, *RAW_ROW, *(fact for scenario in scenarios for fact in scenario.facts))
    return tuple(dict.fromkeys(asked))


def every_column(scenarios: tuple[Scenario, ...]) -> tuple[str, ...]:
    """Return what the full model is given: all facts, the points of the scenarios and past scores."""
    return (*fact_names(scenarios), POINTS, *NAMES)


def known_of(dataset: Dataset, options: Options) -> Known:
    """Return the payments of a dataset with their labels, split by time."""
    journal = dataset.journal.select(["kind", "tx_id", "clock_us", "payer", "payee"])
    payments = journal.filter(pc.equal(journal.column("kind"), "payment"))
    tx_ids: list[str] = payments.column("tx_id").to_pylist()
    clock_us = payments.column("clock_us").to_numpy()
    label, known_at = label_columns(tx_ids, clock_us, dataset.labels, dataset.known_at_us, options.label_delay_us)
    delays = (known_at - clock_us)[known_at != NEVER_US]
    payers, payees = (payments.column(side).to_pylist() for side in ("payer", "payee"))
    split = time_split(clock_us, known_at)
    return Known(tx_ids, clock_us, payers, payees, label, known_at, split, int(delays.max(initial=0)))


def facts_of(
    dataset: Dataset, names: Sequence[str], scenarios: tuple[Scenario, ...], options: Options, tick: Tick
) -> pa.Table:
    """Return the facts of every payment by one causal pass, with the points of the scenarios as one more column."""
    facts = fold(dataset, names, time_zone=options.time_zone, reference=options.reference, tick=tick)
    return with_points(facts, scenarios)


def periods_of(dataset: Dataset, known: Known, facts: pa.Table) -> dict[str, Period]:
    """Return train, validation and test as they are measured."""
    cuts = (0, known.split.train_stop, known.split.valid_stop, known.split.rows)
    amount = facts.column("amount").cast(pa.float64()).to_numpy()
    truth = Truth(dataset.labels, dataset.schemes)
    return {
        name: period(
            known.tx_ids, known.clock_us, amount, truth,
            first=cuts[place], stop=cuts[place + 1],
        )
        for place, name in enumerate(("train", "validation", "test"))
    }  # fmt: skip


def teaching(dataset: Dataset, known: Known, parts: Parts, options: Options) -> Teaching:
    """Return what every learner of a run is taught with."""
    origin = Origin(
        title=dataset.folder.resolve().name,
        reference_currency=dataset.reference_currency,
        time_zone=options.time_zone,
        label_delay_us=options.label_delay_us,
    )
    return Teaching(
        known.label, known.known_at_us, known.clock_us, known.payers, known.payees, known.split, origin, parts.charter,
        options.seed, options.settings,
    )  # fmt: skip
