"""What flatters a detector is told, what cannot be measured is refused, and curves say what the measures say."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from headgate.connectors.labels import outcome_rows
from headgate.connectors.rows import constant, journal_rows
from headgate.drivers.evaluation.curves import precision_recall, recall_by_alerts, score_over_time
from headgate.drivers.evaluation.enough import require_labels, require_periods
from headgate.drivers.evaluation.period import Truth, period
from headgate.drivers.evaluation.ranking import at_alerts, rank
from headgate.drivers.evaluation.shortcuts import fraud_only_tail, single_columns, telling_columns
from headgate.errors import DatasetError
from headgate.journal.order import order_table
from headgate.limits import US_PER_DAY, US_PER_HOUR
from headgate.models.alone import alone
from headgate.models.split import time_split


@pytest.mark.parametrize(
    "name", ["alert_id", "patternType", "isFlaggedFraud", "is_sar", "modelType", "scenario", "Is Laundering", "label"]
)
def test_a_column_that_tells_the_label_is_named(name):
    assert name in telling_columns(["amount", name])[0]


def test_ordinary_columns_are_not_accused():
    assert telling_columns(["amount", "channel", "step", "oldbalanceOrig", "merchant_category", "dispatch"]) == ()


def raw(rows=4000):
    random = np.random.default_rng(3)
    label = (random.random(rows) < 0.02).astype(np.int8)
    table = pa.table(
        {
            "amount": np.where(label == 1, 900, random.integers(1, 800, rows)),
            "channel": np.where(random.random(rows) < 0.5, "app", "branch"),
            "hour_local": random.integers(0, 24, rows),
        }
    )
    return table, label, np.arange(rows // 2), np.arange(rows // 2, rows)


def test_a_column_that_predicts_alone_is_told_and_others_are_not():
    table, label, train, judged = raw()
    sentences = single_columns(table, label, train, judged)
    assert len(sentences) == 1
    assert "'amount' alone reaches an average precision of 1.00" in sentences[0]


def test_a_value_seen_in_no_training_payment_gets_the_usual_rate():
    channel = pa.chunked_array([["app", "app", "new", "app"]])
    label = np.array([0, 1, 1, 0], dtype=np.int8)
    assert alone(channel, label, np.array([0, 1]), np.array([2, 3])) == pytest.approx(0.5)


def test_nothing_is_told_where_no_fraud_is_known():
    table, label, train, judged = raw()
    assert single_columns(table, np.zeros_like(label), train, judged) == ()


def test_last_days_of_fraud_only_are_told():
    clock = np.arange(40, dtype=np.int64) * US_PER_DAY // 2
    positive = np.arange(40) >= 34
    assert "In the last 3 days" in fraud_only_tail(clock, positive)[0]
    assert fraud_only_tail(clock, np.zeros(40, bool)) == ()


def test_no_labels_one_class_and_ten_rows_are_each_refused_with_a_repair():
    for labels, payments, words in (
        ({}, 1000, "no labels"),
        ({"a": 0}, 1000, "no payment is labelled as fraud"),
        ({"a": 1}, 1000, "no payment is labelled as fine"),
        ({"a": 0, "b": 1}, 10, "10 payments are too few"),
    ):
        with pytest.raises(DatasetError, match=words) as caught:
            require_labels(labels, payments, "folder")
        assert caught.value.repair


def a_split(label, delay_us=0):
    clock = np.arange(len(label), dtype=np.int64) * US_PER_HOUR
    return time_split(clock, clock + delay_us), label, clock


def test_a_history_shorter_than_the_label_delay_offers_to_set_it_to_zero():
    split, label, clock = a_split(np.array([0, 1] * 11, dtype=np.int8), delay_us=7 * US_PER_DAY)
    with pytest.raises(DatasetError, match="span 21 hours and labels come 7 days") as caught:
        require_periods(split, label, clock, 7 * US_PER_DAY)
    assert "--label-delay 0" in caught.value.repair


def test_too_few_known_labels_offer_only_what_can_help():
    label = np.zeros(400, np.int8)
    label[[3, 100, 120, 150, 180, 210, 230, 390]] = 1
    at_once, label, clock = a_split(label)
    late = time_split(clock, clock + np.where(np.arange(400) > 50, 7 * US_PER_DAY, 0))
    by_setting = time_split(clock, clock + 7 * US_PER_DAY)
    require_periods(at_once, label, clock, 0)
    with pytest.raises(DatasetError, match="were known; 5 frauds among 200") as caught:
        require_periods(by_setting, label, clock, 7 * US_PER_DAY)
    assert "--label-delay 0" in caught.value.repair
    with pytest.raises(DatasetError) as caught:
        require_periods(late, label, clock, 7 * US_PER_DAY)
    assert "known_at" in caught.value.repair
    assert "--label-delay 0" not in caught.value.repair
    label = np.where(np.isin(np.arange(400), [3, 390]), 1, 0).astype(np.int8)
    with pytest.raises(DatasetError) as caught:
        require_periods(at_once, label, clock, 0)
    assert "--label-delay" not in caught.value.repair


def test_a_training_or_test_period_without_frauds_is_refused():
    early, late = np.zeros(20, np.int8), np.zeros(20, np.int8)
    early[2], late[18] = 1, 1
    with pytest.raises(DatasetError, match=r"test period .* has no labelled fraud"):
        require_periods(*a_split(early), 0)
    with pytest.raises(DatasetError, match=r"training period .* has no labelled fraud"):
        require_periods(*a_split(late), 0)


def test_too_few_known_frauds_to_learn_from_are_refused_before_anything_is_computed():
    label = np.zeros(1000, np.int8)
    label[[10, 900]] = 1
    with pytest.raises(DatasetError, match="1 frauds and 599 fine payments were known; 5 frauds among 200"):
        require_periods(*a_split(label), 0)
    label[[20, 30, 40, 50]] = 1
    require_periods(*a_split(label), 0)


def test_the_curves_pass_through_the_measures():
    random = np.random.default_rng(5)
    positive = random.random(3000) < 0.05
    scores = random.normal(0, 1, 3000) + positive * 2
    curve = precision_recall(scores, positive)
    assert curve.x[-1] == 1.0
    order = np.argsort(-scores)
    half = int(np.flatnonzero(np.cumsum(positive[order]) * 2 >= positive.sum())[0]) + 1
    assert np.interp(0.5, curve.x, curve.y) == pytest.approx(positive[order][:half].mean(), abs=0.01)
    read = recall_by_alerts(scores, positive, days=10.0)
    at = at_alerts(rank(scores, positive), 150)
    assert np.interp(15.0, read.x, read.y) == pytest.approx(at.recall, abs=0.02)


def test_every_fraud_is_a_mark_found_or_missed():
    ids = [f"t{n}" for n in range(100)]
    clock = np.arange(100, dtype=np.int64) * US_PER_HOUR
    truth = Truth({tx: int(n % 10 == 0) for n, tx in enumerate(ids)}, {})
    of = period(ids, clock, np.ones(100), truth, first=0, stop=100)
    picture = score_over_time(of, np.arange(100, dtype=float), threshold=50.0)
    assert (len(picture.found.x), len(picture.missed.x)) == (5, 5)
    assert picture.top_fine.x[0] == 0.0
    assert picture.top_fine.y[0] == 23.0


def test_an_outcome_known_at_once_still_comes_after_its_payment():
    payments = journal_rows(
        {
            "tx_id": pa.array(["a", "b"]),
            "clock_us": pa.array([5, 9], pa.int64()),
            "kind": constant("payment", 2),
        },
        2,
    )
    outcomes = outcome_rows(payments, {"a": 1, "b": 0}, {"a": 5, "b": 20})
    journal, _ = order_table(pa.concat_tables([payments, outcomes]))
    rows = zip(*(journal.column(name).to_pylist() for name in ("clock_us", "kind", "tx_id")), strict=True)
    assert list(rows) == [(5, "payment", "a"), (6, "outcome", "a"), (9, "payment", "b"), (20, "outcome", "b")]
