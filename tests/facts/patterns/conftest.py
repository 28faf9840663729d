"""A view over a plain list of payments, and small random graphs, for the tests of the patterns."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Sequence

import pytest
from hypothesis import strategies as st

from headgate.facts.patterns import patterns
from headgate.facts.patterns.pattern import Found
from headgate.facts.view import Edge
from headgate.limits import MAX_WINDOW_US, PROFILE_HORIZON_US, US_PER_HOUR

WINDOW_US = 6 * US_PER_HOUR


class ListView:
    """The obvious view: every answer filters the whole list of payments before the judged one."""

    def __init__(self, edges: Iterable[Edge], last: Edge) -> None:
        self.edges = [edge for edge in edges if edge.seq < last.seq]
        self.clock_us = last.clock_us

    def _window(self, window_us: int) -> list[Edge]:
        return [e for e in self.edges if self.clock_us - window_us < e.clock_us <= self.clock_us]

    def outs(self, account: str, window_us: int) -> list[Edge]:
        return [edge for edge in self._window(window_us) if edge.payer == account]

    def ins(self, account: str, window_us: int) -> list[Edge]:
        return [edge for edge in self._window(window_us) if edge.payee == account]

    def pair(self, payer: str, payee: str, window_us: int) -> list[Edge]:
        return [edge for edge in self.outs(payer, window_us) if edge.payee == payee]

    def newest_outs(self, account: str, window_us: int, limit: int) -> list[Edge]:
        return self.outs(account, window_us)[::-1][:limit]

    def newest_ins(self, account: str, window_us: int, limit: int) -> list[Edge]:
        return self.ins(account, window_us)[::-1][:limit]

    def newest_ins_before(self, account: str, window_us: int, seq: int, limit: int) -> list[Edge]:
        return [edge for edge in self.newest_ins(account, window_us, 10**9) if edge.seq < seq][:limit]

    def newest_in_per_payer(self, account: str, window_us: int, limit: int) -> list[Edge]:
        newest = {edge.payer: edge for edge in self.ins(account, window_us)}
        return sorted(newest.values(), reverse=True)[:limit]

    def newest_out_per_payee(self, account: str, window_us: int, limit: int) -> list[Edge]:
        newest = {edge.payee: edge for edge in self.outs(account, window_us)}
        return sorted(newest.values(), reverse=True)[:limit]

    def last_before(self, account: str) -> Edge | None:
        horizon_us, until_us = self.clock_us - PROFILE_HORIZON_US, self.clock_us - MAX_WINDOW_US
        left = [e for e in self.edges if account in e[2:4] and horizon_us < e.clock_us <= until_us]
        return left[-1] if left else None


Row = tuple[str, str, int]


def _edges(rows: Sequence[Row], own: Sequence[int] = (), step_us: int = 1) -> list[Edge]:
    """Payments (payer, payee, amount) in order; `own` lists the places of own-account transfers."""
    return [
        Edge(seq, 10**15 + seq * step_us, payer, payee, amount, f"t{seq}", seq in own)
        for seq, (payer, payee, amount) in enumerate(rows)
    ]


def _judge(name: str, edges: Sequence[Edge], window_us: int = WINDOW_US, witness: bool = True) -> Found:
    """What the pattern says of the last of `edges`."""
    last = edges[-1]
    return patterns()[name].find(ListView(edges, last), last, window_us, witness)


@pytest.fixture(scope="session")
def edges() -> Callable[..., list[Edge]]:
    return _edges


@pytest.fixture(scope="session")
def judge() -> Callable[..., Found]:
    return _judge


@pytest.fixture(scope="session")
def list_view() -> type[ListView]:
    return ListView


@pytest.fixture(scope="session")
def in_window() -> Callable[[Sequence[Edge]], list[Edge]]:
    """The payments that the window of the last one holds, the last one not included."""

    def of(edges: Sequence[Edge]) -> list[Edge]:
        return ListView(edges[:-1], edges[-1])._window(WINDOW_US)

    return of


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Replace limits in the file of one pattern: limit("fan_in", PATTERN_DEGREE=3)."""

    def replace(name: str, **limits: int) -> None:
        module = importlib.import_module(f"headgate.facts.patterns.{name}")
        for key, value in limits.items():
            if hasattr(module, key):
                monkeypatch.setattr(module, key, value)

    return replace


@st.composite
def _graphs(
    draw: st.DrawFn, to_self: bool = False, most: int = 24, among: Sequence[tuple[str, str]] = ()
) -> list[Edge]:
    """Up to `most` payments among up to 6 accounts over some hours, with equal clocks, zeros and own transfers.

    among: the pairs of payer and payee instead.
    """
    size = draw(st.integers(1, most))  # drawn first, so that full graphs come up as often as small ones
    accounts = st.sampled_from("abcdef"[: draw(st.integers(2, 6))])
    pairs = st.tuples(accounts, accounts).filter(lambda pair: to_self or pair[0] != pair[1])
    pairs = st.sampled_from(among) if among else pairs
    rows = draw(
        st.lists(
            st.tuples(
                pairs,
                st.sampled_from([0, 50, 70, 90, 98, 100, 100, 102, 103]),
                st.sampled_from([0, 0, 1, 60]),
                st.integers(0, 9),
            ),
            min_size=size,
            max_size=size,
        )
    )
    edges, clock_us = [], 10**15
    for seq, ((payer, payee), amount, minutes, own) in enumerate(rows):
        clock_us += minutes * 60_000_000
        edges.append(Edge(seq, clock_us, payer, payee, amount, f"t{seq}", own == 0))
    return edges


@pytest.fixture(scope="session")
def graphs() -> Callable[..., st.SearchStrategy[list[Edge]]]:
    return _graphs
