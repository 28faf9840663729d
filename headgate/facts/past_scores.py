"""Past scores: what was said of the accounts' earlier payments, as facts of the next one, so that suspicion flows with
the money.

A score belongs to a payment: the first stage of a model gives it, a whole number from 0 to `MOST_SCORE`. Of each
account the scores of the `PAST_LOOKS` newest payments that it sent, and of those that it received, are remembered for
28 days and then forgotten; no account ever has a score. This is a second fold after the facts: it takes payments in
the order of the journal, declined ones too, gives what was known before a payment, and only then learns its score.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from headgate.errors import SnapshotError
from headgate.facts import arithmetic
from headgate.facts.spec import FLOAT, INT, SPANS, Span
from headgate.facts.values import FactValue
from headgate.kernel import _kernel as kernel
from headgate.limits import PAST_LOOKS, US_PER_DAY

MOST_SCORE: Final = 1200
STEPS_PER_LOGIT: Final = 50  # of a margin
LOWEST_LOGIT: Final = -12.0  # where scores begin
_SPANS: Final = (SPANS[2], SPANS[4], SPANS[6])
_KEYS: Final = {
    "payer_received": "payments that the payer received",
    "payer_sent": "payments that the payer sent",
    "payee_received": "payments that the payee received",
    "payee_sent": "payments that the payee sent",
}


class Scored(NamedTuple):
    """A payment and its score; `score` is None where no first stage could judge it, and then it tells nothing."""

    clock_us: int
    payer: str
    payee: str
    score: int | None


class Named(NamedTuple):
    """A fact of this fold in words. It is none of the grammar: only a model with two stages reads it."""

    name: str
    sentence: str
    unit: str
    arrow_type: pa.DataType


def named() -> tuple[Named, ...]:
    """Return the facts in the order in which `facts` gives them."""
    found = []
    for key, words in _KEYS.items():
        for span in _SPANS:
            found.append(_named(key, "max", f"Highest score of the {words} {span.words}", INT, span))
            found.append(_named(key, "mean", f"Mean score of the {words} {span.words}", FLOAT, span))
        decayed = f"Sum of the scores of the {words} {SPANS[6].words}, each halved for every whole day since"
        found.append(_named(key, "decayed", decayed, INT, SPANS[6]))
    return tuple(found)


def _named(key: str, measure: str, sentence: str, arrow_type: pa.DataType, span: Span) -> Named:
    words = f"{sentence}, of the {PAST_LOOKS} newest; null without one."
    return Named(f"{key}_score_{measure}_{span.name}", words, "score", arrow_type)


NAMES: Final = tuple(each.name for each in named())


def defined(before: Sequence[Scored], clock_us: int, payer: str, payee: str) -> tuple[FactValue, ...]:
    """Return the facts of a payment, by definition. before: all earlier payments with their scores, in order."""
    lines = {
        "payer_received": [each for each in before if each.payee == payer],
        "payer_sent": [each for each in before if each.payer == payer],
        "payee_received": [each for each in before if each.payee == payee],
        "payee_sent": [each for each in before if each.payer == payee],
    }
    found: list[FactValue] = []
    for line in lines.values():
        newest = [(each.clock_us, each.score) for each in line if each.score is not None][-PAST_LOOKS:]
        for span in _SPANS:
            inside = [score for clock, score in newest if clock > clock_us - span.us]
            found += [max(inside, default=None), arithmetic.mean(len(inside), sum(inside))]
        aged = [score >> (clock_us - clock) // US_PER_DAY for clock, score in newest if clock > clock_us - SPANS[6].us]
        found.append(sum(aged) if aged else None)
    return tuple(found)


class PastScores:
    """What is remembered of scores, in the kernel. A payment at a time: `facts`, then `add`; clocks never run back."""

    def __init__(self) -> None:
        self.held = kernel.PastScores([span.us for span in _SPANS], PAST_LOOKS, MOST_SCORE, US_PER_DAY)
        self.facts: Final[Callable[[int, str, str], tuple[FactValue, ...]]] = self.held.facts
        """The facts `NAMES` of a payment that comes now, of its clock, payer and payee; the same bits as `defined`."""

    def __len__(self) -> int:
        return len(self.held)

    def add(self, clock_us: int, payer: str, payee: str, score: int | None) -> None:
        """Learn the score of the payment that came last, and forget what is older than 28 days."""
        if score is not None:
            assert 0 <= score <= MOST_SCORE
            self.held.add(clock_us, payer, payee, score)

    def fold(
        self, clocks: Sequence[int], payers: Sequence[str], payees: Sequence[str], scores: Iterable[int]
    ) -> pa.Table:
        """Return the facts of payments in the order of the journal and learn their scores; -1 where there is none."""
        told = self.held.fold(list(clocks), list(payers), list(payees), list(scores))
        rows = np.frombuffer(told, np.float64).reshape(-1, len(NAMES))
        missing = np.isnan(rows)
        columns = {}
        for place, each in enumerate(named()):
            values = np.where(missing[:, place], 0.0, rows[:, place]).astype(each.arrow_type.to_pandas_dtype())
            columns[each.name] = pa.array(values, each.arrow_type, mask=missing[:, place])
        return pa.table(columns)

    def state(self) -> bytes:
        """Return all that is remembered."""
        return self.held.state()

    def load(self, state: bytes) -> None:
        """Take over a state; SnapshotError for other bytes, and then nothing has changed."""
        try:
            self.held.load(state)
        except ValueError as error:
            raise SnapshotError(
                f"The past scores are damaged: {error}",
                where="past scores of a model",
                repair="Use an older snapshot, or replay the journal.",
            ) from error
