"""Scatter-gather: one account pays many intermediaries, each of which pays the same account on.

The judged payment is the newest leg into the sink: its payer is one of the intermediaries. Looks two payments
back, no further.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from headgate.facts.patterns.pattern import NOTHING, Found, Pattern
from headgate.facts.view import Edge, GraphView
from headgate.limits import PATTERN_DEGREE, PATTERN_STEPS

Legs: TypeAlias = list[tuple[Edge, Edge]]  # (source -> intermediary, intermediary -> sink), the judged one first


def find(view: GraphView, last: Edge, window_us: int, witness: bool) -> Found:
    """Count the intermediaries between one source and the payee, the payer of this payment included.

    Of all sources that paid the payer, the one with most intermediaries; ties go to the newest payment to the
    payer. An intermediary counts when the source paid it before its newest payment to the payee. Looked at: the
    `PATTERN_DEGREE` newest payers of the payer and of the payee, then each source's newest payees, one step
    each. Transfers between own accounts do not count. Strength is the share of what the source paid that
    reached the payee, intermediary by intermediary; the share retained is the rest.
    """
    middle, sink = last.payer, last.payee
    newest = view.newest_in_per_payer(middle, window_us, PATTERN_DEGREE + 1)
    if not newest or last.own or middle == sink:
        return NOTHING
    sources = [e for e in newest[:PATTERN_DEGREE] if not e.own and e.payer not in (middle, sink)]
    if not sources:
        return Found(0, truncated=len(newest) > PATTERN_DEGREE)
    into_sink = view.newest_in_per_payer(sink, window_us, PATTERN_DEGREE + 1)
    onward = {e.payer: e for e in into_sink[:PATTERN_DEGREE] if not e.own and e.payer not in (middle, sink)}
    best, cut = _widest(view, last, window_us, sources, onward)
    truncated = cut or len(newest) > PATTERN_DEGREE or len(into_sink) > PATTERN_DEGREE
    paid = sum(first.amount for first, _ in best)
    passed = sum(min(first.amount, second.amount) for first, second in best)
    return Found(
        count=len(best),
        strength=passed / paid if paid else None,
        truncated=truncated,
        payments=_witness(best) if witness else (),
        share_retained=(paid - passed) / paid if paid else None,
    )


def _widest(
    view: GraphView, last: Edge, window_us: int, sources: Sequence[Edge], onward: Mapping[str, Edge]
) -> tuple[Legs, bool]:
    """Return the legs of the source with most intermediaries, and whether a limit cut the search."""
    best: Legs = [(sources[0], last)]
    truncated, steps = False, PATTERN_STEPS
    for source in sources if onward else ():
        newest = view.newest_out_per_payee(source.payer, window_us, PATTERN_DEGREE + 1)
        looked_at = newest[: min(PATTERN_DEGREE, steps)]
        truncated = truncated or len(newest) > len(looked_at)
        steps -= len(looked_at)
        legs: Legs = [(source, last)]
        for edge in looked_at:
            second = onward.get(edge.payee)
            first = edge if second is None or edge.seq < second.seq else _before(view, edge, window_us, second.seq)
            if second is not None and first is not None and not first.own and first.payer != first.payee:
                legs.append((first, second))
        best = legs if len(legs) > len(best) else best
    return best, truncated


def _before(view: GraphView, edge: Edge, window_us: int, seq: int) -> Edge | None:
    """Return the newest payment of the same pair that precedes `seq`."""
    earlier = (e for e in reversed(view.pair(edge.payer, edge.payee, window_us)) if e.seq < seq)
    return next(earlier, None)


def _witness(legs: Legs) -> tuple[tuple[Edge, str, int], ...]:
    payments = [(first, "scatter", 1) for first, _ in legs] + [(second, "gather", 2) for _, second in legs]
    return tuple(sorted(payments, key=lambda payment: payment[0].seq))


PATTERN = Pattern(
    name="scatter_gather",
    sentence="One account paid this many intermediaries, and each of them then paid the payee.",
    find=find,
)
