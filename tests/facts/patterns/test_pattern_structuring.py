"""Structuring against a count over the whole list, at the edges of its thresholds and at its limit."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

THRESHOLDS = (100_000, 300_000, 500_000, 1_000_000, 1_500_000)
AMOUNTS = st.sampled_from([89_999, 90_000, 95_000, 99_999, 100_000, 270_000, 299_999, 300_000, 1_499_999])


def band(amount):
    """The threshold that an amount is just below, by exact fractions."""
    return next((above for above in THRESHOLDS if Fraction(9, 10) <= Fraction(amount, above) < 1), None)


@given(data=st.data())
def test_structuring_is_what_the_payer_sent_below_the_same_threshold(graphs, judge, in_window, data):
    edges = [edge._replace(amount=data.draw(AMOUNTS)) for edge in data.draw(graphs())]
    last = edges[-1]
    same = [e for e in [*in_window(edges), last] if e.payer == last.payer and not e.own]
    legs = [edge for edge in same if band(edge.amount) == band(last.amount)]
    found = judge("structuring", edges)
    if band(last.amount) is None or last.own or len(legs) < 2:
        assert (found.count, found.strength, found.payments) == (0, None, ())
    else:
        assert found.count == len(legs)
        assert found.payments == tuple((edge, "below", 1) for edge in legs)
        assert found.strength == sum(edge.amount for edge in legs) / (len(legs) * band(last.amount))
    assert not found.truncated


def sums(*amounts):
    """One payer sends these amounts to one payee after another."""
    return [("u", f"v{n}", amount) for n, amount in enumerate(amounts)]


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_just_below_begins_at_nine_tenths_and_ends_before_the_threshold(edges, judge, threshold):
    least, most = threshold * 9 // 10, threshold - 1
    assert judge("structuring", edges(sums(least, most))).count == 2
    assert judge("structuring", edges(sums(least - 1, most))).count == 0
    assert judge("structuring", edges(sums(most, least - 1))).count == 0
    assert judge("structuring", edges(sums(threshold, least))).count == 0
    assert judge("structuring", edges(sums(most, threshold))).count == 0


def test_sums_below_another_threshold_do_not_count(edges, judge):
    found = judge("structuring", edges(sums(95_000, 290_000, 98_000, 480_000, 92_000)))
    assert (found.count, found.strength) == (3, 0.95)
    assert [(edge.seq, role, hop) for edge, role, hop in found.payments] == [(n, "below", 1) for n in (0, 2, 4)]


def test_sums_that_others_send_or_that_are_received_do_not_count(edges, judge):
    rows = [("a", "v", 95_000), ("a", "u", 95_000), ("u", "v", 95_000)]
    assert judge("structuring", edges(rows)).count == 0


def test_structuring_leaves_own_transfers_out(edges, judge):
    rows = sums(95_000, 95_000, 95_000)
    assert [judge("structuring", edges(rows, own=[i])).count for i in range(3)] == [2, 2, 0]


def test_more_payments_than_are_looked_at_are_truncated_at_the_newest(edges, judge, limit):
    limit("structuring", STRUCTURING_LOOKS=3)
    whole = judge("structuring", edges(sums(95_000, 7, 95_000, 95_000)))
    more = judge("structuring", edges(sums(95_000, 7, 95_000, 95_000, 95_000)))
    none = judge("structuring", edges(sums(95_000, 7, 7, 7, 95_000)))
    assert (whole.count, whole.truncated) == (3, False)
    assert (more.count, more.truncated) == (3, True)
    assert (none.count, none.truncated) == (0, True)


def test_a_payment_below_no_threshold_is_not_looked_at_and_not_truncated(edges, judge, limit):
    limit("structuring", STRUCTURING_LOOKS=1)
    found = judge("structuring", edges(sums(95_000, 95_000, 95_000, 50_000)))
    assert (found.count, found.truncated) == (0, False)


def test_the_real_limit_is_two_hundred_and_fifty_six_payments(edges, judge):
    found = judge("structuring", edges(sums(*[95_000] * 300)))
    assert (found.count, found.truncated) == (257, True)
