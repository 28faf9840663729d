"""The evaluation of a dataset, from its folder's content to one value: the order of the protocol.

1. facts by one causal pass  2. split by time, labels as they were known  3. three learners  4. measures on test,
thresholds from validation  5. what was missed, and what the reader must be warned of.
Time, progress and seeds enter by argument; nothing is written here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headgate.charter.charter import Charter
from headgate.connectors.dataset import Dataset
from headgate.drivers.evaluation.assemble import Cost, Setting, Told, assemble
from headgate.drivers.evaluation.curves import Curves, precision_recall, recall_by_alerts, score_over_time
from headgate.drivers.evaluation.enough import require_labels, require_periods
from headgate.drivers.evaluation.fold import fold, witness_of
from headgate.drivers.evaluation.intervals import RESAMPLES
from headgate.drivers.evaluation.learners import (
    POINTS,
    RAW_ROW,
    Teaching,
    scores_of,
    scores_of_points,
    teach,
    with_points,
)
from headgate.drivers.evaluation.measure import Measures, Scored, measure
from headgate.drivers.evaluation.missed import Looking, Missed, missed_examples
from headgate.drivers.evaluation.period import Period, Truth, period
from headgate.drivers.evaluation.ranking import Ints
from headgate.drivers.evaluation.result import Evaluation
from headgate.drivers.evaluation.shortcuts import fraud_only_tail, single_columns, telling_columns
from headgate.drivers.evaluation.stopwatch import Progress, Stopwatch, peak_rss_mb
from headgate.drivers.evaluation.why import why_not
from headgate.facts.catalogue import DEFAULT
from headgate.facts.grammar import parse
from headgate.limits import US_PER_DAY
from headgate.models.model import Model
from headgate.models.split import NEVER_US, Labels, Split, label_columns, time_split
from headgate.models.training import Origin
from headgate.scenarios.scenario import Scenario


class Options(NamedTuple):
    """What a user may choose; every choice has a default that needs no thought."""

    label_delay_us: int = 7 * US_PER_DAY
    alerts_a_day: int = 10
    time_zone: str = "UTC"
    reference: bool = False
    seed: int = 7
    resamples: int = RESAMPLES


class Parts(NamedTuple):
    """What detection consists of besides facts."""

    scenarios: tuple[Scenario, ...]
    charter: Charter


class Known(NamedTuple):
    """All payments in journal order, what they turned out to be and when that became known, and the split."""

    tx_ids: list[str]
    clock_us: Ints
    label: Labels
    split: Split
    longest_delay_us: int


class Rows(NamedTuple):
    """The same with the facts (one row a payment) and the periods as they are measured."""

    known: Known
    facts: pa.Table
    periods: dict[str, Period]


def evaluate(dataset: Dataset, parts: Parts, options: Options, *, watch: Stopwatch, progress: Progress) -> Evaluation:
    """Run the protocol. DatasetError or ModelError, each with its repair, where the dataset cannot be measured."""
    require_labels(dataset.labels, dataset.payments, str(dataset.folder))
    known = _known(dataset, options)
    require_periods(known.split, known.label, known.clock_us, options.label_delay_us)
    rows = _rows(dataset, known, parts, options, watch, progress)
    with progress("Training and measuring", 4) as tick:
        models, scored = _learn(rows, parts, dataset, options, watch)
        tick(2)
        measures = _measure(rows, models["all"], scored, options, watch)
        tick(1)
        with watch.step("missed"):
            missed = _missed(dataset, rows, models["all"], scored["all"], measures)
        tick(1)
    told = Told(_curves(rows.periods["test"], scored, measures), missed, _warnings(dataset, rows))
    setting = Setting(
        dataset=dataset.folder.resolve().name,
        reference_currency=dataset.reference_currency,
        label_delay_us=options.label_delay_us,
        seed=options.seed,
        facts=len(models["all"].facts) - 1,
        set_apart=dataset.set_apart,
    )
    cost = Cost(dataset.payments / watch.seconds["facts"], peak_rss_mb(), dict(watch.seconds))
    return assemble(setting, rows.periods, known.longest_delay_us, measures, told, cost)


def fact_names(scenarios: tuple[Scenario, ...]) -> tuple[str, ...]:
    """Return the default facts and whatever else the scenarios read."""
    asked = (*DEFAULT, *RAW_ROW, *(fact for scenario in scenarios for fact in scenario.facts))
    return tuple(dict.fromkeys(asked))


def _known(dataset: Dataset, options: Options) -> Known:
    journal = dataset.journal.select(["kind", "tx_id", "clock_us"])
    payments = journal.filter(pc.equal(journal.column("kind"), "payment"))
    tx_ids: list[str] = payments.column("tx_id").to_pylist()
    clock_us = payments.column("clock_us").to_numpy()
    label, known_at = label_columns(tx_ids, clock_us, dataset.labels, dataset.known_at_us, options.label_delay_us)
    delays = (known_at - clock_us)[known_at != NEVER_US]
    return Known(tx_ids, clock_us, label, time_split(clock_us, known_at), int(delays.max(initial=0)))


def _rows(dataset: Dataset, known: Known, parts: Parts, options: Options, watch: Stopwatch, progress: Progress) -> Rows:
    names = fact_names(parts.scenarios)
    with watch.step("facts"), progress("Computing facts", len(dataset.journal)) as tick:
        facts = fold(dataset, names, time_zone=options.time_zone, reference=options.reference, tick=tick)
    with watch.step("scenarios"):
        facts = with_points(facts, parts.scenarios)
    return Rows(known, facts, _periods(dataset, known, facts))


def _periods(dataset: Dataset, known: Known, facts: pa.Table) -> dict[str, Period]:
    cuts = (0, known.split.train_stop, known.split.valid_stop, known.split.rows)
    amount = facts.column("amount").cast(pa.float64()).to_numpy()
    truth = Truth(dataset.labels, dataset.schemes)
    return {
        name: period(known.tx_ids, known.clock_us, amount, truth, first=cuts[place], stop=cuts[place + 1])
        for place, name in enumerate(("train", "validation", "test"))
    }


def _learn(
    rows: Rows, parts: Parts, dataset: Dataset, options: Options, watch: Stopwatch
) -> tuple[dict[str, Model], dict[str, Scored]]:
    origin = Origin(
        title=dataset.folder.resolve().name,
        reference_currency=dataset.reference_currency,
        time_zone=options.time_zone,
        label_delay_us=options.label_delay_us,
    )
    how = Teaching(rows.known.label, rows.known.clock_us, rows.known.split, origin, parts.charter, options.seed)
    every = (*fact_names(parts.scenarios), POINTS)
    models, scored = {}, {}
    for name, columns in (("all", every), ("raw", RAW_ROW)):
        with watch.step(f"train {name}"):
            models[name] = teach(rows.facts, columns, how)
        with watch.step("score"):
            scored[name] = scores_of(models[name], rows.facts, rows.known.split)
    scored["scenarios"] = scores_of_points(rows.facts, rows.known.split)
    return models, scored


def _measure(rows: Rows, model: Model, scored: dict[str, Scored], options: Options, watch: Stopwatch) -> Measures:
    split = rows.known.split
    known_then = split.valid_labels(rows.known.label)[split.train_stop : split.valid_stop]
    with watch.step("measure"):
        return measure(
            rows.periods["validation"]._replace(label=known_then),
            rows.periods["test"],
            scored,
            model.probability(scored["all"].test),
            alerts_a_day=options.alerts_a_day,
            seed=options.seed,
            resamples=options.resamples,
        )


def _curves(test: Period, scored: dict[str, Scored], measures: Measures) -> Curves:
    labelled = test.labelled
    positive = test.positive[labelled]
    scores = {name: of.test[labelled] for name, of in scored.items()}
    return Curves(
        precision_recall={name: precision_recall(of, positive) for name, of in scores.items()},
        recall_by_alerts={name: recall_by_alerts(of, positive, test.days) for name, of in scores.items()},
        score_over_time=score_over_time(test, scored["all"].test, measures.operating.threshold),
    )


def _missed(dataset: Dataset, rows: Rows, model: Model, scored: Scored, measures: Measures) -> tuple[Missed, ...]:
    facts = rows.facts.slice(rows.known.split.valid_stop)
    place = {tx: row for row, tx in enumerate(rows.periods["test"].tx_id)}
    seq = facts.column("seq").to_numpy()

    def reasons(tx_id: str) -> tuple[str, ...]:
        row = facts.slice(place[tx_id], 1).to_pylist()[0]
        return why_not(model, row)

    return missed_examples(
        Looking(
            test=rows.periods["test"],
            facts=facts,
            scores=scored.test,
            alerted=measures.operating.alerted,
            currency=dataset.reference_currency,
            witness=lambda tx, fact: witness_of(dataset, int(seq[place[tx]]), fact, parse(fact).window_us or 0),
            reasons=reasons,
        )
    )


def _warnings(dataset: Dataset, rows: Rows) -> tuple[str, ...]:
    test = rows.periods["test"]
    raw = rows.facts.select(RAW_ROW)
    train = np.arange(rows.known.split.train_stop)
    judged = np.arange(rows.known.split.train_stop, rows.known.split.valid_stop)
    names = pq.read_schema(dataset.folder / "transactions.parquet").names
    unlabelled = 1 - float((rows.known.label >= 0).mean())
    partly = (
        (f"{unlabelled:.0%} of the payments have no label; measures are over the others, and which are labelled "
         "is rarely random.",)
        if unlabelled > 0.01
        else ()
    )  # fmt: skip
    few = int(test.positive.sum())
    scarce = (f"The test period has only {few} frauds: read the intervals.",) if few < 50 else ()
    return (
        *dataset.warnings,
        *telling_columns(names),
        *single_columns(raw, rows.known.label, train, judged),
        *fraud_only_tail(test.clock_us, test.positive),
        *partly,
        *scarce,
    )
