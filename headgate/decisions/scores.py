"""The scores of the open day and of the closed days before it, as much of them as a line needs.

Rank scores with their accounts enter in the order of the journal. Bounded: the highest scores of a day, 28 days; the
names of accounts are forgotten when their day closes.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from headgate.facts.values import FactValue
from headgate.limits import CASE_HUB_DEGREE, MAX_DAY_SCORES, THRESHOLD_DAYS
from headgate.models.history import DayScore, ScoreDay, case_keys

LEAST_DAY_SCORES: Final = 256
SCORES_PER_CASE: Final = 16

Entry = tuple[float, int, str, str]  # rank, -seq, and the two keys by which cases join


def day_bound(cases_a_day: float) -> int:
    """Return how many of the highest scores of a day are kept for this budget."""
    return min(MAX_DAY_SCORES, max(LEAST_DAY_SCORES, round(SCORES_PER_CASE * cases_a_day)))


class ScoreHistory:
    """Highest scores by local day. `closed` holds at most 28 days before the open one, oldest first.

    Days without a payment do not exist: the budget is of a day on which people have something to read.
    """

    def __init__(self, bound: int, seeds: Sequence[ScoreDay] = ()) -> None:
        self._bound = bound
        self._seeds = tuple(seeds)
        self.closed: deque[ScoreDay] = deque()
        self._day: int | None = None
        self._payments = 0
        self._top: list[Entry] = []
        self.least_kept = float("-inf")  # at or below this score, nothing more of the open day is kept

    def open(self, day: int) -> None:
        """Close the open day and begin another; seeds count as days before the very first, on their own weekdays."""
        if self._day is None:
            weeks = (day - 1 - self._seeds[-1].day) // 7 if self._seeds else 0
            self.closed.extend(msgspec.structs.replace(seed, day=seed.day + 7 * weeks) for seed in self._seeds)
        else:
            self.closed.append(self._close(self._day))
        while self.closed and self.closed[0].day < day - THRESHOLD_DAYS:
            self.closed.popleft()
        self._day, self._payments, self._top, self.least_kept = day, 0, [], float("-inf")

    def count(self) -> None:
        """Count a payment of the open day."""
        self._payments += 1

    def keep(self, rank: float, seq: int, payer: str, payee: str, facts: Mapping[str, FactValue]) -> None:
        """Keep a rank score of the open day if it is among the highest; the earlier payment first among equals."""
        entry = (rank, -seq, *case_keys(payer, payee, _is_hub("payer", facts), _is_hub("payee", facts)))
        if len(self._top) < self._bound:
            heapq.heappush(self._top, entry)
        else:
            heapq.heappushpop(self._top, entry)
        if len(self._top) == self._bound:
            self.least_kept = self._top[0][0]

    def payments_a_day(self) -> float:
        """Return the mean number of payments of the closed days; 0 without any."""
        return sum(day.payments for day in self.closed) / len(self.closed) if self.closed else 0.0

    def _close(self, day: int) -> ScoreDay:
        numbers: dict[str, int] = {}
        scores = tuple(
            DayScore(rank, numbers.setdefault(left, len(numbers)), numbers.setdefault(right, len(numbers)))
            for rank, _, left, right in sorted(self._top, reverse=True)
        )
        return ScoreDay(day=day, payments=self._payments, complete=len(scores) < self._bound, scores=scores)

    def state(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "day": self._day,
            "payments": self._payments,
            "top": [list(entry) for entry in self._top],
            "closed": [msgspec.to_builtins(day) for day in self.closed],
            "seeds": [msgspec.to_builtins(day) for day in self._seeds],
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Take the place of a history that `state` gave."""
        self._day, self._payments = state["day"], state["payments"]
        self._top = msgspec.convert(state["top"], list[Entry])
        self.closed = deque(msgspec.convert(state["closed"], list[ScoreDay]))
        self._seeds = tuple(msgspec.convert(state["seeds"], list[ScoreDay]))
        self.least_kept = self._top[0][0] if len(self._top) == self._bound else float("-inf")


def _is_hub(side: str, facts: Mapping[str, FactValue]) -> bool:
    """Whether an account has so many counterparties that sharing it joins nothing; unknown facts make no hub."""
    for direction in ("sent", "received"):
        others = facts.get(f"{side}_{direction}_distinct_28d")
        if isinstance(others, int) and others > CASE_HUB_DEGREE:
            return True
    return False
