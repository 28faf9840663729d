"""Fan-in and fan-out against a count over the whole list, and at their limit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

SIDES = {"fan_out": ("payer", "payee"), "fan_in": ("payee", "payer")}


def turned(name, rows):
    """The rows of a fan-out, or its mirror image for a fan-in."""
    return rows if name == "fan_out" else [(payee, payer, amount) for payer, payee, amount in rows]


def legs_of(name, past, last):
    """The newest payment with each counterparty of the hub, own transfers left out, by plain search."""
    hub, other = SIDES[name]
    if last.own:
        return []
    newest = {}
    for edge in past:
        if getattr(edge, hub) == getattr(last, hub):
            newest[getattr(edge, other)] = edge
    newest[getattr(last, other)] = last
    return sorted(edge for edge in newest.values() if not edge.own)


@pytest.mark.parametrize("name", SIDES)
@given(data=st.data())
def test_a_fan_is_the_newest_payment_with_each_counterparty(name, graphs, judge, in_window, data):
    edges = data.draw(graphs())
    legs = legs_of(name, in_window(edges), edges[-1])
    found = judge(name, edges)
    amounts = [edge.amount for edge in legs]
    assert found.count == len(legs)
    assert [edge for edge, _, _ in found.payments] == legs
    assert found.strength == (sum(amounts) / (len(amounts) * max(amounts)) if any(amounts) else None)
    assert not found.truncated


@pytest.mark.parametrize("name", SIDES)
def test_a_fan_at_the_limit_of_degree_is_whole_and_one_more_is_truncated(name, edges, judge, limit):
    limit(name, PATTERN_DEGREE=3)
    rows = turned(name, [("u", f"v{i}", 10) for i in range(4)])
    whole, more = judge(name, edges(rows[:3])), judge(name, edges(rows))
    assert (whole.count, whole.truncated) == (3, False)
    assert (more.count, more.truncated) == (3, True)
    assert [edge.seq for edge, _, _ in more.payments] == [1, 2, 3]


@pytest.mark.parametrize("name", SIDES)
def test_a_fan_of_a_hub_stops_at_sixty_four_counterparties(name, edges, judge):
    rows = turned(name, [("u", f"v{i}", 10) for i in range(200)])
    found = judge(name, edges(rows))
    assert (found.count, found.truncated, len(found.payments)) == (64, True, 64)


@pytest.mark.parametrize("name", SIDES)
def test_a_counterparty_met_again_is_no_reason_to_truncate(name, edges, judge, limit):
    limit(name, PATTERN_DEGREE=3)
    found = judge(name, edges(turned(name, [("u", v, 10) for v in "abcc"])))
    assert (found.count, found.truncated) == (3, False)


@pytest.mark.parametrize("name", SIDES)
def test_a_fan_of_equal_amounts_is_even_and_one_large_leg_makes_it_uneven(name, edges, judge):
    even = edges(turned(name, [("u", v, 500) for v in "abcd"]))
    uneven = [replace_amount(edge, 5000 if edge.seq == 2 else 500) for edge in even]
    assert judge(name, even).strength == 1.0
    assert judge(name, uneven).strength == 6500 / 20000


def replace_amount(edge, amount):
    return edge._replace(amount=amount)


@pytest.mark.parametrize("name", SIDES)
def test_a_fan_leaves_own_transfers_out_and_is_nothing_when_it_would_end_in_one(name, edges, judge):
    rows = turned(name, [("u", v, 10) for v in "abc"])
    assert judge(name, edges(rows, own=[0])).count == 2
    ends_in_own = judge(name, edges(rows, own=[2]))
    assert (ends_in_own.count, ends_in_own.strength, ends_in_own.payments) == (0, None, ())


@pytest.mark.parametrize("name", SIDES)
def test_a_fan_without_witness_says_the_same_without_payments(name, edges, judge):
    rows = edges(turned(name, [("u", v, 10) for v in "abc"]))
    assert judge(name, rows, witness=False) == replace(judge(name, rows), payments=())
