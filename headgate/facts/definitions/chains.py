"""Where the payment stands in a chain that hands a sum on: how deep, since when, and how much stayed on the way.

A payment hands on what its payer received in the window when it is 90 to 101 percent of it; what fits at the deepest
place counts, the newest of equals. An account that received more than `CHAIN_LOOKS` payments in the window hands
nothing on, and transfers between own accounts take no part. Each hop has the whole window, so that a chain is followed
over months; its place is counted to `CHAIN_HOPS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from headgate.facts import arithmetic
from headgate.facts.chains import CHAIN_SPANS, LEAST_PERCENT, MOST_PERCENT, Chains, Depth, Link
from headgate.facts.moment import Moment
from headgate.facts.spec import FLOAT, INT, Behind, FactSpec, Span
from headgate.facts.values import FactValue
from headgate.limits import CHAIN_HOPS

STORE = "chains"
_W = f"{{{'|'.join(span.name for span in CHAIN_SPANS)}}}"
_READS = frozenset({STORE, "received"})


def specs() -> Iterator[FactSpec]:
    """Yield the facts about chains."""
    for span in CHAIN_SPANS:
        yield from (rule(span) for rule in (depth, gap, kept, since_first, left))


def depth(span: Span) -> FactSpec:
    """The place in the chain."""
    sentence = (
        "Place of this payment in a chain of payments that each hand on what came in: 1 where the payer received "
        f"nothing {span.words} of which this is {LEAST_PERCENT} to {MOST_PERCENT} percent, else one more than that "
        f"payment had, at most {CHAIN_HOPS}."
    )
    return _fact("depth", sentence, "payments", INT, span, lambda moment: _depth(moment, span).depth)


def gap(span: Span) -> FactSpec:
    """Time from the payment received."""

    def value(moment: Moment) -> FactValue:
        earlier = _earlier(moment, span)
        return None if earlier is None else float(moment.clock_us - earlier.edge.clock_us) / 1_000_000.0

    sentence = (
        f"Seconds since the payment that this one hands on, received {span.words}: float(microseconds) / 1000000.0; "
        "null where it hands nothing on."
    )
    return _fact("gap", sentence, "seconds", FLOAT, span, value)


def kept(span: Span) -> FactSpec:
    """(in - x) / in."""

    def value(moment: Moment) -> FactValue:
        earlier = _earlier(moment, span)
        if earlier is None:
            return None
        return arithmetic.ratio(earlier.edge.amount - moment.edge.amount, earlier.edge.amount)

    sentence = (
        f"Share that the payer keeps of what this payment hands on, received {span.words}: float(in - x) / float(in); "
        "null where it hands nothing on."
    )
    return _fact("kept_ratio", sentence, "ratio", FLOAT, span, value)


def since_first(span: Span) -> FactSpec:
    """Time from the first payment of the chain."""

    def value(moment: Moment) -> FactValue:
        start = _depth(moment, span).start_us
        return None if start is None else float(moment.clock_us - start) / 1_000_000.0

    sentence = (
        f"Seconds since the first payment of the chain, each hop {span.words} the next: float(microseconds) / "
        f"1000000.0; null beyond {CHAIN_HOPS} payments."
    )
    return _fact("span", sentence, "seconds", FLOAT, span, value)


def left(span: Span) -> FactSpec:
    """x / first."""

    def value(moment: Moment) -> FactValue:
        first = _depth(moment, span).start_amount
        return None if first is None else arithmetic.ratio(moment.edge.amount, first)

    sentence = (
        f"This amount as a share of the first amount of the chain, each hop {span.words} the next: float(x) / "
        f"float(first); null beyond {CHAIN_HOPS} payments."
    )
    return _fact("left_ratio", sentence, "ratio", FLOAT, span, value)


def _fact(
    measure: str, sentence: str, unit: str, arrow_type: pa.DataType, span: Span, value: Callable[[Moment], FactValue]
) -> FactSpec:
    return FactSpec(
        f"chain_{measure}_{span.name}", f"chain_{measure}_{_W}", sentence, unit, "profile", arrow_type, span.us,
        value, lambda moment: _behind(moment, span), _READS, plan=("chain", measure, span.us),
    )  # fmt: skip


def _earlier(moment: Moment, span: Span) -> Link | None:
    chains: Chains = moment.memory(STORE)
    return moment.once(("earlier", span), lambda: chains.earlier(moment.edge, span))


def _depth(moment: Moment, span: Span) -> Depth:
    chains: Chains = moment.memory(STORE)
    return moment.once(("depth", span), lambda: chains.depth(moment.edge, span))


def _behind(moment: Moment, span: Span) -> Behind:
    earlier = _earlier(moment, span)
    received = [] if earlier is None else [(earlier.edge, "received", 0)]
    return Behind([*received, (moment.edge, "judged", 0)])
