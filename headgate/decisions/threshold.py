"""The line of a day: the lowest score that people still read, so that the mean day stays within their budget.

A pure function of the highest scores of the closed days before. It never looks at the day itself, at a label or at
an action, and knows accounts as numbers within one day only.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from itertools import groupby, repeat
from typing import Final, NamedTuple

from headgate.models.history import DayScore, ScoreDay

RECENT_DAYS: Final = 3  # closed days that say how much there is to read now
MOST_CHANGE: Final = 4.0


class Allowance(NamedTuple):
    """What the line must keep: mean cases a day, mean share of payments alerted, the least score worth an alert."""

    cases_a_day: float
    largest_share: float
    least: float


def line(days: Sequence[ScoreDay], allowance: Allowance, start: float) -> float:
    """Return the line that the closed `days` give; `start` where there are none.

    Scores are walked from the highest down, equal ones together. The line is the last score at which the mean number
    of cases a day, and of alerts as a share of the payments, was still within the allowance, before they first were
    not. Alerts of one day that share an account are one case. The cases of all days together may be as many as keep
    the budget on a day of the volume that the last days had (`volume_ahead`). More budget never raises the line. Where
    nothing fits, it lies just above the highest score; where everything fits, at the least score worth an alert that
    is known.
    """
    if not days:
        return start
    payments, ahead = sum(day.payments for day in days), volume_ahead(days)
    most_cases = allowance.cases_a_day * (payments / ahead if ahead else len(days))
    most_alerts = allowance.largest_share * payments
    least = max(allowance.least, _known_from(days))
    counts = [DayCases() for _ in days]
    reached: float | None = None
    cases = alerts = 0
    for score, group in groupby(_falling(days), key=_score):
        if score < least:
            break
        for number, alert in group:
            cases += counts[number].add(alert.payer, alert.payee)
            alerts += 1
        if cases > most_cases or alerts > most_alerts:
            return math.nextafter(score, math.inf) if reached is None else reached
        reached = score
    if math.isfinite(allowance.least):
        return least
    return start if reached is None else reached


def volume_ahead(days: Sequence[ScoreDay]) -> float:
    """Return how many payments a day to count on: the mean of the earlier days times how the last three compare.

    Each of the three is compared with the same weekday of the weeks before, so that a quiet weekend does not look like
    a quiet time; at most a factor of `MOST_CHANGE` either way. With three days or fewer, their mean.
    """
    earlier, last = days[:-RECENT_DAYS], days[-RECENT_DAYS:]
    if not earlier:
        return sum(day.payments for day in last) / len(last)
    level = sum(day.payments for day in earlier) / len(earlier)
    usual = sum(_same_weekday(day, earlier) for day in last)
    change = sum(day.payments for day in last) / usual if usual else 1.0
    return level * min(MOST_CHANGE, max(1 / MOST_CHANGE, change))


def _same_weekday(day: ScoreDay, earlier: Sequence[ScoreDay]) -> float:
    same = [each.payments for each in earlier if (day.day - each.day) % 7 == 0] or [each.payments for each in earlier]
    return sum(same) / len(same)


def _known_from(days: Sequence[ScoreDay]) -> float:
    """Below this score, the list of some day is not complete."""
    return max((day.scores[-1].score for day in days if not day.complete and day.scores), default=-math.inf)


def _falling(days: Sequence[ScoreDay]) -> Iterator[tuple[int, DayScore]]:
    """All scores of all days with the number of their day, highest first."""
    runs = (zip(repeat(number), day.scores) for number, day in enumerate(days))
    return heapq.merge(*runs, key=_falling_key)


def _falling_key(entry: tuple[int, DayScore]) -> float:
    return -entry[1].score


def _score(entry: tuple[int, DayScore]) -> float:
    return entry[1].score


class DayCases:
    """The cases of one day as alerts come in: accounts joined by union-find (Galler and Fischer, 1964)."""

    def __init__(self) -> None:
        self._parent: dict[int, int] = {}

    def add(self, payer: int, payee: int) -> int:
        """Take in an alert; return by how many the number of cases changed: +1 opened, 0 joined, -1 merged two."""
        change = int(payer not in self._parent) + int(payee not in self._parent and payee != payer)
        left, right = self._root(payer), self._root(payee)
        if left != right:
            self._parent[right] = left
            change -= 1
        return change

    def _root(self, account: int) -> int:
        parent = self._parent
        root = parent.setdefault(account, account)
        while parent[root] != root:
            parent[root] = parent[parent[root]]
            root = parent[root]
        return root
