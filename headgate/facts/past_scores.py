"""Past scores: what was said of the accounts' earlier payments, as facts of the next one, so that suspicion flows with
the money.

A score belongs to a payment: the first stage of a model gives it, a whole number from 0 to `MOST_SCORE`. Of each
account the scores of the `PAST_LOOKS` newest payments that it sent, and of those that it received, are remembered for
28 days and then forgotten; no account ever has a score. This is a second fold after the facts: it takes payments in
the order of the journal, declined ones too, gives what was known before a payment, and only then learns its score.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import pyarrow as pa

from headgate.facts import arithmetic
from headgate.facts.spec import FLOAT, INT, SPANS, Span
from headgate.facts.values import FactValue
from headgate.limits import MAX_WINDOW_US, PAST_LOOKS, US_PER_DAY

MOST_SCORE: Final = 1200
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


Line = deque[tuple[int, int]]  # clock and score of the newest payments, oldest first


class PastScores:
    """What is remembered of scores. One payment at a time: `facts`, then `add`; clocks never run back."""

    def __init__(self) -> None:
        self._lines: tuple[OrderedDict[str, Line], OrderedDict[str, Line]] = (OrderedDict(), OrderedDict())

    def __len__(self) -> int:
        return sum(len(line) for lines in self._lines for line in lines.values())

    def facts(self, clock_us: int, payer: str, payee: str) -> tuple[FactValue, ...]:
        """Return the facts `NAMES` of a payment that comes now; the same bits as `defined`."""
        sent, received = self._lines
        found: list[FactValue] = []
        for line in (received.get(payer), sent.get(payer), received.get(payee), sent.get(payee)):
            found += _NOTHING if line is None else _of(line, clock_us)
        return tuple(found)

    def add(self, clock_us: int, payer: str, payee: str, score: int | None) -> None:
        """Learn the score of the payment that came last, and forget what is older than 28 days."""
        if score is None:
            return
        assert 0 <= score <= MOST_SCORE
        for lines, account in zip(self._lines, (payer, payee), strict=True):
            line = lines.get(account)
            if line is None:
                line = lines[account] = deque(maxlen=PAST_LOOKS)
            line.append((clock_us, score))
            lines.move_to_end(account)
            while (oldest := next(iter(lines.values())))[-1][0] <= clock_us - MAX_WINDOW_US:
                assert oldest is not line
                lines.popitem(last=False)

    def state(self) -> bytes:
        """Return all that is remembered."""
        return msgspec.msgpack.encode([[(key, list(line)) for key, line in lines.items()] for lines in self._lines])

    def load(self, state: bytes) -> None:
        """Take over a state; raises msgspec.MsgspecError for other bytes."""
        told = msgspec.msgpack.decode(state, type=tuple[_Told, _Told])
        for lines, accounts in zip(self._lines, told, strict=True):
            lines.clear()
            for account, line in accounts:
                lines[account] = deque(line, maxlen=PAST_LOOKS)


_Told = list[tuple[str, list[tuple[int, int]]]]
_NOTHING: Final[tuple[FactValue, ...]] = (None,) * (2 * len(_SPANS) + 1)


def _of(line: Line, clock_us: int) -> list[FactValue]:
    """One pass, newest first, that stands still where a window ends."""
    found: list[FactValue] = []
    ages = [(clock_us - clock, score) for clock, score in reversed(line)]
    at = count = total = aged = 0
    most = -1
    for span in _SPANS:
        while at < len(ages) and ages[at][0] < span.us:
            age, score = ages[at]
            most = score if score > most else most
            count, total, aged, at = count + 1, total + score, aged + (score >> age // US_PER_DAY), at + 1
        found += [most, total / count] if count else [None, None]
    found.append(aged if count else None)
    return found


def fold(payments: Iterable[Scored], past: PastScores | None = None) -> pa.Table:
    """Return the facts `NAMES` of payments in the order of the journal, a row for each. past: goes on from there."""
    past = PastScores() if past is None else past
    rows = []
    for each in payments:
        rows.append(past.facts(each.clock_us, each.payer, each.payee))
        past.add(*each)
    columns: Iterable[Any] = zip(*rows, strict=True) if rows else [()] * len(NAMES)
    return pa.table(
        {each.name: pa.array(column, each.arrow_type) for each, column in zip(named(), columns, strict=True)}
    )
