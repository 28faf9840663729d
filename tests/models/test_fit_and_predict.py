"""`headgate.models.fit` and `predict` on the tables that people have, with the rules of `headgate train`."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from headgate.errors import ModelError, RefusedFieldError
from headgate.models import fit, predict
from headgate.models.document import Settings
from headgate.models.search import Budget

QUICK = Settings(learning_rate=0.2, leaves=7, most_rounds=40, patience=10, least_rows_in_leaf=5)


@pytest.fixture(scope="module")
def table(history) -> pa.Table:
    times = pa.array(history.clock_us, pa.timestamp("us", "UTC"))
    facts = history.facts.drop_columns(["seq"])
    return facts.append_column("ts", times).append_column("label", pa.array(history.labels))


def test_arrow_polars_and_pandas_give_the_same_model_and_the_same_bits(table: pa.Table) -> None:
    of_arrow = fit(table, settings=QUICK)
    of_polars = fit(pl.DataFrame(table), settings=QUICK)
    assert of_polars.content_hash == of_arrow.content_hash
    frame = table.to_pandas(types_mapper=pd.ArrowDtype)
    assert fit(frame, settings=QUICK).content_hash == of_arrow.content_hash
    margins = predict(of_arrow, table).margin
    assert predict(of_arrow, pl.DataFrame(table)).margin.tobytes() == margins.tobytes()
    assert predict(of_arrow, frame).margin.tobytes() == margins.tobytes()
    alone = np.array([of_arrow.margin_one(row) for row in table.slice(0, 50).to_pylist()])
    assert alone.tobytes() == margins[:50].tobytes()


def test_the_order_of_the_rows_does_not_matter(table: pa.Table) -> None:
    turned = table.take(list(range(table.num_rows))[::-1])
    assert fit(turned, settings=QUICK).document.metrics == pytest.approx(fit(table, settings=QUICK).document.metrics)


def test_a_probability_comes_beside_the_margin_and_a_label_counts_from_when_it_was_known(table: pa.Table) -> None:
    model = fit(table, settings=QUICK, label_delay_days=2)
    scores = predict(model, table)
    assert ((scores.probability > 0) & (scores.probability < 1)).all()
    assert model.document.provenance.train_frauds > fit(table, settings=QUICK).document.provenance.train_frauds


def stated(table: pa.Table, row: int, when: datetime) -> pa.Table:
    times = [None] * table.num_rows
    times[row] = when
    return table.append_column("known_at", pa.array(times, pa.timestamp("us", "UTC")))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: stated(t, 3, datetime(1970, 1, 1, tzinfo=UTC)), "1 labels were known before their payment"),
        (lambda t: t.append_column("was_reported", t.column("label")), "'was_reported' is the label"),
        (lambda t: t.drop_columns(["label"]), "no column 'label'"),
        (lambda t: t.drop_columns(["ts"]), "no column 'ts'"),
        (lambda t: t.slice(0, 10), "200 are needed"),
        (lambda t: t.set_column(t.column_names.index("label"), "label", pa.array([0] * t.num_rows)), "0 known frauds"),
        (lambda t: t.set_column(t.column_names.index("label"), "label", pa.array([3] * t.num_rows)), "other values"),
        (lambda t: t.set_column(t.column_names.index("ts"), "ts", pa.array(["x"] * t.num_rows)), "not a time"),
        (lambda t: [1, 2], "no table"),
    ],
)
def test_a_table_that_cannot_teach_is_refused_with_a_repair(table: pa.Table, change, words: str) -> None:
    with pytest.raises(ModelError, match=words) as caught:
        fit(change(table), settings=QUICK)
    assert caught.value.repair


def test_a_span_shorter_than_the_label_delay_offers_to_count_labels_at_once(table: pa.Table) -> None:
    with pytest.raises(ModelError, match=r"span \d+\.\d days.*labels become known 120 days") as caught:
        fit(table, settings=QUICK, label_delay_days=120)
    assert "--label-delay 0" in str(caught.value)


def test_a_column_that_the_charter_refuses_is_refused_by_name(table: pa.Table) -> None:
    with pytest.raises(RefusedFieldError, match="customer_gender"):
        fit(table.append_column("customer_gender", pa.array(["f"] * table.num_rows)), settings=QUICK)


def test_a_search_by_trials_is_reproducible_and_stands_on_the_card(table: pa.Table) -> None:
    budget, table = Budget(trials=1, folds=2), table.slice(0, 2500)
    model = fit(table, settings=QUICK, budget=budget)
    assert fit(table, settings=QUICK, budget=budget).content_hash == model.content_hash
    record = model.document.search
    assert record is not None
    assert len(record.trials) == 2
    assert record.trials[0].settings == QUICK
    assert model.document.settings == record.trials[record.chosen].settings
    assert max(trial.average_precision for trial in record.trials) == record.trials[record.chosen].average_precision
    assert "2 settings were tried" in model.card()
