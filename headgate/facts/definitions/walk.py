"""What lies around an account, weighted by personalised PageRank: two steps of a walk along its newest payments.

A step from an account follows its `WALK_LOOKS` newest payments in the window, newest first, back to their payers or on
to their payees: each with the share of its amount in all of theirs, float(x) / float(total), times KEEP. Each account
met weighs what comes there by the first or the second step; the account itself is left out. here = KEEP * share, and
behind it here * (KEEP * further); sums run in the order of the walk, each payment before what lies behind it.

Personalised PageRank as weights of a neighbourhood of two hops is an idea of ExSTraQt. With a restart of 0.15
these two steps are the head of its series.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from headgate.facts.keys import payee, payer
from headgate.facts.moment import Moment
from headgate.facts.spec import FLOAT, PROFILE_SPANS, SPANS, Behind, FactSpec, Span
from headgate.facts.values import FactValue
from headgate.facts.view import Edge
from headgate.limits import WALK_LOOKS

KEEP = 0.85  # 1 - the restart
_YEAR = PROFILE_SPANS[-1]
_SIDES = {"payer": (payer, payee), "payee": (payee, payer)}  # the account, and the other side
_WAYS = {"back": ("received", payer, "payers"), "on": ("sent", payee, "payees")}
_WINDOWS = (SPANS[4], SPANS[6])
_W = f"{{{'|'.join(span.name for span in _WINDOWS)}}}"
_MEASURES = {
    "sent": ("reference minor units", "what it sent"),
    "received": ("reference minor units", "what it received"),
    "payees": ("accounts", "the number of its payees"),
    "payers": ("accounts", "the number of its payers"),
    "fraud": ("ratio", "whether it took part in a payment known as fraud in the 400 days before"),
    "meets": ("ratio", "whether it is the other side of this payment"),
}
_STORES = {"sent": "sent", "payees": "sent", "received": "received", "payers": "received"}

Visits = list[tuple[float, str]]


def specs() -> Iterator[FactSpec]:
    """Yield the weighted means over a walk."""
    for side in _SIDES:
        for way in _WAYS:
            yield from (mean(side, way, measure, span) for measure in _MEASURES for span in _WINDOWS)


def mean(side: str, way: str, measure: str, span: Span) -> FactSpec:
    """Mean of a measure over the accounts met, by their weights."""
    unit, words = _MEASURES[measure]
    store, _, others = _WAYS[way]
    ending = "ratio" if unit == "ratio" else "mean"

    def value(moment: Moment) -> FactValue:
        return _mean(_visits(moment, side, way, span), _measure(moment, side, measure, span))

    def behind(moment: Moment) -> Behind:
        return Behind([(edge, store, 0) for edge in _newest(moment, store, _SIDES[side][0](moment.edge), span)])

    sentence = (
        f"Mean of {words} over the accounts that a walk of two steps meets, from the {side} {way} by the {WALK_LOOKS} "
        f"newest payments of each account {span.words}, weighted by where the walk ends: sum(w * float(v)) / sum(w); "
        f"null without {others}."
    )
    reads = {"fraud": {"frauds_any", "frauds_by_id"}}.get(measure, {_STORES.get(measure, store)})
    return FactSpec(
        f"{side}_walk_{way}_{measure}_{ending}_{span.name}",
        f"{{payer|payee}}_walk_{{back|on}}_{measure}_{ending}_{_W}",
        sentence, unit, "profile" if measure == "fraud" else "window", FLOAT, span.us, value, behind,
        frozenset({store, *reads}), plan=("walk", side, way, measure, span.us),
    )  # fmt: skip


def _mean(visits: Visits, of: Callable[[str], int]) -> float | None:
    weights = total = 0.0
    for weight, account in visits:
        weights += weight
        total += weight * float(of(account))
    return total / weights if weights > 0.0 else None


def _visits(moment: Moment, side: str, way: str, span: Span) -> Visits:
    """The weight and the account of each end of the walk, in its order."""

    def walk() -> Visits:
        account, found = _SIDES[side][0](moment.edge), []
        for share, near in _steps(moment, account, way, span):
            here = KEEP * share
            found.append((here, near))
            for further, far in _steps(moment, near, way, span):
                found.append((here * (KEEP * further), far))
        return [(weight, met) for weight, met in found if met != account]

    return moment.once(("walk", side, way, span), walk)


def _steps(moment: Moment, account: str, way: str, span: Span) -> Visits:
    store, other, _ = _WAYS[way]
    edges = _newest(moment, store, account, span)
    total = sum(edge.amount for edge in edges)
    return [(float(edge.amount) / float(total), other(edge)) for edge in edges] if total else []


def _newest(moment: Moment, store: str, account: str, span: Span) -> list[Edge]:
    return moment.window_of(store, account, span).edges()[: -WALK_LOOKS - 1 : -1]


def _measure(moment: Moment, side: str, measure: str, span: Span) -> Callable[[str], int]:
    """What is taken of one account met."""
    if measure == "meets":
        return lambda account: int(account == _SIDES[side][1](moment.edge))
    if measure == "fraud":
        return lambda account: int(bool(moment.records("frauds_any", account, _YEAR)))

    def of(account: str) -> int:
        window = moment.window_of(_STORES[measure], account, span)
        return window.distinct() if measure.startswith("pay") else window.total()

    return lambda account: moment.once(("walk of", measure, account, span), lambda: of(account))
