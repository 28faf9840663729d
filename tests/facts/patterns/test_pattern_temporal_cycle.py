"""Temporal cycle against a search over all routes of accounts, and at its limits."""

from __future__ import annotations

from itertools import pairwise, permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def cycles_of(past, last):
    """Every route of 3 to 10 payments by trying all orders of all accounts: first half early, second half late."""
    past = [edge for edge in past if not edge.own]
    others = {account for edge in past for account in edge[2:4]} - {last.payer, last.payee}
    routes = [
        (last.payee, *middle, last.payer)
        for length in range(1, 9)
        for middle in permutations(sorted(others), length)
        if not last.own
    ]
    return [(*chosen, last) for route in routes if (chosen := in_order(past, route))]


def in_order(past, route):
    """Payments along the route, each after the one before: earliest in the first half, latest in the second."""
    pairs = list(pairwise(route))
    half = (len(pairs) + 1) // 2
    early, late = [], []
    for pair in pairs[:half]:
        after = early[-1].seq if early else -1
        early.append(min((e for e in past if e[2:4] == pair and e.seq > after), default=None))
        if early[-1] is None:
            return None
    for pair in reversed(pairs[half:]):
        before = late[0].seq if late else 10**9
        late.insert(0, max((e for e in past if e[2:4] == pair and e.seq < before), default=None))
        if late[0] is None:
            return None
    return early + late if early[-1].seq < late[0].seq else None


def rank(cycle):
    amounts = [edge.amount for edge in cycle]
    ratio = min(amounts) / max(amounts) if max(amounts) else 0.0
    return ratio, -len(cycle), [edge.seq for edge in cycle][::-1]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_cycles_are_all_routes_back_to_the_start_in_order_of_time(graphs, judge, in_window, limit, data):
    limit("temporal_cycle", CYCLE_STEPS=10_000)
    edges = data.draw(graphs())
    cycles = cycles_of(in_window(edges), edges[-1])
    found = judge("temporal_cycle", edges)
    assert (found.count, found.truncated) == (len(cycles), False)
    if cycles:
        best = max(cycles, key=rank)
        assert found.strength == rank(best)[0]
        assert [edge for edge, _, _ in found.payments] == list(best)


def ring(accounts, amount=100):
    return [(a, b, amount) for a, b in zip(accounts, accounts[1:] + accounts[0], strict=True)]


def test_rings_of_three_to_ten_payments_are_cycles_and_others_are_not(edges, judge):
    counts = [judge("temporal_cycle", edges(ring("abcdefghijkl"[:n]))).count for n in range(2, 13)]
    assert counts == [0, *[1] * 8, 0, 0]


@pytest.mark.parametrize("hops", [3, 4, 5, 6, 7, 8])
def test_the_longest_ring_has_as_many_payments_as_the_limit_of_hops(edges, judge, limit, hops):
    limit("temporal_cycle", CYCLE_HOPS=hops)
    counts = [judge("temporal_cycle", edges(ring("abcdefghi"[:n]))).count for n in range(2, 10)]
    assert counts == [1 if 3 <= n <= hops else 0 for n in range(2, 10)]


def test_the_witness_goes_round_in_time_order(edges, judge):
    rows = [("a", "b", 100), ("b", "c", 95), ("c", "d", 90), ("d", "a", 80)]
    found = judge("temporal_cycle", edges(rows))
    assert [(edge.seq, role, hop) for edge, role, hop in found.payments] == [
        (0, "step", 1), (1, "step", 2), (2, "step", 3), (3, "step", 4),
    ]  # fmt: skip
    assert (found.strength, found.share_retained) == (0.8, 0.2)


def test_payments_in_the_wrong_order_are_no_cycle(edges, judge):
    assert judge("temporal_cycle", edges([("b", "c", 9), ("a", "b", 9), ("c", "a", 9)])).count == 0


def test_payments_of_one_clock_are_ordered_by_their_place_in_the_journal(edges, judge):
    assert judge("temporal_cycle", edges(ring("abc"), step_us=0)).count == 1


def test_a_payment_that_ever_repeats_is_one_route(edges, judge):
    rows = [("a", "b", 9)] * 3 + [("b", "c", 9)] * 3 + [("c", "a", 9)]
    assert judge("temporal_cycle", edges(rows)).count == 1


def test_a_route_is_found_between_the_oldest_and_the_newest_payment(edges, judge):
    rows = [("a", "b", 9), ("b", "c", 9), ("a", "b", 9), ("c", "a", 9)]
    assert judge("temporal_cycle", edges(rows)).count == 1


