"""Whether the payment is what its accounts usually do: its amount, hour and pace against their own earlier payments.

Of the payments of the window the `HABIT_LOOKS` newest are looked at; n is how many these are. Times of day are UTC and
compared around the clock. How many counterparties were new is a share of the whole window.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from headgate.facts import arithmetic
from headgate.facts.keys import DIRECTED, PAYEE_RECEIVED, PAYER_SENT, Key
from headgate.facts.moment import Moment
from headgate.facts.spec import FLOAT, LONGEST, SPANS, Behind, FactSpec, Span
from headgate.facts.values import FactValue
from headgate.facts.view import Edge
from headgate.limits import HABIT_LOOKS, US_PER_DAY, US_PER_HOUR

NEAR_PERCENT = 5
NEAR_HOURS = 2
_NEW_SPANS = (SPANS[2], SPANS[3], SPANS[4])


def specs() -> Iterator[FactSpec]:
    """Yield the comparisons with what is usual."""
    for key in (PAYER_SENT, PAYEE_RECEIVED):
        yield _share(
            key, "amount_at_least", "have this amount or more", lambda edge, judged: edge.amount >= judged.amount
        )
        yield _share(
            key, "amount_near", f"differ from this amount by at most {NEAR_PERCENT} percent of it",
            lambda edge, judged: 100 * abs(edge.amount - judged.amount) <= NEAR_PERCENT * judged.amount,
        )  # fmt: skip
        yield _share(
            key, "hour_near", f"came at a time of day at most {NEAR_HOURS} hours from that of this one", _hour_near
        )
        yield gap_ratio(key)
    yield from (new_ratio(key, span) for key in DIRECTED for span in _NEW_SPANS)


def gap_ratio(key: Key) -> FactSpec:
    """The pause before this payment as a multiple of the usual one."""

    def value(moment: Moment) -> FactValue:
        edges = _newest(moment, key)
        if len(edges) < 2:
            return None
        since, covered = moment.clock_us - edges[-1].clock_us, edges[-1].clock_us - edges[0].clock_us
        return arithmetic.ratio(since * (len(edges) - 1), covered)

    sentence = (
        f"Time since the last payment that {key.words} divided by the mean time between those {LONGEST.words}, of the "
        f"{HABIT_LOOKS} newest: float(since * (n-1)) / float(last - first); null below two payments or without time."
    )
    return _fact(key, "gap_ratio", sentence, "gap", value)


def new_ratio(key: Key, span: Span) -> FactSpec:
    """Share of counterparties that are new."""

    def value(moment: Moment) -> FactValue:
        window = moment.window(key, span)
        return arithmetic.ratio(len(window.new()), window.distinct())

    def behind(moment: Moment) -> Behind:
        return Behind([(edge, key.role(edge, moment.edge), 0) for edge in moment.window(key, span).new()])

    sentence = (
        f"Of the different {key.others} in what {key.words} {span.words}, the share not met in the rest of the "
        f"{LONGEST.us // US_PER_DAY} days before: float(new) / float(distinct); null without a payment."
    )
    return FactSpec(
        f"{key.name}_new_ratio_{span.name}", f"{key.form.replace('|any', '')}_new_ratio_{{24h|72h|7d}}", sentence,
        "ratio", "window", FLOAT, span.us, value, behind, frozenset({key.store}), plan=("new_ratio", key.name, span.us),
    )  # fmt: skip


def _share(key: Key, measure: str, words: str, like: Callable[[Edge, Edge], bool]) -> FactSpec:
    def value(moment: Moment) -> FactValue:
        edges = _newest(moment, key)
        return arithmetic.ratio(sum(like(edge, moment.edge) for edge in edges), len(edges))

    sentence = (
        f"Of the {HABIT_LOOKS} newest payments that {key.words} {LONGEST.words}, the share that {words}: float(such) / "
        "float(n); null without a payment."
    )
    return _fact(key, f"{measure}_ratio", sentence, measure, value)


def _fact(key: Key, name: str, sentence: str, measure: str, value: Callable[[Moment], FactValue]) -> FactSpec:
    def behind(moment: Moment) -> Behind:
        earlier = [(edge, key.role(edge, moment.edge), 0) for edge in _newest(moment, key)]
        return Behind([*earlier, (moment.edge, "judged", 0)])

    return FactSpec(
        f"{key.name}_{name}_{LONGEST.name}", f"{{payer_sent|payee_received}}_{name}_{LONGEST.name}", sentence,
        "ratio", "window", FLOAT, LONGEST.us, value, behind, frozenset({key.store}), plan=("habit", key.name, measure),
    )  # fmt: skip


def _newest(moment: Moment, key: Key) -> list[Edge]:
    return moment.window(key, LONGEST).edges()[-HABIT_LOOKS:]


def _hour_near(edge: Edge, judged: Edge) -> bool:
    apart = abs(edge.clock_us % US_PER_DAY - judged.clock_us % US_PER_DAY)
    return min(apart, US_PER_DAY - apart) <= NEAR_HOURS * US_PER_HOUR
