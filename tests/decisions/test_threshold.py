from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.decisions.threshold import Allowance, line, volume_ahead
from headgate.models.history import DayScore, ScoreDay

ANY = Allowance(1e9, 1.0, -math.inf)


def day_of(scores: list[tuple[float, int, int]], *, number: int = 1, payments: int | None = None) -> ScoreDay:
    ranked = sorted((DayScore(*score) for score in scores), key=lambda score: -score.score)
    return ScoreDay(day=number, payments=payments or len(scores), complete=True, scores=tuple(ranked))


def cases_at(day: ScoreDay, threshold: float) -> int:
    """The slow definition: groups of alerts of one day that share accounts, from scratch."""
    groups: list[set[int]] = []
    for alert in day.scores:
        if alert.score >= threshold:
            joined = [group for group in groups if group & {alert.payer, alert.payee}]
            groups = [group for group in groups if group not in joined]
            groups.append(set().union({alert.payer, alert.payee}, *joined))
    return len(groups)


def slow_line(days: list[ScoreDay], allowed: Allowance) -> float:
    """The slow definition: try every score from the highest down and stop before the first that does not fit."""
    fits = None
    for score in sorted({alert.score for day in days for alert in day.scores}, reverse=True):
        cases = sum(cases_at(day, score) for day in days)
        alerts = sum(alert.score >= score for day in days for alert in day.scores)
        if cases > allowed.cases_a_day * len(days) or alerts > allowed.largest_share * sum(d.payments for d in days):
            return math.nextafter(score, math.inf) if fits is None else fits
        fits = score
    return 0.0 if fits is None else fits


scores = st.lists(st.tuples(st.integers(-5, 20).map(float), st.integers(0, 12), st.integers(0, 12)), max_size=25)
histories = st.lists(scores, min_size=1, max_size=4).map(
    lambda days: [day_of(day, number=number, payments=30) for number, day in enumerate(days)]
)
budgets = st.sampled_from([0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 10.0])


@given(histories, budgets, st.sampled_from([0.05, 0.3, 1.0]))
def test_the_line_is_that_of_the_slow_definition(days: list[ScoreDay], budget: float, share: float) -> None:
    allowed = Allowance(budget, share, -math.inf)
    assert line(days, allowed, 0.0) == slow_line(days, allowed)


@given(histories, budgets, budgets)
def test_more_budget_never_raises_the_line(days: list[ScoreDay], one: float, other: float) -> None:
    lines = [line(days, Allowance(budget, 1.0, -math.inf), 0.0) for budget in sorted((one, other))]
    assert lines[0] >= lines[1]


@given(histories, budgets)
def test_the_mean_day_stays_within_the_budget(days: list[ScoreDay], budget: float) -> None:
    threshold = line(days, Allowance(budget, 1.0, -math.inf), math.inf)
    assert sum(cases_at(day, threshold) for day in days) <= budget * len(days)


@given(histories, budgets, st.permutations(range(13)))
def test_renaming_accounts_changes_nothing(days: list[ScoreDay], budget: float, names: list[int]) -> None:
    renamed = [day_of([(s.score, names[s.payer], names[s.payee]) for s in d.scores], payments=30) for d in days]
    allowed = Allowance(budget, 1.0, -math.inf)
    assert line(renamed, allowed, 0.0) == line(days, allowed, 0.0)


def test_alerts_that_share_an_account_are_one_case() -> None:
    ring = day_of([(9.0, 1, 2), (8.0, 2, 3), (7.0, 3, 1), (6.0, 4, 5), (5.0, 6, 7)])
    assert line([ring], Allowance(1, 1.0, -math.inf), 0.0) == 7.0
    assert line([ring], Allowance(2, 1.0, -math.inf), 0.0) == 6.0


def test_a_later_merge_does_not_reopen_what_was_over_the_budget() -> None:
    joined_late = day_of([(9.0, 1, 2), (8.0, 3, 4), (7.0, 2, 3)])
    assert line([joined_late], Allowance(1, 1.0, -math.inf), 0.0) == 9.0


def test_equal_scores_stand_or_fall_together() -> None:
    ties = day_of([(9.0, 1, 2), (8.0, 3, 4), (8.0, 5, 6)])
    assert line([ties], Allowance(2, 1.0, -math.inf), 0.0) == 9.0


def test_where_not_even_the_highest_scores_fit_the_line_is_just_above_them() -> None:
    ties = day_of([(9.0, 1, 2), (9.0, 3, 4)])
    assert 9.0 < line([ties], Allowance(1, 1.0, -math.inf), 0.0) < 9.0001


def test_alerts_never_exceed_their_share_of_the_payments() -> None:
    one_ring = day_of([(float(score), 1, 2) for score in range(100)], payments=100)
    assert line([one_ring], Allowance(5, 0.02, -math.inf), 0.0) == 98.0


def test_without_a_closed_day_the_line_is_where_it_starts() -> None:
    assert line([], ANY, 4.0) == 4.0


def test_below_the_scores_that_were_kept_nothing_is_assumed() -> None:
    cut = ScoreDay(day=1, payments=1000, complete=False, scores=(DayScore(9.0, 1, 2), DayScore(8.0, 3, 4)))
    whole = day_of([(7.0, 1, 2), (1.0, 3, 4)], payments=1000)
    assert line([cut, whole], ANY, 0.0) == 8.0


def test_where_everything_fits_the_line_is_the_least_score_worth_an_alert() -> None:
    assert line([day_of([(3.0, 1, 2)])], Allowance(5, 1.0, 1.0), 4.0) == 1.0


def many_days(first: int, count: int, payments: int, seed: int) -> list[ScoreDay]:
    draw = np.random.default_rng(seed)
    return [
        day_of([(float(s), 2 * i, 2 * i + 1) for i, s in enumerate(draw.normal(-6, 2, payments))], number=first + n)
        for n in range(count)
    ]


def test_when_the_volume_doubles_the_line_has_followed_after_three_days() -> None:
    before, after = many_days(0, 28, 400, 1), many_days(28, 28, 800, 2)
    allowed = Allowance(5, 1.0, -math.inf)
    lines = [line((before + after)[start : start + 28], allowed, 0.0) for start in range(29)]
    opened = [sum(s.score >= lines[number] for s in day.scores) for number, day in enumerate(after)]
    assert np.mean(opened[:2]) > 6
    assert abs(np.mean(opened[3:]) - 5) < 1
    assert sum(s.score >= lines[28] for day in after for s in day.scores) == 5 * 28


def test_a_quiet_weekend_does_not_look_like_a_quiet_time() -> None:
    days = [
        ScoreDay(day=day, payments=100 if day % 7 in (5, 6) else 1000, complete=True, scores=()) for day in range(28)
    ]
    assert volume_ahead(days) == pytest.approx(sum(day.payments for day in days[:-3]) / 25)
    halved = [msgspec.structs.replace(day, payments=day.payments // 2) for day in days[-3:]]
    assert volume_ahead(days[:-3] + halved) == pytest.approx(volume_ahead(days) / 2)
    assert volume_ahead(days[:2]) == 1000
