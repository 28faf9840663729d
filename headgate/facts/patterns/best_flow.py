"""Best flow: the money of this payment, followed back along the largest payments that could have fed it.

A route carries no more than its smallest payment. Unlike a pass-through, each payment may be much larger than the
next: a mule account is fed by sums that are split, merged and mixed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from headgate.facts.patterns.pattern import NOTHING, Found, Pattern
from headgate.facts.view import Edge, GraphView
from headgate.limits import FLOW_NEIGHBOURS, PATTERN_DEGREE, PATTERN_HOPS

LEAST_PERCENT: Final = 50  # of the judged amount: a route that carries less is no explanation of it

Route: TypeAlias = tuple[Edge, ...]  # payments in time order, each from the payee of the one before


def find(view: GraphView, last: Edge, window_us: int, witness: bool) -> Found:
    """Count the payments of the longest route that ends in this one and carries enough of it; 0 for none, never 1.

    The flow of a route is its smallest amount, the judged one included, and enough is `LEAST_PERCENT` of the judged
    amount. A route has at most `PATTERN_HOPS` payments, each later than the one before; no account appears twice and
    no transfer between own accounts takes part. The search goes back level by level: of the `PATTERN_DEGREE` newest
    payments that the first account of a route received before its link it follows the `FLOW_NEIGHBOURS` largest that
    carry enough (ties: newest). Of the routes of a level it keeps, for each account reached, the one with the largest
    flow, and of these the `FLOW_NEIGHBOURS` largest flows (ties: found first). Says `truncated` where an account had
    more payments to look at, and for a route of `PATTERN_HOPS` payments, as it may be longer.

    Strength is flow / judged amount, at most 1, of the best route of the last level (ties: found first). The idea of
    multi-hop minimum-amount flows over the largest neighbours is that of ExSTraQt.
    """
    if last.own or last.payer == last.payee or not last.amount:
        return NOTHING
    level: list[Route] = [(last,)]
    best, truncated = level[0], False
    while level and len(best) < PATTERN_HOPS:
        longer: list[Route] = []
        for route in level:
            newest = view.newest_ins_before(route[0].payer, window_us, route[0].seq, PATTERN_DEGREE + 1)
            truncated = truncated or len(newest) > PATTERN_DEGREE
            longer += _extended(newest[:PATTERN_DEGREE], route)
        level = _kept(longer)
        best = level[0] if level else best
    if len(best) == 1:
        return Found(0, truncated=truncated)
    return Found(
        count=len(best),
        strength=_flow(best) / last.amount,
        truncated=truncated or len(best) == PATTERN_HOPS,
        payments=tuple((edge, "flow", hop) for hop, edge in enumerate(best, 1)) if witness else (),
    )


def _extended(received: Sequence[Edge], route: Route) -> Iterator[Route]:
    """Yield `route` with each of the largest of `received` before it, the largest first, then the newest."""
    enough = LEAST_PERCENT * route[-1].amount
    passed = {route[-1].payee, *(edge.payer for edge in route)}
    fit = [e for e in received if 100 * e.amount >= enough and not e.own and e.payer not in passed]
    for edge in sorted(fit, key=lambda edge: -edge.amount)[:FLOW_NEIGHBOURS]:
        yield (edge, *route)


def _kept(routes: list[Route]) -> list[Route]:
    """Return the best route to each account, the largest flows first; of equal flows the one found first."""
    best: dict[str, Route] = {}
    for route in sorted(routes, key=lambda route: -_flow(route)):
        best.setdefault(route[0].payer, route)
    return list(best.values())[:FLOW_NEIGHBOURS]


def _flow(route: Route) -> int:
    return min(edge.amount for edge in route)


PATTERN = Pattern(
    name="best_flow",
    sentence="Payments of the longest route that ends in this one and could have carried half of it or more.",
    find=find,
)
