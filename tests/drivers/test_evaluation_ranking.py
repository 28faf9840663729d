"""Measures of a ranking agree with scikit-learn and with cases counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from headgate.drivers.evaluation import ranking as r

ROWS = st.lists(st.tuples(st.integers(-5, 5), st.booleans(), st.integers(0, 3)), min_size=2, max_size=60).filter(
    lambda rows: {p for _, p, w in rows if w} == {True, False}
)


def columns(rows):
    scores, positive, weights = (np.array(column) for column in zip(*rows, strict=True))
    return scores.astype(float), positive.astype(bool), weights.astype(np.int64)


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_average_precision_and_roc_area_agree_with_scikit_learn_under_ties_and_weights(rows):
    scores, positive, weights = columns(rows)
    ranking = r.rank(scores, positive)
    assert r.average_precision(ranking, weights) == pytest.approx(
        average_precision_score(positive, scores, sample_weight=weights)
    )
    assert r.roc_auc(ranking, weights) == pytest.approx(roc_auc_score(positive, scores, sample_weight=weights))


@settings(max_examples=100, deadline=None)
@given(ROWS, st.integers(1, 40))
def test_a_weight_counts_like_that_many_copies(rows, alerts):
    scores, positive, weights = columns(rows)
    copied = np.repeat(np.arange(len(scores)), weights)
    whole = r.at_alerts(r.rank(scores, positive), alerts, weights)
    copies = r.at_alerts(r.rank(scores[copied], positive[copied]), alerts)
    assert whole == copies


@settings(max_examples=100, deadline=None)
@given(ROWS)
def test_the_best_f1_threshold_is_best_among_all_scores(rows):
    scores, positive, _ = columns(rows)
    if not positive.any():
        return
    best = f1_score(positive, scores >= r.best_f1_threshold(scores, positive))
    assert best == pytest.approx(max(f1_score(positive, scores >= score) for score in scores))


def test_precision_and_recall_at_a_budget_counted_by_hand():
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0])
    positive = np.array([True, False, True, False, False, True, False, False, False, False])
    ranking = r.rank(scores, positive)
    assert r.at_share(ranking, 0.3) == r.AtBudget(3, 2 / 3, 2 / 3)
    assert r.at_share(ranking, 0.001) == r.AtBudget(1, 1.0, 1 / 3)
    assert r.at_alerts(ranking, 99) == r.AtBudget(10, 0.3, 1.0)


def test_a_budget_that_cuts_through_equal_scores_reads_the_earlier_payment():
    ranking = r.rank(np.zeros(4), np.array([False, True, True, False]))
    assert r.at_alerts(ranking, 2) == r.AtBudget(2, 0.5, 0.5)


def test_the_top_of_each_day_is_chosen_within_the_day():
    scores = np.array([5.0, 4.0, 3.0, 0.1, 0.2, 0.2])
    day = np.array([0, 0, 0, 1, 1, 1])
    assert r.top_of_each_day(scores, day, 1).tolist() == [True, False, False, False, True, False]
    assert r.top_of_each_day(scores, day, 2).tolist() == [True, True, False, False, True, True]


def test_measures_of_one_class_are_absent_rather_than_zero():
    fine = r.rank(np.array([1.0, 2.0]), np.array([False, False]))
    assert r.average_precision(fine) is None
    assert r.roc_auc(fine) is None
    assert r.at_alerts(fine, 1) == r.AtBudget(1, 0.0, None)


def test_the_budget_threshold_is_the_score_of_the_last_payment_inside():
    scores = np.arange(1000, dtype=float)
    threshold = r.budget_threshold(scores, 0.005)
    assert threshold == 995.0
    assert (scores >= threshold).sum() == 5


def test_a_score_that_is_not_a_number_is_not_ranked():
    with pytest.raises(AssertionError, match="finite"):
        r.rank(np.array([1.0, np.nan]), np.array([True, False]))
