"""Which case to read first: expected loss times the time left."""

from __future__ import annotations

from headgate.cases.case import Case, CaseAlert
from headgate.cases.urgency import most_urgent, urgency
from headgate.limits import US_PER_HOUR

NOON = 1_000 * US_PER_HOUR


def _case(
    number: int, *, minor: int, probability: float | None, hours_ago: int = 0, hold_hours: int | None = None
) -> Case:
    clock_us = NOON - hours_ago * US_PER_HOUR
    alert = CaseAlert(
        tx_id=f"P{number}",
        seq=number,
        clock_us=clock_us,
        payer="A",
        payee="B",
        action="review" if hold_hours is None else "hold",
        rank_score=0.0,
        reference_minor=minor,
        probability=probability,
        hold_expires_us=None if hold_hours is None else clock_us + hold_hours * US_PER_HOUR,
    )
    return Case(number=number, opened_us=clock_us, updated_us=clock_us, alerts=(alert,))


def test_urgency_is_the_expected_loss_times_the_hours_left() -> None:
    assert urgency(_case(1, minor=10_000, probability=0.25, hours_ago=2), NOON) == 2_500 * 70


def test_without_a_model_the_whole_amount_is_expected_to_be_lost() -> None:
    assert urgency(_case(1, minor=10_000, probability=None), NOON) == 10_000 * 72


def test_held_money_has_the_time_of_its_hold_besides() -> None:
    held, gone = _case(1, minor=100, probability=0.5, hold_hours=24), _case(2, minor=100, probability=0.5)
    assert urgency(held, NOON) == 50 * 96
    assert most_urgent((gone, held), NOON) == (held, gone)


def test_a_likely_small_loss_comes_before_an_unlikely_large_one_only_where_more_is_expected() -> None:
    small, large = _case(1, minor=10_000, probability=0.9), _case(2, minor=40_000, probability=0.2)
    assert [case.number for case in most_urgent((large, small), NOON)] == [1, 2]


def test_where_no_time_is_left_the_larger_value_comes_first_and_then_the_older_case() -> None:
    old = [_case(number, minor=minor, probability=0.9, hours_ago=100) for number, minor in ((1, 5), (2, 7), (3, 7))]
    fresh = _case(4, minor=1, probability=0.1)
    assert [case.number for case in most_urgent((*old, fresh), NOON)] == [4, 2, 3, 1]