def test_own_transfers_close_no_cycle(edges, judge):
    rows = ring("abcd")
    assert [judge("temporal_cycle", edges(rows, own=[i])).count for i in range(4)] == [0, 0, 0, 0]


def test_the_best_of_two_cycles_is_the_most_even_then_the_shortest(edges, judge):
    uneven = [("a", "b", 50), ("b", "z", 100), *ring("acdz")]
    assert [e.seq for e, _, _ in judge("temporal_cycle", edges(uneven)).payments] == [2, 3, 4, 5]
    even = [("a", "b", 100), ("b", "z", 100), *ring("acdz")]
    assert [e.seq for e, _, _ in judge("temporal_cycle", edges(even)).payments] == [0, 1, 5]


def test_more_payments_from_the_payee_than_the_limit_are_truncated(edges, judge, limit):
    limit("temporal_cycle", PATTERN_DEGREE=2)
    rows = [("a", "b", 9), ("b", "c", 9), ("a", "x", 9), ("c", "a", 9)]
    assert (judge("temporal_cycle", edges(rows)).count, judge("temporal_cycle", edges(rows)).truncated) == (1, False)
    rows.insert(2, ("a", "y", 9))
    assert (judge("temporal_cycle", edges(rows)).count, judge("temporal_cycle", edges(rows)).truncated) == (0, True)


def test_more_payments_to_the_payer_than_the_limit_are_truncated(edges, judge, limit):
    limit("temporal_cycle", PATTERN_DEGREE=2)
    rows = [("a", "b", 9), ("b", "c", 9), ("x", "c", 9), ("y", "c", 9), ("c", "a", 9)]
    assert (judge("temporal_cycle", edges(rows)).count, judge("temporal_cycle", edges(rows)).truncated) == (0, True)


def test_more_payments_than_half_the_steps_are_truncated_on_the_way_out(edges, judge, limit):
    rows = [("a", "b", 9), ("a", "x", 9), ("a", "y", 9), ("b", "c", 9), ("c", "a", 9)]
    for steps, answer in {4: (0, True), 6: (1, True), 8: (1, False)}.items():
        limit("temporal_cycle", CYCLE_STEPS=steps)
        found = judge("temporal_cycle", edges(rows))
        assert (found.count, found.truncated) == answer


def test_a_last_route_with_more_payments_than_steps_are_left_is_truncated(edges, judge, limit):
    rows = [("v", "a", 9), ("a", "b", 9), ("a", "c", 9), ("x", "u", 9), ("u", "v", 9)]
    for steps, truncated in {4: True, 8: False}.items():
        limit("temporal_cycle", CYCLE_STEPS=steps)
        assert judge("temporal_cycle", edges(rows)).truncated == truncated


def test_payments_too_late_to_come_back_take_no_step(edges, judge, limit):
    limit("temporal_cycle", CYCLE_STEPS=4)
    rows = [("a", "b", 9), ("b", "c", 9), ("a", "x", 9), ("a", "y", 9), ("a", "z", 9), ("c", "a", 9)]
    assert judge("temporal_cycle", edges(rows)).count == 1


def test_more_payments_than_half_the_steps_are_truncated_on_the_way_home(edges, judge, limit):
    rows = [("a", "b", 9), ("b", "c", 9), ("x", "c", 9), ("y", "c", 9), ("c", "a", 9)]
    for steps, answer in {4: (0, True), 6: (1, True), 8: (1, False)}.items():
        limit("temporal_cycle", CYCLE_STEPS=steps)
        found = judge("temporal_cycle", edges(rows))
        assert (found.count, found.truncated) == answer


def test_steps_used_up_before_the_second_payment_are_truncated(edges, judge, limit):
    limit("temporal_cycle", CYCLE_STEPS=2)
    found = judge("temporal_cycle", edges(ring("abcd")))
    assert (found.count, found.truncated) == (0, True)


def test_more_meetings_than_the_steps_are_truncated(edges, judge):
    first, second = [f"p{i}" for i in range(20)], [f"r{i}" for i in range(20)]
    rows = [("a", p, 9) for p in first] + [(p, "q", 9) for p in first]
    rows += [("q", r, 9) for r in second] + [(r, "u", 9) for r in second] + [("u", "a", 9)]
    found = judge("temporal_cycle", edges(rows))
    assert (found.count, found.truncated) == (128, True)


def test_cycles_of_nothing_have_strength_zero_and_no_share(edges, judge):
    found = judge("temporal_cycle", edges(ring("abc", amount=0)))
    assert (found.count, found.strength, found.share_retained) == (1, 0.0, None)
