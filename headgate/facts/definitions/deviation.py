"""How the payment judged differs from what its accounts do: deviations, ratios to the mean, shares of longer windows.

n, S and Q are those of the earlier payments; x is the amount judged. Evidence ends with the payment judged where it
takes part.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from headgate.facts import arithmetic
from headgate.facts.keys import DIRECTED, PAIR_SENT, PAYEE_RECEIVED, PAYER_SENT, Key
from headgate.facts.moment import Moment
from headgate.facts.spec import FLOAT, SPANS, Behind, FactSpec, Rule, Span
from headgate.facts.values import FactValue

_OWN = {"payer": PAYER_SENT, "payee": PAYEE_RECEIVED, "pair": PAIR_SENT}


def specs() -> Iterator[FactSpec]:
    """Yield the comparisons with an account's own history."""
    for span in SPANS:
        yield from (amount_z(name, key, span) for name, key in _OWN.items())
        yield from (amount_ratio(name, _OWN[name], span) for name in ("payer", "payee"))
    for key in DIRECTED:
        for short, long in combinations(SPANS, 2):
            yield count_ratio(key, short, long)
            yield sum_ratio(key, short, long)


def amount_z(name: str, key: Key, span: Span) -> FactSpec:
    """Standard score of the amount."""

    def value(moment: Moment) -> FactValue:
        window = moment.window(key, span)
        return arithmetic.z(window.count, window.total(), window.squares(), moment.edge.amount)

    sentence = (
        f"Standard deviations between this amount and the mean of what {key.words} {span.words}: "
        "float(n*x - S) / sqrt(float(n*Q - S*S)); null below two payments or without variance."
    )
    return FactSpec(
        f"{name}_amount_z_{span.name}", "{payer|payee|pair}_amount_z_{w}", sentence,
        "standard deviations", "window", FLOAT, span.us,
        value, lambda moment: _with_judged(key, moment, span), frozenset({key.store}),
        plan=("amount_z", key.name, span.us),
    )  # fmt: skip


def amount_ratio(name: str, key: Key, span: Span) -> FactSpec:
    """The amount as a multiple of the mean."""

    def value(moment: Moment) -> FactValue:
        window = moment.window(key, span)
        return arithmetic.ratio(window.count * moment.edge.amount, window.total())

    sentence = (
        f"This amount divided by the mean of what {key.words} {span.words}: float(n*x) / float(S); null where S is 0."
    )
    return FactSpec(
        f"{name}_amount_ratio_{span.name}", "{payer|payee}_amount_ratio_{w}", sentence,
        "ratio", "window", FLOAT, span.us,
        value, lambda moment: _with_judged(key, moment, span), frozenset({key.store}),
        plan=("amount_ratio", key.name, span.us),
    )  # fmt: skip


def count_ratio(key: Key, short: Span, long: Span) -> FactSpec:
    """Share of the longer window's payments that fall into the shorter one."""

    def value(moment: Moment) -> FactValue:
        return arithmetic.ratio(moment.window(key, short).count, moment.window(key, long).count)

    return _share(key, "count", "payments", short, long, value)


def sum_ratio(key: Key, short: Span, long: Span) -> FactSpec:
    """Share of the longer window's money that falls into the shorter one."""

    def value(moment: Moment) -> FactValue:
        return arithmetic.ratio(moment.window(key, short).total(), moment.window(key, long).total())

    return _share(key, "sum", "money", short, long, value)


def _share(key: Key, measure: str, what: str, short: Span, long: Span, value: Rule) -> FactSpec:
    sentence = (
        f"Of the {what} that {key.words} {long.words}, the share {short.words}: "
        f"float({measure}_{short.name}) / float({measure}_{long.name}); null where the whole is 0."
    )
    return FactSpec(
        f"{key.name}_{measure}_ratio_{short.name}_{long.name}",
        "{payer|payee}_{sent|received}_{count|sum}_ratio_{w1}_{w2}", sentence,
        "ratio", "window", FLOAT, long.us,
        value, lambda moment: _history(key, moment, short), frozenset({key.store}),
        plan=(f"{measure}_ratio", key.name, short.us, long.us),
    )  # fmt: skip


def _history(key: Key, moment: Moment, span: Span) -> Behind:
    edges = moment.window(key, span).edges()
    return Behind([(edge, key.role(edge, moment.edge), 0) for edge in edges])


def _with_judged(key: Key, moment: Moment, span: Span) -> Behind:
    return Behind([*_history(key, moment, span).payments, (moment.edge, "judged", 0)])
