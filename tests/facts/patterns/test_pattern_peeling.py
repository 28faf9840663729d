"""Peeling chain against a search over all chains, and at its limits."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from headgate.facts.view import Edge


def chains_of(past, chain):
    """Every chain of at most five links that ends in `chain`, by plain recursion."""
    found = [chain]
    link = chain[0]
    accounts = {account for edge in chain for account in edge[2:4]}
    for edge in past if len(chain) < 5 else ():
        joins = edge.payee == link.payer and edge.seq < link.seq and edge.payer not in accounts
        if (
            joins
            and not edge.own
            and edge.amount
            and Fraction(1, 2) <= Fraction(link.amount, edge.amount) <= Fraction(49, 50)
        ):
            peels = peels_of(past, edge, link)
            leaves = Fraction(link.amount + sum(peel.amount for peel in peels), edge.amount)
            if peels and Fraction(9, 10) <= leaves <= Fraction(51, 50):
                found += chains_of(past, [edge, *chain])
    return found


def peels_of(past, received, link):
    sent = [edge for edge in past if edge.payer == link.payer and received.seq < edge.seq < link.seq]
    return [edge for edge in sent if edge.payee not in (link.payee, link.payer) and not edge.own]


def compared(found, past, last):
    chains = chains_of(past, [last]) if not last.own and last.amount and last.payer != last.payee else [[last]]
    best = max(chains, key=lambda chain: (len(chain), [edge.seq for edge in reversed(chain)]))
    links = [edge for edge, role, _ in found.payments if role == "link"]
    peels = {(edge, hop) for edge, role, hop in found.payments if role == "peel"}
    assert found.count == (len(best) if len(best) > 1 else 0)
    assert links == (best if len(best) > 1 else [])
    assert peels == {(p, i + 2) for i, pair in enumerate(pairwise(best)) for p in peels_of(past, *pair)}
    assert found.truncated == (len(best) == 5)
    assert found.strength == (min(1.0, last.amount / best[0].amount) if len(best) > 1 else None)
    return len(best)


@given(data=st.data())
def test_the_chain_is_the_longest_and_then_the_newest(graphs, judge, in_window, data):
    edges = data.draw(graphs())
    compared(judge("peeling", edges), in_window(edges), edges[-1])


@settings(max_examples=300)
@given(
    hops=st.lists(st.tuples(st.integers(48, 99), st.integers(0, 50), st.integers(0, 2)), min_size=1, max_size=6),
    noise=st.lists(st.tuples(*[st.sampled_from("abcdefxy")] * 2, st.integers(1, 999)), max_size=8),
    order=st.randoms(use_true_random=False),
)
@example(hops=[(80, 15, 1)] * 4, noise=[], order=None)
def test_planted_chains_are_found_as_the_plain_search_finds_them(edges, judge, hops, noise, order):
    amount, rows = 100_000, [("a", "b", 100_000)]
    for (percent, peeled, peels), payer, payee in zip(hops, "bcdefg", "cdefgh", strict=False):
        rows += [(payer, f"p{i}", amount * peeled // 100) for i in range(peels)]
        amount = amount * percent // 100
        rows.append((payer, payee, amount))
    for row in noise:
        rows.insert(order.randrange(len(rows)) if order else 0, row)
    payments = [Edge(i, 10**15 + i, *row, f"t{i}", False) for i, row in enumerate(rows)]
    compared(judge("peeling", payments), payments[:-1], payments[-1])


ROWS = [("a", "b", 1000), ("b", "x", 100), ("b", "c", 850), ("c", "y", 50), ("c", "z", 60), ("c", "d", 700)]


def test_a_peeling_chain_is_followed_to_its_start(edges, judge):
    found = judge("peeling", edges(ROWS))
    assert (found.count, found.strength, found.share_retained, found.truncated) == (3, 0.7, 0.3, False)
    assert [(edge.seq, role, hop) for edge, role, hop in found.payments] == [
        (0, "link", 1), (1, "peel", 2), (2, "link", 2), (3, "peel", 3), (4, "peel", 3), (5, "link", 3),
    ]  # fmt: skip


def test_a_sum_handed_on_whole_is_no_peeling(edges, judge):
    assert judge("peeling", edges([("a", "b", 1000), ("b", "c", 950)])).count == 0


@pytest.mark.parametrize(("link", "count"), [(49_999, 0), (50_000, 2), (98_000, 2), (98_001, 0)])
def test_a_link_is_fifty_to_ninety_eight_percent_of_what_came_in(edges, judge, link, count):
    peel = 100_000 - link if link <= 50_000 else 1
    assert judge("peeling", edges([("a", "b", 100_000), ("b", "x", peel), ("b", "c", link)])).count == count


@pytest.mark.parametrize(("peel", "count"), [(19_999, 0), (20_000, 2), (32_000, 2), (32_001, 0)])
def test_link_and_peels_are_ninety_to_a_hundred_and_two_percent(edges, judge, peel, count):
    assert judge("peeling", edges([("a", "b", 100_000), ("b", "x", peel), ("b", "c", 70_000)])).count == count


def test_money_sent_before_it_came_or_to_the_payee_itself_is_no_peel(edges, judge):
    assert judge("peeling", edges([("b", "x", 100), ("a", "b", 1000), ("b", "c", 900)])).count == 0
    assert judge("peeling", edges([("a", "b", 1000), ("b", "c", 100), ("b", "c", 900)])).count == 0


def test_own_transfers_are_no_link_and_no_peel(edges, judge):
    rows = [("a", "b", 1000), ("b", "x", 100), ("b", "c", 850)]
    assert [judge("peeling", edges(rows, own=[i])).count for i in range(3)] == [0, 0, 0]


def test_a_chain_of_five_links_may_be_longer_and_says_so(edges, judge):
    rows, amount = [("a", "b", 10_000)], 10_000
    for payer, payee in zip("bcdefg", "cdefgh", strict=True):
        rows.append((payer, "x", amount // 10))
        amount = amount * 9 // 10
        rows.append((payer, payee, amount))
    answers = {n: judge("peeling", edges(rows[:n])) for n in (7, 9, 13)}
    assert {n: (found.count, found.truncated) for n, found in answers.items()} == {
        7: (4, False), 9: (5, True), 13: (5, True),
    }  # fmt: skip


def test_peels_beyond_the_degree_are_not_looked_at(edges, judge, limit):
    limit("peeling", PATTERN_DEGREE=2)
    rows = [("a", "b", 1000), *[("b", "x", 50)] * 2, ("b", "c", 850)]
    assert (judge("peeling", edges(rows)).count, judge("peeling", edges(rows)).truncated) == (2, False)
    rows[1:1] = [("b", "x", 10), ("b", "y", 40)]
    rows[3:5] = [("b", "x", 10), ("b", "y", 10)]
    assert (judge("peeling", edges(rows)).count, judge("peeling", edges(rows)).truncated) == (0, True)


def test_payments_in_and_peels_share_the_steps(edges, judge, limit):
    expected = {1: (0, True), 2: (0, True), 3: (2, True), 4: (2, True), 5: (3, True), 6: (3, False)}
    for steps, answer in expected.items():
        limit("peeling", PATTERN_STEPS=steps)
        assert (judge("peeling", edges(ROWS)).count, judge("peeling", edges(ROWS)).truncated) == answer
