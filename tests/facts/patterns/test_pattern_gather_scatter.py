"""Gather-scatter against a search over the whole list, and at its limits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st


def sides_of(past, last):
    """The payments gathered and scattered, by plain search."""
    hub = last.payer
    newest_in = {edge.payer: edge for edge in past if edge.payee == hub}
    newest_out = {edge.payee: edge for edge in [*past, last] if edge.payer == hub}
    both = newest_in.keys() & newest_out.keys()
    gather = sorted(e for account, e in newest_in.items() if account not in both and not e.own)
    scatter = sorted(e for account, e in newest_out.items() if account not in both and not e.own)
    scatter = [edge for edge in scatter if gather and edge.seq > gather[0].seq]
    return (gather, scatter) if gather and last in scatter else ([], [])


@given(data=st.data())
def test_gather_scatter_is_what_came_from_some_and_then_went_to_others(graphs, judge, in_window, data):
    edges = data.draw(graphs())
    gather, scatter = sides_of(in_window(edges), edges[-1])
    found = judge("gather_scatter", edges)
    inflow, outflow = (sum(edge.amount for edge in side) for side in (gather, scatter))
    assert found.count == min(len(gather), len(scatter))
    assert {edge for edge, role, _ in found.payments if role == "gather"} == set(gather)
    assert {edge for edge, role, _ in found.payments if role == "scatter"} == set(scatter)
    assert found.strength == (min(inflow, outflow) / max(inflow, outflow) if inflow and outflow else None)
    assert found.share_retained == (max(0, inflow - outflow) / inflow if inflow else None)


def test_three_payers_and_two_payees_are_two_and_the_rest_stayed(edges, judge):
    found = judge("gather_scatter", edges([*((p, "u", 100) for p in "abc"), ("u", "x", 90), ("u", "y", 120)]))
    assert (found.count, found.strength, found.share_retained) == (2, 0.7, 0.3)
    roles = [(role, hop) for _, role, hop in found.payments]
    assert roles == [("gather", 1)] * 3 + [("scatter", 2)] * 2


def test_what_left_before_the_first_gathered_payment_is_not_scattered(edges, judge):
    before = [("u", "w", 500), ("u", "z", 500)]
    found = judge("gather_scatter", edges([*before, ("a", "u", 100), ("b", "u", 100), ("u", "x", 190)]))
    assert (found.count, found.strength) == (1, 0.95)


def test_scattering_may_begin_before_gathering_ends(edges, judge):
    rows = [("a", "u", 100), ("u", "x", 80), ("b", "u", 100), ("u", "y", 90)]
    found = judge("gather_scatter", edges(rows))
    assert (found.count, found.strength) == (2, 0.85)


def test_an_account_on_both_sides_counts_on_neither(edges, judge):
    rows = [("a", "u", 100), ("b", "u", 100), ("c", "u", 100), ("u", "a", 100), ("u", "x", 50), ("u", "y", 50)]
    found = judge("gather_scatter", edges(rows))
    assert (found.count, found.strength) == (2, 0.5)
    assert judge("gather_scatter", edges([*rows, ("u", "b", 10)])).count == 0


def test_gather_scatter_leaves_own_transfers_out(edges, judge):
    rows = [("a", "u", 100), ("b", "u", 100), ("u", "x", 50), ("u", "y", 50)]
    assert judge("gather_scatter", edges(rows)).count == 2
    assert judge("gather_scatter", edges(rows, own=[0])).count == 1
    assert judge("gather_scatter", edges(rows, own=[2])).count == 1
    assert judge("gather_scatter", edges(rows, own=[3])).count == 0


def test_more_payers_than_the_limit_are_truncated_at_the_newest(edges, judge, limit):
    limit("gather_scatter", PATTERN_DEGREE=3)
    scatter = [("u", v, 50) for v in "xyz"]
    gather = [(p, "u", 100) for p in "abcd"]
    whole = judge("gather_scatter", edges(gather[1:] + scatter))
    more = judge("gather_scatter", edges(gather + scatter))
    assert (whole.count, whole.truncated) == (3, False)
    assert (more.count, more.truncated) == (3, True)
    assert [edge.payer for edge, role, _ in more.payments if role == "gather"] == ["b", "c", "d"]


def test_more_payees_than_the_limit_are_truncated_at_the_newest(edges, judge, limit):
    limit("gather_scatter", PATTERN_DEGREE=3)
    found = judge("gather_scatter", edges([(p, "u", 9) for p in "abc"] + [("u", v, 5) for v in "wxyz"]))
    assert (found.count, found.truncated) == (3, True)
    assert [edge.payee for edge, role, _ in found.payments if role == "scatter"] == ["x", "y", "z"]


def test_sums_of_zero_have_no_strength(edges, judge):
    found = judge("gather_scatter", edges([("a", "u", 0), ("u", "x", 0)]))
    assert (found.count, found.strength, found.share_retained) == (1, None, None)
