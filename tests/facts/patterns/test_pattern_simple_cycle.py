"""Simple cycle against a search over all routes of accounts, and at its limits."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.facts.view import Edge


def cycles_of(past, last, hops=10):
    """Every route of at most `hops` payments by plain recursion over the newest payment of each pair."""
    newest = {edge[2:4]: edge for edge in past}
    usable = [edge for edge in newest.values() if not edge.own]

    def onward(route):
        if route[-1].payee == last.payer:
            return [route] if len(route) > 1 else []
        passed = {last.payee, *(edge.payee for edge in route)}
        nexts = [e for e in usable if e.payer == route[-1].payee and e.payee not in passed]
        return [found for e in nexts if len(route) < hops - 1 for found in onward([*route, e])]

    starts = [e for e in usable if e.payer == last.payee != e.payee and not last.own and last.payer != last.payee]
    return [(*route, last) for e in starts for route in onward([e])]


def rank(cycle):
    amounts = [edge.amount for edge in cycle]
    ratio = min(amounts) / max(amounts) if max(amounts) else 0.0
    return ratio, -len(cycle), [edge.seq for edge in cycle][::-1]


def same(found, cycles):
    assert (found.count, found.truncated) == (len(cycles), False)
    if cycles:
        best = max(cycles, key=rank)
        assert found.strength == rank(best)[0]
        assert [edge for edge, _, _ in sorted(found.payments, key=lambda p: p[2])] == list(best)


@settings(max_examples=200)
@given(data=st.data())
def test_cycles_are_all_routes_back_to_the_start_in_any_order(graphs, judge, in_window, data):
    edges = data.draw(graphs())
    same(judge("simple_cycle", edges), cycles_of(in_window(edges), edges[-1]))


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("hops", [3, 4, 7, 10])
def test_wider_graphs_hold_every_cycle_up_to_the_limit_of_hops_once(judge, limit, seed, hops):
    limit("simple_cycle", CYCLE_HOPS=hops)
    chance = random.Random(seed)
    accounts = [f"a{i}" for i in range(chance.choice([6, 12, 20]))]
    pairs = [chance.sample(accounts, 2) for _ in range(chance.choice([12, 25, 40]))]
    edges = [Edge(i, 10**15 + i, *pair, chance.randint(1, 9), f"t{i}", False) for i, pair in enumerate(pairs)]
    same(judge("simple_cycle", edges), cycles_of(edges[:-1], edges[-1], hops))


def ring(accounts, amount=100):
    return [(a, b, amount) for a, b in zip(accounts, accounts[1:] + accounts[0], strict=True)]


def test_rings_of_three_to_ten_payments_are_cycles_in_whatever_order(edges, judge):
    for n in range(2, 13):
        *past, last = ring("abcdefghijkl"[:n])
        assert judge("simple_cycle", edges([*past[::-1], last])).count == (1 if 3 <= n <= 10 else 0)


def test_the_witness_is_in_time_order_and_its_hops_follow_the_route(edges, judge):
    found = judge("simple_cycle", edges([("c", "d", 90), ("a", "b", 80), ("b", "c", 100), ("d", "a", 100)]))
    assert [(edge.seq, role, hop) for edge, role, hop in found.payments] == [
        (0, "step", 3), (1, "step", 1), (2, "step", 2), (3, "step", 4),
    ]  # fmt: skip
    assert (found.strength, found.share_retained) == (0.8, None)


def test_payments_that_repeat_are_one_cycle_and_the_newest_stands_for_them(edges, judge):
    rows = [("b", "c", 50), ("a", "b", 100), ("b", "c", 100), ("a", "b", 90), ("c", "a", 100)]
    found = judge("simple_cycle", edges(rows))
    assert (found.count, [edge.seq for edge, _, _ in found.payments], found.strength) == (1, [2, 3, 4], 0.9)


def test_own_transfers_close_no_cycle(edges, judge):
    assert [judge("simple_cycle", edges(ring("abcd"), own=[i])).count for i in range(4)] == [0, 0, 0, 0]


def test_the_best_of_two_cycles_is_the_most_even_then_the_shortest(edges, judge):
    uneven = [("a", "b", 50), ("b", "z", 100), *ring("acdz")]
    assert [e.seq for e, _, _ in judge("simple_cycle", edges(uneven)).payments] == [2, 3, 4, 5]
    even = [("a", "b", 100), ("b", "z", 100), *ring("acdz")]
    assert [e.seq for e, _, _ in judge("simple_cycle", edges(even)).payments] == [0, 1, 5]


def test_more_counterparties_than_the_limit_are_truncated_at_the_newest(edges, judge, limit):
    limit("simple_cycle", PATTERN_DEGREE=2)
    rows = [("a", "b", 9), ("b", "c", 9), ("a", "x", 9), ("c", "a", 9)]
    assert (judge("simple_cycle", edges(rows)).count, judge("simple_cycle", edges(rows)).truncated) == (1, False)
    rows.insert(2, ("a", "y", 9))
    assert (judge("simple_cycle", edges(rows)).count, judge("simple_cycle", edges(rows)).truncated) == (0, True)


def test_more_payments_than_the_steps_are_truncated(edges, judge, limit):
    rows = [("a", "b", 9), ("b", "c", 9), ("a", "x", 9), ("c", "a", 9)]
    for steps, answer in {1: (0, True), 2: (1, True), 3: (1, False)}.items():
        limit("simple_cycle", SIMPLE_CYCLE_STEPS=steps)
        assert (judge("simple_cycle", edges(rows)).count, judge("simple_cycle", edges(rows)).truncated) == answer


def test_more_meetings_than_the_steps_are_truncated(edges, judge, limit):
    rows = [("a", x, 9) for x in "pqr"] + [(x, y, 9) for x in "pqr" for y in "stu"] + [(y, "z", 9) for y in "stu"]
    rows.append(("z", "a", 9))
    assert (judge("simple_cycle", edges(rows)).count, judge("simple_cycle", edges(rows)).truncated) == (9, False)
    limit("simple_cycle", SIMPLE_CYCLE_STEPS=12)
    found = judge("simple_cycle", edges(rows))
    assert found.truncated
    assert found.count <= 9


def test_a_busy_graph_stops_at_the_real_limits(edges, judge):
    middle = [f"m{i}" for i in range(40)]
    rows = [("a", m, 9) for m in middle] + [(m, n, 9) for m in middle for n in middle if m != n]
    rows += [(m, "z", 9) for m in middle] + [("z", "a", 9)]
    found = judge("simple_cycle", edges(rows))
    assert found.truncated
    assert 40 + 40 * 39 <= found.count <= 16_384


def test_cycles_of_nothing_have_strength_zero(edges, judge):
    found = judge("simple_cycle", edges(ring("abc", amount=0)))
    assert (found.count, found.strength) == (1, 0.0)
