"""Best flow against a search over all routes where nothing is left out, and at its limits."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

roomy = settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])


def routes_of(past, route, hops=5):
    """Every route of at most `hops` payments that ends in `route` and carries half, by plain recursion."""
    found = [route]
    accounts = {account for edge in route for account in edge[2:4]}
    for edge in past if len(route) < hops else ():
        joins = edge.payee == route[0].payer and edge.seq < route[0].seq and edge.payer not in accounts
        if joins and not edge.own and 2 * edge.amount >= route[-1].amount:
            found += routes_of(past, [edge, *route], hops)
    return found


def flow(route):
    return min(edge.amount for edge in route)


def is_route(found, past, last):
    route = [edge for edge, _, _ in found.payments]
    assert route in routes_of(past, [last])
    assert [hop for _, _, hop in found.payments] == list(range(1, found.count + 1))
    assert {role for _, role, _ in found.payments} == {"flow"}
    assert found.strength == flow(route) / last.amount


@roomy
@given(data=st.data())
def test_of_routes_of_two_payments_the_one_with_the_largest_flow_is_found(graphs, judge, in_window, limit, data):
    limit("best_flow", PATTERN_HOPS=2)
    edges = data.draw(graphs())
    past, last = in_window(edges), edges[-1]
    routes = routes_of(past, [last], 2)[1:] if not last.own and last.amount else []
    found = judge("best_flow", edges)
    assert (found.count, found.truncated) == ((2, True) if routes else (0, False))
    assert found.strength == (max(map(flow, routes)) / last.amount if routes else None)


@given(data=st.data())
def test_the_witness_is_a_route_that_carries_half_and_there_is_one_where_a_payment_fits(graphs, judge, in_window, data):
    edges = data.draw(graphs())
    past, last = in_window(edges), edges[-1]
    found = judge("best_flow", edges)
    routes = routes_of(past, [last]) if not last.own and last.amount else [[last]]
    assert (found.count > 0) == (len(routes) > 1)
    assert found.count <= max(map(len, routes))
    if found.count:
        is_route(found, past, last)


@roomy
@given(amounts=st.lists(st.integers(1, 40), min_size=1, max_size=25), keep=st.integers(1, 4))
def test_trees_keep_the_largest_flows_as_levels_of_a_table_would(edges, judge, limit, amounts, keep):
    """In a tree every account has one route, so a level is: follow the largest, keep the largest flows."""
    limit("best_flow", FLOW_NEIGHBOURS=keep)
    children = [(f"n{i + 1}", f"n{i // 3}", amount) for i, amount in enumerate(amounts)]
    rows = [*children[::-1], ("n0", "z", 20)]
    level, best, hops = [("n0", 20)], 20, 1
    while level and hops < 5:
        nexts = []
        for account, carried in level:
            fed = [(c, a) for c, p, a in children if p == account and 2 * a >= 20]  # children stand newest first
            nexts += [(c, min(carried, a)) for c, a in sorted(fed, key=lambda row: -row[1])[:keep]]
        level = sorted(nexts, key=lambda row: -row[1])[:keep]
        if level:
            best, hops = level[0][1], hops + 1
    found = judge("best_flow", edges(rows))
    assert (found.count, found.strength) == ((hops, best / 20) if hops > 1 else (0, None))


def test_money_is_followed_back_along_larger_payments(edges, judge):
    found = judge("best_flow", edges([("a", "b", 5000), ("b", "c", 900), ("x", "c", 400), ("c", "d", 1000)]))
    assert (found.count, found.strength, found.truncated) == (3, 0.9, False)
    assert [(edge.seq, role, hop) for edge, role, hop in found.payments] == [
        (0, "flow", 1), (1, "flow", 2), (3, "flow", 3),
    ]  # fmt: skip


@pytest.mark.parametrize(("amount", "count"), [(49_999, 0), (50_000, 2), (10**12 - 1, 2)])
def test_a_route_carries_half_of_the_judged_amount_or_more(edges, judge, amount, count):
    assert judge("best_flow", edges([("a", "b", amount), ("b", "c", 100_000)])).count == count


def test_of_equal_amounts_the_newest_is_followed(edges, judge):
    found = judge("best_flow", edges([("a", "b", 100), ("x", "b", 100), ("b", "c", 100)]))
    assert [edge.seq for edge, _, _ in found.payments] == [1, 2]


def test_a_payment_that_came_after_the_money_left_feeds_nothing(edges, judge):
    assert judge("best_flow", edges([("b", "c", 100), ("a", "b", 100), ("c", "d", 100)])).count == 2


def test_own_transfers_carry_nothing(edges, judge):
    rows = [("a", "b", 100), ("b", "c", 100), ("c", "d", 100)]
    assert [judge("best_flow", edges(rows, own=[i])).count for i in range(3)] == [2, 0, 0]


def test_a_route_of_five_payments_may_be_longer_and_says_so(edges, judge):
    rows = [(a, b, 100) for a, b in zip("abcdefg", "bcdefgh", strict=True)]
    answers = [judge("best_flow", edges(rows[:n])) for n in (4, 5, 7)]
    assert [(found.count, found.truncated) for found in answers] == [(4, False), (5, True), (5, True)]


def test_the_largest_payments_are_sought_among_the_newest_alone(edges, judge, limit):
    limit("best_flow", PATTERN_DEGREE=2)
    rows = [("a", "b", 100), ("x", "b", 1), ("y", "b", 1), ("b", "c", 100)]
    found = judge("best_flow", edges(rows))
    assert (found.count, found.truncated) == (0, True)


def test_only_the_largest_payments_of_an_account_are_followed(edges, judge, limit):
    limit("best_flow", FLOW_NEIGHBOURS=2)
    rows = [("s", "a", 70), ("a", "b", 70), ("x", "b", 80), ("y", "b", 90), ("b", "c", 100)]
    assert judge("best_flow", edges(rows)).count == 2
    limit("best_flow", FLOW_NEIGHBOURS=3)
    assert judge("best_flow", edges(rows)).count == 3
