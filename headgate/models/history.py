"""The highest scores of closed days, with who paid whom: what a threshold needs to know of the past.

Scores enter with their local day; accounts are replaced by numbers that mean something within one day only, so
that a model carries no account anywhere. Nothing is kept beyond the bounds of limits.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt

from headgate.limits import SEED_DAY_SCORES, THRESHOLD_DAYS, US_PER_SECOND
from headgate.models.split import Ints


class DayScore(NamedTuple):
    """One of the highest scores of a day; payer and payee are numbers within that day, equal where a case joins.

    A hub joins no case, so its number is that of the other account; between two hubs the pair has a number.
    """

    score: float
    payer: int
    payee: int


class ScoreDay(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One closed day: its ordinal number, how many payments were scored, the highest scores falling.

    `complete` says that no score of the day was left out.
    """

    day: int
    payments: int
    complete: bool
    scores: tuple[DayScore, ...]


def case_keys(payer: str, payee: str, payer_is_hub: bool, payee_is_hub: bool) -> tuple[str, str]:
    """Return the two keys by which alerts of one day join a case: the accounts that are no hubs, or the pair."""
    if payer_is_hub and payee_is_hub:
        pair = f"{payer}\n{payee}"
        return pair, pair
    return (payee if payer_is_hub else payer), (payer if payee_is_hub else payee)


def local_day(clock_us: int, zone: ZoneInfo) -> int:
    """Return the ordinal number of the local day that holds a clock."""
    return datetime.fromtimestamp(clock_us // US_PER_SECOND, UTC).astimezone(zone).date().toordinal()


def day_end_us(day: int, zone: ZoneInfo) -> int:
    """Return the clock at which a local day ends: its first microsecond of the day after, 23 to 25 hours on."""
    after = datetime.combine(date.fromordinal(day + 1), time(), tzinfo=zone)
    return round(after.timestamp()) * US_PER_SECOND


def local_days(clock_us: Ints, zone: ZoneInfo) -> Ints:
    """Return the ordinal numbers (n,) of the local days of clocks (n,) in journal order."""
    hours, place = np.unique(clock_us // (900 * US_PER_SECOND), return_inverse=True)  # offsets are quarter hours
    days = np.array([local_day(int(hour) * 900 * US_PER_SECOND, zone) for hour in hours], np.int64)
    return days[place] if len(days) else np.empty(0, np.int64)


def score_days(
    scores: npt.NDArray[np.float64],
    clock_us: Ints,
    payers: Sequence[str],
    payees: Sequence[str],
    *,
    time_zone: str,
    most_days: int = THRESHOLD_DAYS,
    most_scores: int = SEED_DAY_SCORES,
) -> tuple[ScoreDay, ...]:
    """Return the last `most_days` closed days of rows in journal order; the last day is open and left out."""
    days = local_days(clock_us, ZoneInfo(time_zone))
    if not len(days):
        return ()
    closed = range(max(int(days[0]), int(days[-1]) - most_days), int(days[-1]))
    return tuple(_day(day, np.flatnonzero(days == day), scores, payers, payees, most_scores) for day in closed)


def _day(
    day: int,
    rows: Ints,
    scores: npt.NDArray[np.float64],
    payers: Sequence[str],
    payees: Sequence[str],
    most: int,
) -> ScoreDay:
    top = rows[np.argsort(-scores[rows], kind="stable")][:most]
    numbers: dict[str, int] = {}
    kept = tuple(
        DayScore(
            float(scores[row]),
            numbers.setdefault(payers[row], len(numbers)),
            numbers.setdefault(payees[row], len(numbers)),
        )
        for row in top.tolist()
    )
    return ScoreDay(day=day, payments=len(rows), complete=len(rows) <= most, scores=kept)
