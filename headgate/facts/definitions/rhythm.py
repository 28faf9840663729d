"""Since when, how regularly and at what pace accounts and pairs pay, by the days with a payment of the 400 closed days.

A day with several payments counts once. Gaps are whole days between one day with a payment and the next, of the
`RHYTHM_DAYS` newest such days; m is how many days these are. Today is not among them. There is no payment to show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias

import pyarrow as pa

from headgate.facts import arithmetic
from headgate.facts.days import Days
from headgate.facts.keys import DIRECTED, PAIRS, Key
from headgate.facts.moment import Moment
from headgate.facts.spec import FLOAT, INT, PROFILE_SPANS, Behind, FactSpec
from headgate.facts.values import FactValue
from headgate.limits import RHYTHM_DAYS, US_PER_DAY

_SPAN = PROFILE_SPANS[-1]
_OF = f"of the {RHYTHM_DAYS} newest"
BEATS = (("week", "whole weeks", 7), ("fortnight", "whole fortnights", 14), ("four_weeks", "whole four weeks", 28))

Rule: TypeAlias = Callable[[int, Sequence[int]], FactValue]


def specs() -> Iterator[FactSpec]:
    """Yield the facts about rhythm."""
    for key in (*DIRECTED, *PAIRS):
        yield first_days(key)
        yield gap_mean(key)
        yield gap_std(key)
        yield gap_ratio(key)
        for name, words, days in BEATS:
            yield on_beat(key, name, words, days)


def first_days(key: Key) -> FactSpec:
    """Age of a habit."""
    sentence = f"Days since the first day with a payment that {key.words} {_SPAN.words}; null without one."
    return _fact(key, "first_days", sentence, "days", INT, lambda today, days: today - days[0] if days else None)


def gap_mean(key: Key) -> FactSpec:
    """Mean gap."""

    def rule(_: int, days: Sequence[int]) -> FactValue:
        newest = days[-RHYTHM_DAYS:]
        return arithmetic.ratio(newest[-1] - newest[0], len(newest) - 1) if newest else None

    sentence = (
        f"Mean days from one day with a payment that {key.words} to the next {_SPAN.words}, {_OF}: "
        "float(last - first) / float(m-1); null below two such days."
    )
    return _fact(key, "day_gap_mean", sentence, "days", FLOAT, rule)


def gap_std(key: Key) -> FactSpec:
    """How much gaps differ."""

    def rule(_: int, days: Sequence[int]) -> FactValue:
        gaps = [later - earlier for earlier, later in pairwise(days[-RHYTHM_DAYS:])]
        return arithmetic.deviation(len(gaps), sum(gaps), sum(gap * gap for gap in gaps))

    sentence = (
        f"Standard deviation of the days from one day with a payment that {key.words} to the next {_SPAN.words}, "
        f"{_OF}: sqrt(float(g*Q - S*S)) / float(g) with g gaps; null below two gaps."
    )
    return _fact(key, "day_gap_std", sentence, "days", FLOAT, rule)


def gap_ratio(key: Key) -> FactSpec:
    """The days since the last one as a multiple of the mean gap."""

    def rule(today: int, days: Sequence[int]) -> FactValue:
        newest = days[-RHYTHM_DAYS:]
        return arithmetic.ratio((today - newest[-1]) * (len(newest) - 1), newest[-1] - newest[0]) if newest else None

    sentence = (
        f"Days since the last day with a payment that {key.words} divided by the mean gap between such days "
        f"{_SPAN.words}, {_OF}: float((today - last) * (m-1)) / float(last - first); null below two such days."
    )
    return _fact(key, "day_gap_ratio", sentence, "ratio", FLOAT, rule)


def on_beat(key: Key, name: str, words: str, length: int) -> FactSpec:
    """How far a payment of today keeps a beat of whole weeks: wages, rents and standing orders do, money moved on does
    not. One more is counted among the days, so that a beat kept once tells less than one kept often.
    """

    def rule(today: int, days: Sequence[int]) -> FactValue:
        newest = days[-RHYTHM_DAYS:]
        kept = sum((today - day) % length == 0 for day in newest)
        return arithmetic.ratio(kept, len(newest) + 1) if newest else None

    sentence = (
        f"Share of the days with a payment that {key.words} {_SPAN.words}, {_OF}, that lie {words} before today: "
        "float(k) / float(m+1); null without one."
    )
    return _fact(key, f"{name}_ratio", sentence, "share", FLOAT, rule)


def _fact(key: Key, measure: str, sentence: str, unit: str, arrow_type: pa.DataType, rule: Rule) -> FactSpec:
    keys = "{pair|reverse_pair}_sent" if key in PAIRS else "{payer|payee}_{sent|received}"
    store = f"profile_{key.store}"

    def days(moment: Moment) -> list[int]:
        memory: Days = moment.memory(store)
        active = memory.active(key.of(moment.edge), moment.clock_us, _SPAN.us // US_PER_DAY)
        return [day.day for day in active]

    def value(moment: Moment) -> FactValue:
        return rule(moment.clock_us // US_PER_DAY, moment.once(("rhythm", key), lambda: days(moment)))

    return FactSpec(
        f"{key.name}_{measure}_{_SPAN.name}", f"{keys}_{measure}_{_SPAN.name}", sentence, unit, "profile", arrow_type,
        _SPAN.us, value, lambda moment: Behind(), frozenset({store}), plan=("rhythm", key.name, measure),
    )  # fmt: skip
