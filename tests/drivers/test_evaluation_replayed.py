"""What a stream of decisions was worth, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from headgate.drivers.evaluation.period import Truth, period
from headgate.drivers.evaluation.replayed import Judged, worth
from headgate.limits import US_PER_DAY, US_PER_HOUR

IDS = [f"t{n}" for n in range(12)]
CLOCK = np.arange(12, dtype=np.int64) * 6 * US_PER_HOUR
AMOUNT = np.array([100.0, 5, 200, 5, 300, 5, 400, 5, 5, 5, 5, 5])
SCHEMES = {"t2": ("ring", "cycle"), "t4": ("ring", "cycle"), "t6": ("lone", "takeover")}
ACTIONS = ["allow", "review", "step_up", "allow", "hold", "allow", "allow", "allow", "hold", "allow", "allow", "allow"]
CASES = [None, "C-1", None, None, "C-2", None, None, None, "C-1", None, None, None]


@pytest.fixture
def result():
    truth = Truth({tx: int(tx in SCHEMES) for tx in IDS}, SCHEMES)
    of = period(IDS, CLOCK, AMOUNT, truth, first=0, stop=12)
    alert = np.array([case is not None for case in CASES])
    judged = Judged(ACTIONS, alert, np.arange(12.0), np.full(12, 4.0), CASES)
    return worth(of, judged, {"t1": "payroll", "t3": "payroll", "t9": "rent"})


def test_alerts_and_cases_are_counted_by_day(result):
    assert (result.alerts, result.cases) == (3, 2)
    assert result.days == pytest.approx(2.75)
    assert result.alerts_per_day == pytest.approx(3 / 2.75)
    assert result.by_day.cases.y == (1.0, 1.0, 0.0)
    assert result.by_day.alerts.y == (1.0, 1.0, 1.0)
    assert result.by_day.cases.x == (0.0, US_PER_DAY / 1e6, 2 * US_PER_DAY / 1e6)


def test_precision_is_of_alerts_and_of_cases(result):
    assert (result.precision, result.recall) == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert result.case_precision == 0.5


def test_value_counts_as_held_only_where_the_payment_itself_was_held(result):
    assert result.value_held == pytest.approx(300 / 900)
    assert result.value_asked == pytest.approx(500 / 900)
    assert result.value_alerted == pytest.approx(300 / 900)
    assert result.by_day.fraud_value.y == (200.0, 900.0, 900.0)
    assert result.by_day.held_value.y == (0.0, 300.0, 300.0)


def test_schemes_are_found_by_their_alerts(result):
    assert (result.schemes.found, result.schemes.schemes) == (1, 2)
    assert result.schemes.payments_to_first_alert == 2
    assert result.schemes.hours_to_first_alert == 12.0
    assert [(row.pattern_type, row.recall) for row in result.patterns] == [("cycle", 0.5), ("takeover", 0.0)]


def test_honest_lookalikes_that_were_read_for_nothing_are_counted(result):
    assert [(row.twin_type, row.payments, row.alerted) for row in result.twins] == [("payroll", 2, 1), ("rent", 1, 0)]


def test_actions_are_counted(result):
    assert result.actions == {"allow": 8, "hold": 2, "review": 1, "step_up": 1}
