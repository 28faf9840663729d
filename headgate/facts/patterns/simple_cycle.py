"""Simple cycle: accounts that paid each other in a ring, whatever the order of the payments.

The judged payment closes the ring. Money that goes round in order of time is a temporal cycle; here a window is
looked at as one picture. Searches from both ends and joins the routes where they meet.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter
from typing import TypeAlias

from headgate.facts.patterns.pattern import NOTHING, Found, Pattern
from headgate.facts.view import Edge, GraphView
from headgate.limits import CYCLE_HOPS, PATTERN_DEGREE, SIMPLE_CYCLE_STEPS

Route: TypeAlias = tuple[Edge, ...]  # payments from the end where a half began, the nearest first
Other: TypeAlias = Callable[[Edge], str]


@dataclass(slots=True)
class Half:
    """One half of the search: what it looked at, and the accounts that it came to by at most `longest` payments."""

    start: str
    longest: int
    other: Other  # the account to which a payment leads this half
    newest: Callable[[str], Sequence[Edge]]  # of one account, with each counterparty, newest first
    frontier: list[str]
    levels: int
    steps: int
    reached: dict[str, None] = field(default_factory=dict)
    ways: dict[str, list[Edge]] = field(default_factory=dict)
    cut: bool = False


def find(view: GraphView, last: Edge, window_us: int, witness: bool) -> Found:
    """Count the cycles of 3 to `CYCLE_HOPS` payments that this payment closes, one for each route of accounts.

    A cycle visits no account twice; its payments are in the window, in any order. A pair stands for its newest
    payment and takes no part when that is a transfer between own accounts. The half `away` follows payments from
    the payee, at most `CYCLE_HOPS` // 2; the half `home` follows them back from the payer, at most
    (`CYCLE_HOPS` - 1) // 2; each looks at the `PATTERN_DEGREE` newest counterparties of an account.

    First each half spreads over accounts (`_spread`), then it lists its routes to the accounts where both met
    (`_routes`), then routes are joined where they end in one account and share no other (`_joined`). Each of the
    two looks at `SIMPLE_CYCLE_STEPS` payments while it spreads and as many while it lists routes; as many
    meetings are tried. Without `truncated` the count is exact. Strength is the best smallest / largest amount of
    a cycle; ties go to fewer payments, then to the newest, compared from the judged payment backward.
    """
    if last.own or last.payer == last.payee:
        return NOTHING
    home, away = _halves(view, last, window_us)
    if not view.newest_ins(last.payer, window_us, 1) or not view.newest_outs(last.payee, window_us, 1):
        return NOTHING
    _spread(home, away)
    met = home.reached.keys() & away.reached.keys()
    homeward = _routes(home, met) if met else []
    outward = _routes(away, met) if homeward else []
    cycles, cut = _joined(outward, homeward, last)
    truncated = home.cut or away.cut or cut
    return _found(max(cycles, key=_rank), len(cycles), truncated, witness) if cycles else Found(0, truncated=truncated)


def _halves(view: GraphView, last: Edge, window_us: int) -> tuple[Half, Half]:
    def half(start: str, longest: int, other: Other, newest: Callable[[str, int, int], Sequence[Edge]]) -> Half:
        def of(account: str) -> Sequence[Edge]:
            return newest(account, window_us, PATTERN_DEGREE + 1)

        return Half(start, longest, other, of, [start], longest, SIMPLE_CYCLE_STEPS)

    home = half(last.payer, (CYCLE_HOPS - 1) // 2, attrgetter("payer"), view.newest_in_per_payer)
    away = half(last.payee, CYCLE_HOPS // 2, attrgetter("payee"), view.newest_out_per_payee)
    return home, away


def _spread(home: Half, away: Half) -> None:
    """Let both halves come to accounts, level by level: always the one with fewer to go on from, home if equal.

    A half with none left has seen all there is: the other then goes on from accounts alone that it came to as well.
    """
    ends = (home.start, away.start)
    while growing := [half for half in (home, away) if half.frontier and half.levels]:
        half = min(growing, key=lambda half: len(half.frontier))
        other = away if half is home else home
        _grow(half, None if other.frontier else other.reached, ends)
        if not half.reached:
            return


def _grow(half: Half, within: Collection[str] | None, ends: tuple[str, str]) -> None:
    """Come one level further; a half whose steps are used up stays where it is."""
    level, half.frontier = half.frontier, []
    half.levels -= 1
    for place, account in enumerate(level):
        if within is not None and account not in within and account != half.start:
            continue
        if not half.steps:
            half.cut, half.levels, half.frontier = True, 0, half.frontier + level[place:]
            return
        newest = half.newest(account)
        looked_at = newest[: min(PATTERN_DEGREE, half.steps)]
        half.cut = half.cut or len(newest) > len(looked_at)
        half.steps -= len(looked_at)
        half.ways[account] = [edge for edge in looked_at if not edge.own and half.other(edge) not in ends]
        fresh = [a for edge in half.ways[account] if (a := half.other(edge)) not in half.reached]
        half.frontier += fresh
        half.reached.update(dict.fromkeys(fresh))


def _distances(half: Half, met: Collection[str]) -> Mapping[str, int]:
    """Return how many payments of this half lead from an account to the nearest one where both met."""
    distances = dict.fromkeys(met, 0)
    for distance in range(1, half.longest):
        near = {a for a, ways in half.ways.items() if any(half.other(e) in distances for e in ways)}
        distances.update(dict.fromkeys(near - distances.keys(), distance))
    return distances


def _routes(half: Half, met: Collection[str]) -> list[Route]:
    """Return the routes that end where both met, shorter first, then by the order of their nearest payments.

    A route goes on over payments alone whose account is near enough to one where both met; each is a step.
    """
    distances = _distances(half, met)
    routes: list[Route] = []
    level: list[Route] = [()]
    steps = SIMPLE_CYCLE_STEPS
    for left in reversed(range(half.longest)):
        shorter, level = level, []
        for route in shorter:
            ways = half.ways.get(half.other(route[-1]) if route else half.start, [])
            near = [edge for edge in ways if distances.get(half.other(edge), half.longest) <= left]
            half.cut = half.cut or len(near) > steps
            passed = {half.other(edge) for edge in route}
            level += [(*route, edge) for edge in near[:steps] if half.other(edge) not in passed]
            steps -= len(near[:steps])
        routes += [route for route in level if half.other(route[-1]) in met]
    return routes


def _joined(outward: Sequence[Route], homeward: Sequence[Route], last: Edge) -> tuple[list[Route], bool]:
    """Return the cycles, each once: the half that leaves is as long as the other, or one payment longer."""
    ending: dict[tuple[str, int], list[Route]] = {}
    for route in outward:
        ending.setdefault((route[-1].payee, len(route)), []).append(route)
    meetings = (
        (a, h) for h in homeward for more in (0, 1) for a in ending.get((h[-1].payer, len(h) + more), ())
    )  # fmt: skip
    cycles = [
        (*a, *reversed(h), last)
        for a, h in islice(meetings, SIMPLE_CYCLE_STEPS)
        if {edge.payee for edge in a[:-1]}.isdisjoint(edge.payer for edge in h[:-1])
    ]
    return cycles, next(meetings, None) is not None


def _rank(cycle: Route) -> tuple[float, int, list[int]]:
    amounts = [edge.amount for edge in cycle]
    largest = max(amounts)
    return min(amounts) / largest if largest else 0.0, -len(cycle), [edge.seq for edge in reversed(cycle)]


def _found(best: Route, count: int, truncated: bool, witness: bool) -> Found:
    steps = sorted((edge, "step", hop) for hop, edge in enumerate(best, 1)) if witness else ()
    return Found(count=count, strength=_rank(best)[0], truncated=truncated, payments=tuple(steps))


PATTERN = Pattern(
    name="simple_cycle",
    sentence="Cycles of accounts that this payment closes, whatever the order of their payments.",
    find=find,
)
