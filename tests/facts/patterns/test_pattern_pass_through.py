"""Pass-through against a search over all chains, and at its limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st


def chains_of(past, chain, hops=5):
    """Every chain of at most `hops` payments that ends in `chain`, by plain recursion."""
    found = [chain]
    accounts = {account for edge in chain for account in edge[2:4]}
    for edge in past if len(chain) < hops else ():
        joins = edge.payee == chain[0].payer and edge.seq < chain[0].seq and edge.payer not in accounts
        if joins and not edge.own and 0.7 <= chain[0].amount / (edge.amount or 1e-9) <= 1.02:
            found += chains_of(past, [edge, *chain], hops)
    return found


@given(data=st.data())
def test_the_chain_is_the_longest_and_then_the_newest(graphs, judge, in_window, data):
    edges = data.draw(graphs())
    last = edges[-1]
    found = judge("pass_through", edges)
    chains = chains_of(in_window(edges), [last]) if not last.own and last.amount else [[last]]
    best = max(chains, key=lambda chain: (len(chain), [edge.seq for edge in reversed(chain)]))
    assert found.count == (len(best) if len(best) > 1 else 0)
    assert [edge for edge, _, _ in found.payments] == (best if len(best) > 1 else [])
    assert found.truncated == (len(best) == 5)
    assert found.strength == (min(1.0, last.amount / best[0].amount) if len(best) > 1 else None)


def test_a_peeling_chain_is_followed_to_its_start(edges, judge):
    found = judge("pass_through", edges([("a", "b", 1000), ("b", "c", 900), ("c", "d", 800)]))
    assert (found.count, found.strength, found.share_retained) == (3, 0.8, 0.2)
    assert [(role, hop) for _, role, hop in found.payments] == [("link", 1), ("link", 2), ("link", 3)]


@pytest.mark.parametrize(("amount", "count"), [(69_999, 0), (70_000, 2), (102_000, 2), (102_001, 0)])
def test_a_link_keeps_seventy_to_a_hundred_and_two_percent(edges, judge, amount, count):
    assert judge("pass_through", edges([("a", "b", 100_000), ("b", "c", amount)])).count == count


def test_more_than_was_received_is_never_a_negative_share(edges, judge):
    found = judge("pass_through", edges([("a", "b", 100), ("b", "c", 102)]))
    assert (found.strength, found.share_retained) == (1.0, 0.0)


def test_a_chain_never_visits_an_account_twice(edges, judge):
    assert judge("pass_through", edges([("a", "b", 100), ("b", "a", 100)])).count == 0
    assert judge("pass_through", edges([("b", "c", 100), ("a", "b", 100), ("b", "c", 100)])).count == 2


def test_own_transfers_are_no_link(edges, judge):
    rows = [("a", "b", 100), ("b", "c", 100), ("c", "d", 100)]
    assert [judge("pass_through", edges(rows, own=[i])).count for i in range(3)] == [2, 0, 0]


def test_a_chain_of_five_payments_may_be_longer_and_says_so(edges, judge):
    rows = [(a, b, 100) for a, b in zip("abcdefg", "bcdefgh", strict=True)]
    four, five, seven = (judge("pass_through", edges(rows[:n])) for n in (4, 5, 7))
    assert (four.count, four.truncated) == (4, False)
    assert (five.count, five.truncated) == (5, True)
    assert (seven.count, seven.truncated) == (5, True)


def test_more_payments_into_an_account_than_the_limit_are_truncated_at_the_newest(edges, judge, limit):
    limit("pass_through", PATTERN_DEGREE=2)
    rows = [("a", "b", 100), ("x", "b", 1), ("b", "c", 100)]
    assert (judge("pass_through", edges(rows)).count, judge("pass_through", edges(rows)).truncated) == (2, False)
    rows.insert(1, ("y", "b", 1))
    assert (judge("pass_through", edges(rows)).count, judge("pass_through", edges(rows)).truncated) == (0, True)


def test_more_payments_than_the_steps_are_truncated(edges, judge, limit):
    rows = [("z", "a", 100), ("a", "b", 100), ("x", "b", 1), ("b", "c", 100)]
    expected = {1: (0, True), 2: (2, True), 3: (3, True), 4: (3, False)}
    for steps, answer in expected.items():
        limit("pass_through", PATTERN_STEPS=steps)
        found = judge("pass_through", edges(rows))
        assert (found.count, found.truncated) == answer


def test_real_limits_hold_for_a_hub(edges, judge):
    rows = [("a", "b", 100)] + [(f"p{i}", "b", 1) for i in range(64)] + [("b", "c", 100)]
    found = judge("pass_through", edges(rows))
    assert (found.count, found.truncated) == (0, True)


def test_an_amount_of_zero_carries_nothing(edges, judge):
    assert judge("pass_through", edges([("a", "b", 0), ("b", "c", 0)])).count == 0
