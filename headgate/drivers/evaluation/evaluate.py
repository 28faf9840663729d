"""The evaluation of a dataset, from its folder's content to one value: the order of the protocol.

1. facts by one causal pass  2. split by time, labels as they were known  3. three learners  4. measures on test,
thresholds from validation  5. what was missed, and what the reader must be warned of  6. the long part, if asked for.
Time, progress and seeds enter by argument; nothing is written here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq

from headgate.connectors.dataset import Dataset
from headgate.drivers.evaluation.assemble import Cost, Setting, Told, assemble
from headgate.drivers.evaluation.baseline import baseline
from headgate.drivers.evaluation.compare import Against
from headgate.drivers.evaluation.curves import (
    Curves,
    found_by_hours,
    precision_band,
    precision_recall,
    recall_by_alerts,
    score_over_time,
    value_by_alerts,
)
from headgate.drivers.evaluation.enough import require_labels, require_periods
from headgate.drivers.evaluation.fold import witness_of
from headgate.drivers.evaluation.full import full
from headgate.drivers.evaluation.intervals import resamples
from headgate.drivers.evaluation.learners import RAW_ROW, scores_of, scores_of_points, teach, with_past
from headgate.drivers.evaluation.measure import Measures, Scored, measure, operate
from headgate.drivers.evaluation.missed import Looking, Missed, missed_examples
from headgate.drivers.evaluation.period import Period
from headgate.drivers.evaluation.prepare import (
    Options,
    Parts,
    Rows,
    every_column,
    fact_names,
    facts_of,
    known_of,
    periods_of,
    teaching,
)
from headgate.drivers.evaluation.result import Evaluation
from headgate.drivers.evaluation.shortcuts import fraud_only_tail, single_columns, telling_columns
from headgate.drivers.evaluation.stopwatch import Progress, Stopwatch, peak_rss_mb
from headgate.drivers.evaluation.why import why_not
from headgate.facts.grammar import parse
from headgate.models.model import Model


class Finished(NamedTuple):
    """A run with what it was made of, for whoever measures on."""

    result: Evaluation
    rows: Rows
    model: Model
    scored: dict[str, Scored]


def evaluate(dataset: Dataset, parts: Parts, options: Options, *, watch: Stopwatch, progress: Progress) -> Evaluation:
    """Run the protocol. DatasetError or ModelError, each with its repair, where the dataset cannot be measured."""
    return evaluated(dataset, parts, options, watch=watch, progress=progress).result


def evaluated(dataset: Dataset, parts: Parts, options: Options, *, watch: Stopwatch, progress: Progress) -> Finished:
    """Run the protocol as `evaluate` and return the rows, the model and the scores beside the result."""
    rows = rows_of(dataset, parts, options, watch, progress)
    with progress("Training and measuring", 4) as tick:
        models, scored = learn(rows, parts, dataset, options, watch)
        tick(2)
        how, at = (
            teaching(dataset, rows.known, parts, options),
            Against(rows.periods["test"], options.seed, options.resamples),
        )
        gfp, others = baseline(dataset, rows, how, scored["all"], at, watch, progress)
        scored |= {} if others is None else {"gfp": others}
        measures = measured(rows, models["all"], scored, options, watch)
        tick(1)
        with watch.step("missed"):
            missed = _missed(dataset, rows, models["all"], scored["all"], measures)
        tick(1)
    more = None
    if options.full:
        more = full(dataset, rows, parts, options, models["all"], scored["all"], watch, progress)
    with watch.step("curves"):
        curves = _curves(rows, scored, measures, options)
    told = Told(curves, missed, _warnings(dataset, rows, models["all"]), gfp, more)
    setting = Setting(
        dataset=dataset.folder.resolve().name,
        reference_currency=dataset.reference_currency,
        label_delay_us=options.label_delay_us,
        seed=options.seed,
        facts=len(models["all"].facts) - 1,
        set_apart=dataset.set_apart,
    )
    cost = Cost(dataset.payments / watch.seconds["facts"], peak_rss_mb(), dict(watch.seconds))
    result = assemble(setting, rows.periods, rows.known.longest_delay_us, measures, told, cost)
    return Finished(result, rows, models["all"], scored)


def rows_of(dataset: Dataset, parts: Parts, options: Options, watch: Stopwatch, progress: Progress) -> Rows:
    """Return what is trained and measured on. DatasetError, with its repair, where the dataset cannot be measured."""
    require_labels(dataset.labels, dataset.payments, str(dataset.folder))
    known = known_of(dataset, options)
    require_periods(known.split, known.label, known.clock_us, options.label_delay_us)
    with watch.step("facts"), progress("Computing facts", len(dataset.journal)) as tick:
        facts = facts_of(dataset, fact_names(parts.scenarios), parts.scenarios, options, tick)
    with watch.step("first stage"), progress("Scoring earlier payments", 1) as tick:
        facts = with_past(facts, every_column(parts.scenarios), teaching(dataset, known, parts, options))
        tick(1)
    return Rows(known, facts, periods_of(dataset, known, facts))


def learn(
    rows: Rows, parts: Parts, dataset: Dataset, options: Options, watch: Stopwatch
) -> tuple[dict[str, Model], dict[str, Scored]]:
    """Return the two models, and the scores of all three learners on validation and test."""
    how = teaching(dataset, rows.known, parts, options)
    models, scored = {}, {}
    for name, columns in (("all", every_column(parts.scenarios)), ("raw", RAW_ROW)):
        with watch.step(f"train {name}"):
            models[name] = teach(rows.facts, columns, how)
        with watch.step("score"):
            scored[name] = scores_of(models[name], rows.facts, rows.known.split)
    scored["scenarios"] = scores_of_points(rows.facts, rows.known.split)
    return models, scored


def measured(rows: Rows, model: Model, scored: dict[str, Scored], options: Options, watch: Stopwatch) -> Measures:
    """Return the measures of the learners; validation shows what was known when the test period began."""
    with watch.step("measure"):
        return measure(
            as_known(rows),
            rows.periods["test"],
            scored,
            model.probability(scored["all"].test),
            alerts_a_day=options.alerts_a_day,
            seed=options.seed,
            resamples=options.resamples,
        )


def as_known(rows: Rows) -> Period:
    """Return the validation period with the labels that were known when the test period began."""
    split = rows.known.split
    known_then = split.valid_labels(rows.known.label)[split.train_stop : split.valid_stop]
    return rows.periods["validation"]._replace(label=known_then)


def _curves(rows: Rows, scored: dict[str, Scored], measures: Measures, options: Options) -> Curves:
    test = rows.periods["test"]
    labelled = test.labelled
    positive, amount = test.positive[labelled], test.amount_minor[labelled]
    scores = {name: of.test[labelled] for name, of in scored.items()}
    drawn = [each.payments for each in resamples(measures.clusters, seed=options.seed, count=options.resamples)]
    alerts = {name: operate(as_known(rows), test, of) for name, of in scored.items()}
    return Curves(
        precision_recall={name: precision_recall(of, positive) for name, of in scores.items()},
        precision_bands={name: precision_band(of, positive, drawn) for name, of in scores.items()},
        recall_by_alerts={name: recall_by_alerts(of, positive, test.days) for name, of in scores.items()},
        value_by_alerts={name: value_by_alerts(of, positive, amount, test.days) for name, of in scores.items()},
        found_by_hours={name: found_by_hours(of.outcomes) for name, of in alerts.items()},
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


def _warnings(dataset: Dataset, rows: Rows, model: Model) -> tuple[str, ...]:
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
        *model.document.warnings,
        *partly,
        *scarce,
    )
