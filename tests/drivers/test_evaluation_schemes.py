"""Schemes: found or not, after how many payments and hours, seen before or not; and calibration."""

from __future__ import annotations

import numpy as np
import pytest

from headgate.drivers.evaluation.calibration import expected_calibration_error, reliability
from headgate.drivers.evaluation.measure import Scored, operate
from headgate.drivers.evaluation.period import Truth, only, period
from headgate.drivers.evaluation.schemes import (
    found_of,
    hours_of_schemes,
    outcome_of,
    recall_by_pattern,
    recall_of_schemes,
    value_detected,
)
from headgate.limits import US_PER_HOUR

IDS = [f"t{n}" for n in range(10)]
CLOCK = np.arange(10, dtype=np.int64) * 2 * US_PER_HOUR
AMOUNT = np.array([1.0, 1, 1, 1, 100, 10, 10, 1, 1000, 1])
FRAUDS = {"t1": ("ring", "cycle"), "t4": ("ring", "cycle"), "t5": ("mule", "fan_in"), "t6": ("mule", "fan_in")}


def here():
    labels = {tx: int(tx in FRAUDS or tx == "t8") for tx in IDS if tx != "t9"}
    return period(IDS, CLOCK, AMOUNT, Truth(labels, FRAUDS), first=3, stop=10)


def outcomes(alerted):
    return tuple(outcome_of(scheme, alerted, here().clock_us) for scheme in here().schemes)


def alerts(*ids):
    return np.array([tx in ids for tx in here().tx_id])


def test_a_scheme_with_a_payment_before_the_period_is_not_unseen():
    assert [(s.name, s.unseen, s.rows) for s in here().schemes] == [
        ("ring", False, (1,)),
        ("mule", True, (2, 3)),
    ]


def test_payments_and_hours_to_the_first_alert_count_from_the_first_payment_of_the_period():
    ring, mule = outcomes(alerts("t6", "t8"))
    assert (ring.alerted, ring.first_alert, ring.hours_to_first_alert) == (0, None, None)
    assert (mule.alerted, mule.first_alert, mule.hours_to_first_alert) == (1, 2, 2.0)


def test_the_summary_takes_medians_over_the_schemes_that_were_found():
    found = found_of(outcomes(alerts("t4", "t6")))
    assert (found.schemes, found.found, found.recall) == (2, 2, 1.0)
    assert (found.payments_to_first_alert, found.hours_to_first_alert) == (1.5, 1.0)
    assert found_of(()).recall is None


def test_a_scheme_drawn_twice_counts_twice():
    both = outcomes(alerts("t6"))
    assert recall_of_schemes(both, np.array([1, 3])) == 0.75
    assert recall_of_schemes(both, np.array([0, 0])) is None
    assert hours_of_schemes(both, np.array([2, 1])) == 2.0
    assert hours_of_schemes(both, np.array([2, 0])) is None


def test_recall_by_pattern_counts_payments_and_schemes_of_the_type():
    found = recall_by_pattern(here().pattern_type, here().positive, alerts("t6"), outcomes(alerts("t6")))
    assert [(p.pattern_type, p.payments, p.recall, p.schemes, p.schemes_found) for p in found] == [
        ("cycle", 1, 0.0, 1, 0),
        ("fan_in", 2, 0.5, 1, 1),
    ]


def test_average_precision_of_a_pattern_leaves_other_frauds_out_on_both_sides():
    scores = np.array([5.0, 4, 9, 1, 2, 8, 10])
    patterns = operate(here(), here(), Scored(scores, scores)).patterns
    assert {p.pattern_type: p.ap for p in patterns} == {"cycle": 1 / 2, "fan_in": (1 / 1 + 2 / 4) / 2}


def test_the_value_detected_is_that_of_the_alerted_payments_only():
    now = here()
    assert value_detected(now.amount_minor, now.positive, alerts("t8", "t7")) == pytest.approx(1000 / 1120)
    assert value_detected(now.amount_minor, np.zeros(7, bool), alerts("t8")) is None


def test_rows_without_a_label_can_be_left_out_and_schemes_follow():
    known = only(here(), here().labelled)
    assert known.tx_id == ["t3", "t4", "t5", "t6", "t7", "t8"]
    assert [scheme.rows for scheme in known.schemes] == [(1,), (2, 3)]
    assert known.scheme.tolist() == [-1, 0, 1, 1, -1, -1]


def test_calibration_error_counted_by_hand():
    promised = np.array([0.01, 0.01, 0.99, 0.99])
    assert expected_calibration_error(promised, np.array([False, False, True, True])) == pytest.approx(0.01)
    assert expected_calibration_error(promised, np.array([False, False, False, True])) == pytest.approx(0.25)
    assert expected_calibration_error(
        promised, np.array([False, False, False, True]), np.array([1, 1, 0, 2])
    ) == pytest.approx(0.01)


def test_the_calibration_table_holds_every_payment_once_and_rises():
    random = np.random.default_rng(0)
    promised = random.beta(0.1, 5, 5000)
    table = reliability(promised, random.random(5000) < promised)
    assert sum(row.payments for row in table) == 5000
    assert [row.predicted for row in table] == sorted(row.predicted for row in table)
    assert all(abs(row.predicted - row.observed) < 0.15 for row in table if row.payments > 20)
