"""Scatter-gather: one account pays many intermediaries, each of which pays the same account on.

The judged payment is the newest leg into the sink: its payer is one of the intermediaries. Looks two payments
back, no further.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from headgate.facts.patterns.pattern import NOTHING, Found, Pattern
from headgate.facts.view import Edge, GraphView
from headgate.limits import PATTERN_DEGREE, PATTERN_STEPS

Legs: TypeAlias = list[tuple[Edge, Edge]]  # (source -> intermediary, intermediary -> sink), the judged one first


def find(view: GraphView, last: Edge, window_us: int, witness: bool) -> Found:
    """Count the intermediaries between one source and the payee, the payer of this payment included.

    Of all sources that paid the payer, the one with most intermediaries; ties go to the newest payment to the
    payer. Another intermediary stands for its newest payment to the payee and for what the source paid it last
    before that. Looked at: the `PATTERN_DEGREE` newest payers of the payer and of the payee, then, from the side
    with fewer of them (the sources, if equal), the payments between, `PATTERN_STEPS` in all. Transfers between
    own accounts do not count. Strength is the share of what the source paid that reached the payee,
    intermediary by intermediary; the share retained is the rest.
    """
    ends = (last.payer, last.payee)
    newest_in = view.newest_in_per_payer(last.payer, window_us, PATTERN_DEGREE + 1)
    if not newest_in or last.own or last.payer == last.payee:
        return NOTHING
    sources = {e.payer: e for e in newest_in[:PATTERN_DEGREE] if not e.own and e.payer not in ends}
    if not sources:
        return Found(0, truncated=len(newest_in) > PATTERN_DEGREE)
    to_sink = view.newest_in_per_payer(last.payee, window_us, PATTERN_DEGREE + 1)
    onward = {e.payer: e for e in to_sink[:PATTERN_DEGREE] if not e.own and e.payer not in ends}
    legs: dict[str, Legs] = {source: [(entry, last)] for source, entry in sources.items()}
    side = _from_sources if len(sources) <= len(onward) else _from_intermediaries
    cut = side(view, window_us, onward, legs)
    truncated = cut or len(newest_in) > PATTERN_DEGREE or len(to_sink) > PATTERN_DEGREE
    return _found(max(legs.values(), key=len), truncated, witness)


def _from_sources(view: GraphView, window_us: int, onward: Mapping[str, Edge], legs: dict[str, Legs]) -> bool:
    """Add the legs among the newest payees of each source; return whether a limit cut the search."""
    steps, cut = PATTERN_STEPS, False
    for source, found in legs.items():
        newest = view.newest_out_per_payee(source, window_us, PATTERN_DEGREE + 1) if steps else ()
        looked_at = newest[: min(PATTERN_DEGREE, steps)]
        cut = cut or not steps or len(newest) > len(looked_at)
        steps -= len(looked_at)
        for edge in looked_at:
            second = onward.get(edge.payee)
            if second is not None and edge.payee != source:
                found += _leg(view, window_us, edge, second)
    return cut


def _leg(view: GraphView, window_us: int, newest: Edge, second: Edge) -> Iterator[tuple[Edge, Edge]]:
    """Yield the newest payment of a pair that precedes `second`, with it, unless it is a transfer of one's own."""
    older = () if newest.seq < second.seq else view.pair(newest.payer, newest.payee, window_us)
    first = next((edge for edge in reversed((*older, newest)) if edge.seq < second.seq), None)
    if first is not None and not first.own:
        yield first, second


def _from_intermediaries(view: GraphView, window_us: int, onward: Mapping[str, Edge], legs: dict[str, Legs]) -> bool:
    """Add the legs among what each intermediary last received; return whether a limit cut the search."""
    steps, cut = PATTERN_STEPS, False
    for middle, second in onward.items():
        newest = view.newest_ins_before(middle, window_us, second.seq, PATTERN_DEGREE + 1) if steps else ()
        looked_at = newest[: min(PATTERN_DEGREE, steps)]
        cut = cut or not steps or len(newest) > len(looked_at)
        steps -= len(looked_at)
        firsts = {edge.payer: edge for edge in reversed(looked_at)}
        for source, first in firsts.items():
            if source in legs and source != middle and not first.own:
                legs[source].append((first, second))
    return cut


def _found(best: Legs, truncated: bool, witness: bool) -> Found:
    paid = sum(first.amount for first, _ in best)
    passed = sum(min(first.amount, second.amount) for first, second in best)
    return Found(
        count=len(best),
        strength=passed / paid if paid else None,
        truncated=truncated,
        payments=_witness(best) if witness else (),
        share_retained=(paid - passed) / paid if paid else None,
    )


def _witness(legs: Legs) -> tuple[tuple[Edge, str, int], ...]:
    payments = [(first, "scatter", 1) for first, _ in legs] + [(second, "gather", 2) for _, second in legs]
    return tuple(sorted(payments, key=lambda payment: payment[0].seq))


PATTERN = Pattern(
    name="scatter_gather",
    sentence="Intermediaries that one account paid and that paid the payee on, the payer included.",
    find=find,
)
