"""Bipartite against a count over all pairs, and at its limits."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

SIDES = [*product("abcd", "wxyz"), ("a", "b"), ("w", "a"), ("d", "d")]


def sides_of(past, last):
    """The payees, and what each payer paid of them, by plain search over the newest payment of each pair."""
    if last.own or last.payer == last.payee:
        return set(), {}
    newest = {(edge.payer, edge.payee): edge for edge in [*past, last]}
    pairs = {pair: edge for pair, edge in newest.items() if not edge.own and pair[0] != pair[1]}
    payees = {payee for payer, payee in pairs if payer == last.payer}
    payers = {payer for payer, payee in pairs if payee == last.payee}
    both = payers & payees
    payees -= both
    return payees, {a: [pairs[a, b] for b in payees if (a, b) in pairs] for a in payers - both}


def expected(past, last):
    """Count, strength and payments; the count by trying every width."""
    payees, legs = sides_of(past, last)
    widths = [k for k in range(2, 99) if sum(len(paid) >= k for paid in legs.values()) >= k]
    if not widths:
        return 0, None, []
    chosen = [paid for paid in legs.values() if len(paid) >= max(widths)]
    share = sum(map(len, chosen)) / (len(chosen) * len(payees))
    return max(widths), share, sorted(edge for paid in chosen for edge in paid)


@settings(max_examples=200)
@given(data=st.data())
def test_bipartite_is_the_widest_number_of_payers_with_as_many_payees(graphs, judge, in_window, data):
    edges = data.draw(st.one_of(graphs(), graphs(most=40, among=SIDES)))
    count, strength, payments = expected(in_window(edges), edges[-1])
    found = judge("bipartite", edges)
    assert (found.count, found.strength, found.truncated) == (count, strength, False)
    assert [edge for edge, _, _ in found.payments] == payments


def between(payers, payees, last=("u", "v"), amount=100):
    """Every payer pays every payee, the judged payment last."""
    rows = [(a, b, amount) for a in payers for b in payees if (a, b) != last]
    return [*rows, (*last, amount)]


def test_three_payers_of_the_same_three_payees_are_three(edges, judge):
    found = judge("bipartite", edges(between("abu", "xyv")))
    assert (found.count, found.strength, found.share_retained, found.truncated) == (3, 1.0, None, False)
    assert [edge.seq for edge, _, _ in found.payments] == list(range(9))
    assert {(role, hop) for _, role, hop in found.payments} == {("across", 1)}


def test_a_missing_pair_makes_it_narrower_and_weaker(edges, judge):
    found = judge("bipartite", edges(between("abu", "xyv")[1:]))
    assert (found.count, found.strength) == (2, 8 / 9)


def test_a_payer_of_the_payee_alone_takes_no_part(edges, judge):
    found = judge("bipartite", edges([("c", "v", 100), *between("au", "xv")]))
    assert (found.count, found.strength) == (2, 1.0)
    assert {edge.payer for edge, _, _ in found.payments} == {"a", "u"}


def test_one_payer_or_one_payee_is_no_side(edges, judge):
    assert judge("bipartite", edges(between("u", "wxyzv"))).count == 0
    assert judge("bipartite", edges(between("abcdu", "v"))).count == 0


def test_an_account_on_both_sides_counts_on_neither(edges, judge):
    assert judge("bipartite", edges([("u", "a", 100), *between("abu", "xyv")])).count == 2


def test_a_pair_that_paid_twice_stands_for_its_newest_payment(edges, judge):
    found = judge("bipartite", edges([("a", "x", 5), *between("au", "xv")]))
    assert [edge.seq for edge, _, _ in found.payments] == [1, 2, 3, 4]


def test_bipartite_leaves_own_transfers_out(edges, judge):
    rows = between("abu", "xyv")
    assert [judge("bipartite", edges(rows, own=[i])).count for i in range(9)] == [2] * 8 + [0]


def test_more_payees_than_the_limit_are_truncated_at_the_newest(edges, judge, limit):
    limit("bipartite", PATTERN_DEGREE=3)
    whole, more = (judge("bipartite", edges(between("abu", payees))) for payees in ("xyv", "wxyv"))
    assert (whole.count, whole.truncated) == (3, False)
    assert (more.count, more.strength, more.truncated) == (3, 1.0, True)


def test_more_payers_than_the_limit_are_truncated_at_the_newest(edges, judge, limit):
    limit("bipartite", PATTERN_DEGREE=2)
    whole, more = (judge("bipartite", edges(between(payers, "xv"))) for payers in ("au", "bau"))
    assert (whole.count, whole.truncated) == (2, False)
    assert (more.count, more.truncated) == (2, True)
    assert {edge.payer for edge, _, _ in more.payments} == {"a", "u"}


def test_more_payees_of_another_payer_than_are_looked_at_are_truncated(edges, judge, limit):
    limit("bipartite", LAYER_LOOKS=2)
    rows = [("a", "x", 100), ("a", "v", 100), *between("u", "xv")]
    whole = judge("bipartite", edges(rows))
    beyond_the_shared_one = judge("bipartite", edges([*rows[:2], ("a", "p", 1), ("a", "q", 1), *rows[2:]]))
    beyond_the_judged_one = judge("bipartite", edges([rows[1], rows[0], ("a", "p", 1), *rows[2:]]))
    assert (whole.count, whole.truncated) == (2, False)
    assert (beyond_the_shared_one.count, beyond_the_shared_one.truncated) == (0, True)
    assert (beyond_the_judged_one.count, beyond_the_judged_one.truncated) == (2, True)


def test_more_looks_than_the_steps_are_truncated_at_the_newest_payers(edges, judge, limit):
    for steps, answer in {1: (0, True), 3: (2, True), 6: (3, True), 9: (3, False)}.items():
        limit("bipartite", PATTERN_STEPS=steps)
        found = judge("bipartite", edges(between("bacu", "xyv")))
        assert (found.count, found.truncated) == answer


def test_real_limits_hold_for_hubs_on_both_sides(edges, judge):
    rows = [(f"a{a}", f"b{b}", 10) for a in range(70) for b in range(70)]
    found = judge("bipartite", edges(rows))
    assert (found.count, found.truncated) == (16, True)
