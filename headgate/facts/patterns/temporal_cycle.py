"""Temporal cycle: money leaves an account and comes back to it by way of others, each payment after the one before.

The judged payment closes the cycle: its payee is where the money started. Searches from both ends, forward from
the payee and backward from the payer, and joins the routes where they meet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TypeAlias

from headgate.facts.patterns.pattern import NOTHING, Found, Pattern
from headgate.facts.view import Edge, GraphView
from headgate.limits import CYCLE_HOPS, CYCLE_STEPS, PATTERN_DEGREE

Route: TypeAlias = tuple[Edge, ...]  # payments in time order, each from the payee of the one before
Routes: TypeAlias = Sequence[Route]


def find(view: GraphView, last: Edge, window_us: int, witness: bool) -> Found:
    """Count the cycles of 3 to `CYCLE_HOPS` payments that this payment closes, one for each route of accounts.

    A cycle visits no account twice and its payments follow each other by `seq`. A payment straight back is no
    cycle (`reverse_pair` facts tell it), and no transfer between own accounts takes part. Each side of the search
    looks at the `PATTERN_DEGREE` newest payments in question of an account and follows half of `CYCLE_STEPS` in
    all, shortest routes and newest accounts first; `CYCLE_STEPS` meetings are tried. The side that leaves the
    payee takes the oldest payment of each pair that is late enough, the other side the newest that is early
    enough: a route is found whenever any choice of its payments is in order.

    Strength is the best smallest / largest amount of a cycle; ties go to fewer payments, then to the newest.
    The share retained is 1 - last / first amount of that cycle, between 0 and 1.
    """
    newest_in = view.newest_ins(last.payer, window_us, 1)
    if not newest_in or last.own or last.payer == last.payee:
        return NOTHING
    away, cut_away = _away(view, last, window_us, before=newest_in[0].seq)
    if not away:
        return Found(0, truncated=cut_away)
    reached: dict[str, list[Route]] = {}
    for route in away:
        reached.setdefault(route[-1].payee, []).append(route)
    home, cut_home = _home(view, last, window_us, reached, after=min(route[0].seq for route in away))
    cycles, cut = _joined(reached, home, last)
    truncated = cut_away or cut_home or cut
    return _found(max(cycles, key=_rank), len(cycles), truncated, witness) if cycles else Found(0, truncated=truncated)


def _found(best: Route, count: int, truncated: bool, witness: bool) -> Found:
    first, last = best[0].amount, best[-1].amount
    return Found(
        count=count,
        strength=_rank(best)[0],
        truncated=truncated,
        payments=tuple((edge, "step", hop) for hop, edge in enumerate(best, 1)) if witness else (),
        share_retained=max(0, first - last) / first if first else None,
    )


def _rank(cycle: Route) -> tuple[float, int, list[int]]:
    amounts = [edge.amount for edge in cycle]
    largest = max(amounts)
    return min(amounts) / largest if largest else 0.0, -len(cycle), [edge.seq for edge in reversed(cycle)]


def _away(view: GraphView, last: Edge, window_us: int, before: int) -> tuple[Routes, bool]:
    """Return the routes that leave the payee before place `before`, and whether a limit cut them."""
    routes: list[Route] = []
    level: list[Route] = [()]
    steps, cut = CYCLE_STEPS // 2, False
    for _ in range(CYCLE_HOPS // 2):
        shorter, level = level, []
        for route in shorter:
            if not steps:
                return routes + level, True
            end, after, span_us = last.payee, -1, window_us
            if route:
                end, after, span_us = route[-1].payee, route[-1].seq, last.clock_us - route[-1].clock_us + 1
            newest = view.newest_outs(end, span_us, PATTERN_DEGREE + 1)
            later = [edge for edge in newest if edge.seq > after]
            timely = [edge for edge in later[:PATTERN_DEGREE] if edge.seq < before]
            cut = cut or len(later) > PATTERN_DEGREE or len(timely) > steps
            passed = {last.payer, last.payee, *(edge.payer for edge in route), end}
            oldest = {e.payee: e for e in timely[:steps] if not e.own and e.payee not in passed}
            level += [(*route, edge) for edge in oldest.values()]
            steps = max(0, steps - len(timely))
        routes += level
        if not level:
            break
    return routes, cut


def _home(
    view: GraphView, last: Edge, window_us: int, reached: Mapping[str, Routes], after: int
) -> tuple[Routes, bool]:
    """Return the routes to the payer after place `after` that may meet another, and whether a limit cut them."""
    routes: list[Route] = []
    level: list[Route] = [()]
    steps, cut = CYCLE_STEPS // 2, False
    for length in range((CYCLE_HOPS - 1) // 2, 0, -1):
        shorter, level = level, []
        for route in shorter:
            if not steps:
                return routes + level, True
            start, before = (route[0].payer, route[0].seq) if route else (last.payer, last.seq)
            newest = view.newest_ins_before(start, window_us, before, PATTERN_DEGREE + 1)
            timely = [edge for edge in newest[:PATTERN_DEGREE] if edge.seq > after]
            cut = cut or len(newest) > PATTERN_DEGREE or len(timely) > steps
            passed = {last.payer, last.payee, *(edge.payee for edge in route), start}
            fit = [e for e in timely[:steps] if not e.own and e.payer not in passed]
            pairs: dict[str, Edge] = {}
            for edge in fit if length > 1 else [e for e in fit if e.payer in reached]:
                pairs.setdefault(edge.payer, edge)
            level += [(edge, *route) for edge in pairs.values()]
            steps = max(0, steps - len(timely))
        routes += level
        if not level:
            break
    return routes, cut


def _joined(reached: Mapping[str, Routes], home: Routes, last: Edge) -> tuple[Routes, bool]:
    """Return the cycles, each once: the half that leaves is as long as the other, or one payment longer."""
    meetings = ((a, h) for h in home for a in reached.get(h[0].payer, ()) if len(a) - len(h) in (0, 1))
    cycles = [
        (*a, *h, last)
        for a, h in islice(meetings, CYCLE_STEPS)
        if a[-1].seq < h[0].seq and {edge.payer for edge in a}.isdisjoint(edge.payee for edge in h)
    ]
    return cycles, next(meetings, None) is not None


PATTERN = Pattern(
    name="temporal_cycle",
    sentence="Cycles that this payment closes: money left the payee and comes back to it by way of others.",
    find=find,
)
