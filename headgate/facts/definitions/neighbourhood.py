"""What the counterparties of an account did: aggregates over its neighbours, and how many accounts are two hops away.

The NEIGHBOURS (16) of an account in (t - w, t] are its 16 most recent distinct payers, or payees, newest first by the
place of their newest payment in the journal; the other side of the judged payment and the account's own transfers are
among them as they come. For each of them, whatever it did in the same window counts whole, with the account itself or
with others. Totals over neighbours are exact integers of up to 128 bits, converted once.

Two hops: both lie in the same window, in any order of time; of each neighbour its 16 most recent distinct payers (back)
or payees (on) are looked at, and each account counts once, neighbours too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from headgate.facts import arithmetic
from headgate.facts.keys import payee, payer
from headgate.facts.moment import Moment, Window
from headgate.facts.spec import FLOAT, INT, SPANS, Behind, FactSpec, Span
from headgate.facts.values import FactValue
from headgate.facts.view import Edge
from headgate.limits import NEIGHBOURS

_SIDES = {"payer": payer, "payee": payee}
_OTHERS = ("payers", "payees")
_WAYS = {"back": "payers", "on": "payees"}
_WINDOWS = (SPANS[2], SPANS[4])
_W = f"{{{'|'.join(span.name for span in _WINDOWS)}}}"

# measure -> (unit, words, what it is of one neighbour's payments)
_MEASURES: dict[str, tuple[str, str, Callable[[Window], int]]] = {
    "count": ("payments", "number of payments that each of them {}", lambda window: window.count),
    "sum": ("reference minor units", "sum of what each of them {}", lambda window: window.total()),
    "distinct": ("accounts", "number of different counterparties in what each of them {}", lambda w: w.distinct()),
}


def specs() -> Iterator[FactSpec]:
    """Yield the aggregates over neighbours and the accounts two hops away."""
    for side in _SIDES:
        for others in _OTHERS:
            for direction in ("sent", "received"):
                for measure in _MEASURES:
                    for span in _WINDOWS:
                        yield neighbour_mean(side, others, direction, measure, span)
                        yield neighbour_max(side, others, direction, measure, span)
    yield from (two_hops(side, way, span) for side in _SIDES for way in _WAYS for span in _WINDOWS)


def neighbour_mean(side: str, others: str, direction: str, measure: str, span: Span) -> FactSpec:
    """The mean of a measure over the neighbours."""

    def value(moment: Moment) -> FactValue:
        found = _of_neighbours(moment, side, others, direction, measure, span)
        return arithmetic.mean(len(found), sum(found))

    return _fact(side, others, direction, measure, "mean", FLOAT, span, value)


def neighbour_max(side: str, others: str, direction: str, measure: str, span: Span) -> FactSpec:
    """The largest of a measure over the neighbours."""

    def value(moment: Moment) -> FactValue:
        return max(_of_neighbours(moment, side, others, direction, measure, span), default=None)

    return _fact(side, others, direction, measure, "max", INT, span, value)


def two_hops(side: str, way: str, span: Span) -> FactSpec:
    """Number of different accounts among the neighbours of neighbours, the account itself left out."""
    others = _WAYS[way]
    verb = "paid" if way == "back" else "were paid by"

    def value(moment: Moment) -> FactValue:
        return moment.once(("two hops", side, way, span), lambda: _far(moment, side, others, span))

    sentence = (
        f"Number of different accounts that {verb} the {NEIGHBOURS} most recent {others} of the {side}, at most "
        f"{NEIGHBOURS} of each, {span.words}; the {side} itself is not counted."
    )
    return FactSpec(
        f"{side}_two_hops_{way}_distinct_{span.name}", f"{{payer|payee}}_two_hops_{{back|on}}_distinct_{_W}", sentence,
        "accounts", "window", INT, span.us,
        value, lambda moment: _behind(moment, side, others, span), frozenset({_store(others)}),
        plan=("two_hops", side, way, span.us),
    )  # fmt: skip


def _fact(
    side: str, others: str, direction: str, measure: str, over: str, arrow_type: pa.DataType, span: Span,
    value: Callable[[Moment], FactValue],
) -> FactSpec:  # fmt: skip
    unit, words, _ = _MEASURES[measure]
    which = "Mean" if over == "mean" else "Largest"
    how = ": float(total) / float(neighbours)" if over == "mean" else ""
    sentence = (
        f"{which} over the {NEIGHBOURS} most recent {others} of the {side} of the {words.format(direction)} "
        f"{span.words}{how}; null without {others}."
    )
    return FactSpec(
        f"{side}_{others}_{direction}_{measure}_{over}_{span.name}",
        f"{{payer|payee}}_{{payers|payees}}_{{sent|received}}_{measure}_{{mean|max}}_{_W}", sentence,
        unit, "window", arrow_type, span.us,
        value, lambda moment: _behind(moment, side, others, span), frozenset({_store(others), direction}),
        plan=(f"neighbour_{measure}_{over}", side, others, direction, span.us),
    )  # fmt: skip


def _of_neighbours(moment: Moment, side: str, others: str, direction: str, measure: str, span: Span) -> tuple[int, ...]:
    """One number a neighbour, newest neighbour first."""
    rule = _MEASURES[measure][2]

    def look() -> tuple[int, ...]:
        return tuple(rule(window) for window in _windows(moment, side, others, direction, span))

    return moment.once(("neighbours", side, others, direction, measure, span), look)


def _windows(moment: Moment, side: str, others: str, direction: str, span: Span) -> list[Window]:
    return [
        moment.window_of(direction, edge.payer if others == "payers" else edge.payee, span)
        for edge in _neighbours(moment, side, others, span)
    ]


def _neighbours(moment: Moment, side: str, others: str, span: Span) -> list[Edge]:
    """The newest payment of each neighbour of the account, newest first."""
    account = _SIDES[side](moment.edge)
    return moment.once(("neighbours", side, others, span), lambda: _newest(moment, account, others, span))


def _far(moment: Moment, side: str, others: str, span: Span) -> int:
    other = payer if others == "payers" else payee
    near = [other(edge) for edge in _neighbours(moment, side, others, span)]
    found = {other(edge) for account in near for edge in _newest(moment, account, others, span)}
    return len(found - {_SIDES[side](moment.edge)})


def _newest(moment: Moment, account: str, others: str, span: Span) -> list[Edge]:
    window = moment.window_of(_store(others), account, span)
    return window.newest_per_other(NEIGHBOURS)


def _behind(moment: Moment, side: str, others: str, span: Span) -> Behind:
    return Behind([(edge, _store(others), 0) for edge in _neighbours(moment, side, others, span)])


def _store(others: str) -> str:
    """What the account did with them: it received from payers and sent to payees."""
    return "received" if others == "payers" else "sent"
