"""Scatter-gather against a search over the whole list, and at its limits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st


def newest(edges):
    return max(edges, default=None)


def widest(past, last):
    """The legs of the source with most intermediaries, by trying every source and every intermediary."""
    accounts = {edge.payer for edge in past} - {last.payer, last.payee}
    best = []
    for source in accounts if not last.own else ():
        entry = newest(e for e in past if (e.payer, e.payee) == (source, last.payer))
        if entry is None or entry.own:
            continue
        legs = [(entry, last)]
        for middle in accounts - {source}:
            second = newest(e for e in past if (e.payer, e.payee) == (middle, last.payee))
            early = [e for e in past if second and (e.payer, e.payee) == (source, middle) and e < second]
            if early and not second.own and not newest(early).own:
                legs.append((newest(early), second))
        best = max(best, legs, key=lambda chosen: (len(chosen), chosen[0][0].seq if chosen else -1))
    return best


@given(data=st.data())
def test_scatter_gather_is_the_source_with_most_intermediaries(graphs, judge, in_window, data):
    edges = data.draw(graphs())
    legs = widest(in_window(edges), edges[-1])
    found = judge("scatter_gather", edges)
    paid, passed = sum(a.amount for a, _ in legs), sum(min(a.amount, b.amount) for a, b in legs)
    assert found.count == len(legs)
    assert [edge for edge, _, _ in found.payments] == sorted(edge for leg in legs for edge in leg)
    assert found.strength == (passed / paid if paid else None)
    assert found.share_retained == ((paid - passed) / paid if paid else None)


def diamond(source="s", middles="abc", sink="v", amount=100, kept=10):
    scatter = [(source, m, amount) for m in middles]
    return scatter + [(m, sink, amount - kept) for m in middles]


def test_three_intermediaries_are_three_and_show_what_they_kept(edges, judge):
    found = judge("scatter_gather", edges(diamond()))
    assert (found.count, found.strength, found.share_retained) == (3, 0.9, 0.1)
    assert [(role, hop) for _, role, hop in found.payments] == [("scatter", 1)] * 3 + [("gather", 2)] * 3


def test_an_intermediary_that_paid_before_it_was_paid_does_not_count(edges, judge):
    rows = [("b", "v", 90), ("s", "a", 100), ("s", "b", 100), ("a", "v", 90)]
    assert judge("scatter_gather", edges(rows)).count == 1


def test_an_older_payment_counts_when_the_newest_came_too_late(edges, judge):
    rows = [("s", "b", 100), ("b", "v", 90), ("s", "b", 7), ("s", "a", 100), ("a", "v", 90)]
    found = judge("scatter_gather", edges(rows))
    assert (found.count, found.strength) == (2, 0.9)


def test_the_newest_of_several_payments_before_the_leg_is_the_one_shown(edges, judge):
    rows = [("s", "b", 50), ("s", "b", 100), ("b", "v", 90), ("s", "b", 7), ("q", "w", 1), ("s", "a", 100)]
    found = judge("scatter_gather", edges([*rows, ("w", "v", 1), ("a", "v", 90)]))
    assert [edge.seq for edge, role, _ in found.payments if role == "scatter"] == [1, 5]


def test_equally_wide_sources_are_decided_by_the_newest_payment_to_the_payer(edges, judge):
    rows = [("s", "a", 1), ("r", "a", 1), ("r", "b", 1), ("s", "b", 1), ("a", "v", 1), ("b", "v", 1)]
    found = judge("scatter_gather", edges(rows))
    assert {edge.payer for edge, role, _ in found.payments if role == "scatter"} == {"s"}


def test_a_payer_without_inflow_completes_nothing(edges, judge):
    assert judge("scatter_gather", edges([("s", "b", 1), ("b", "v", 1), ("a", "v", 1)])).count == 0


def test_scatter_gather_leaves_own_transfers_out(edges, judge):
    rows = diamond()
    assert [judge("scatter_gather", edges(rows, own=[i])).count for i in range(6)] == [2, 2, 0, 2, 2, 0]


def test_more_sources_than_the_limit_are_truncated_at_the_newest(edges, judge, limit):
    limit("scatter_gather", PATTERN_DEGREE=2)
    strangers = [("p", "b", 5), ("q", "b", 5)]
    wide, cut = diamond(middles="ab"), diamond(middles="ab")
    cut[2:2] = strangers
    assert (judge("scatter_gather", edges(wide)).count, judge("scatter_gather", edges(wide)).truncated) == (2, False)
    found = judge("scatter_gather", edges(cut))
    assert (found.count, found.truncated) == (1, True)


def test_more_payers_of_the_sink_than_the_limit_are_truncated(edges, judge, limit):
    limit("scatter_gather", PATTERN_DEGREE=2)
    rows = diamond(middles="ab")
    rows[3:3] = [("p", "v", 5), ("q", "v", 5)]
    found = judge("scatter_gather", edges(rows))
    assert (found.count, found.truncated) == (1, True)


def test_more_payees_of_the_source_than_the_limit_are_truncated(edges, judge, limit):
    limit("scatter_gather", PATTERN_DEGREE=2)
    rows = [("s", "a", 9), *diamond(middles="bc"), ("a", "v", 9), ("s", "d", 9), ("s", "c", 9), ("c", "v", 9)]
    found = judge("scatter_gather", edges(rows))
    assert (found.count, found.truncated) == (1, True)


def test_more_payments_than_the_steps_are_truncated_at_the_first_sources(edges, judge, limit):
    rows = diamond(middles="abc")
    rows[3:3] = [("r", "x", 5), ("r", "y", 5), ("r", "c", 5)]
    expected = {1: (1, True), 3: (1, True), 5: (2, True), 6: (3, False)}
    for steps, answer in expected.items():
        limit("scatter_gather", PATTERN_STEPS=steps)
        found = judge("scatter_gather", edges(rows))
        assert (found.count, found.truncated) == answer


def test_more_payments_than_the_steps_are_truncated_at_the_first_intermediaries(edges, judge, limit):
    rows = [("p", "c", 5), ("q", "c", 5), *diamond(middles="abc")]
    expected = {1: (2, True), 2: (3, False)}
    for steps, answer in expected.items():
        limit("scatter_gather", PATTERN_STEPS=steps)
        found = judge("scatter_gather", edges(rows))
        assert (found.count, found.truncated) == answer


def test_more_payments_to_an_intermediary_than_the_limit_are_truncated(edges, judge, limit):
    limit("scatter_gather", PATTERN_DEGREE=2)
    rows = [("s", "a", 9), ("p", "a", 9), ("q", "a", 9), ("a", "v", 9), ("r", "b", 9), ("s", "b", 9), ("b", "v", 9)]
    assert (judge("scatter_gather", edges(rows)).count, judge("scatter_gather", edges(rows)).truncated) == (1, True)
    del rows[1]
    assert (judge("scatter_gather", edges(rows)).count, judge("scatter_gather", edges(rows)).truncated) == (2, False)


def test_real_limits_hold_for_hubs_on_every_side(edges, judge):
    rows = [(f"s{s}", f"m{m}", 10) for s in range(70) for m in range(70)]
    rows += [(f"m{m}", "v", 10) for m in range(70)]
    found = judge("scatter_gather", edges(rows))
    assert (found.count, found.truncated) == (64, True)


def test_sums_of_zero_have_no_strength(edges, judge):
    found = judge("scatter_gather", edges([("s", "a", 0), ("a", "v", 0)]))
    assert (found.count, found.strength, found.share_retained) == (1, None, None)
