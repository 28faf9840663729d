"""Stack against a count over all pairs, and at its limits."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

LAYERS = [*product("ab", "mnu"), *product("mnu", "xv"), *product("c", "mu"), ("a", "x"), ("x", "u"), ("m", "m")]


def middles_of(past, last):
    """What each middle received and paid, the judged payer first, by plain search."""
    fit = [edge for edge in past if edge.payer != edge.payee]
    u, v = last.payer, last.payee
    newest = {(edge.payer, edge.payee): edge for edge in [*fit, last]}
    pairs = {pair: edge for pair, edge in newest.items() if not edge.own}
    if last.own or u == v:
        return []
    ins = {a for a, b in pairs if b == u and a != v}
    outs = {b for a, b in pairs if a == u}
    sources, sinks = ins - outs, outs - ins
    layers = [({s: pairs[s, u] for s in sources}, {k: pairs[u, k] for k in sinks})]
    for middle in {a for a, b in pairs if b == v} - ins - outs - {u}:
        before = [e for e in fit if e.payee == middle and not e.own and e.seq < pairs[middle, v].seq]
        received = {e.payer: e for e in before if e.payer in sources}
        layers.append((received, {k: pairs[middle, k] for k in sinks if (middle, k) in pairs}))
    return layers


def expected(past, last):
    """Count, strength and payments; the count by trying every width."""
    layers = middles_of(past, last)
    widths = [k for k in range(2, 99) if sum(min(map(len, sides)) >= k for sides in layers) >= k]
    if not widths:
        return 0, None, []
    chosen = [sides for sides in layers if min(map(len, sides)) >= max(widths)]
    pairs = len(chosen) * sum(map(len, layers[0]))
    payments = sorted(edge for sides in chosen for side in sides for edge in side.values())
    return max(widths), len(payments) / pairs, payments


@settings(max_examples=300)
@given(data=st.data())
def test_a_stack_is_the_widest_number_of_middles_with_as_many_sources_and_sinks(graphs, judge, in_window, data):
    edges = data.draw(st.one_of(graphs(most=40), graphs(most=60, among=LAYERS)))
    count, strength, payments = expected(in_window(edges), edges[-1])
    found = judge("stack", edges)
    assert (found.count, found.strength) == (count, strength)
    assert [edge for edge, _, _ in found.payments] == payments


def stack(sources="ab", middles="mu", sinks="xv", amount=100):
    """Every source pays every middle, every middle pays every sink; the last pair is judged."""
    return [(a, m, amount) for a in sources for m in middles] + [(m, k, amount) for m in middles for k in sinks]


def test_two_layers_of_two_are_a_stack_of_two(edges, judge):
    found = judge("stack", edges(stack()))
    assert (found.count, found.strength, found.share_retained, found.truncated) == (2, 1.0, None, False)
    roles = [(role, hop) for _, role, hop in found.payments]
    assert roles == [("first layer", 1)] * 4 + [("second layer", 2)] * 4


def test_a_stack_is_as_wide_as_its_narrowest_layer(edges, judge):
    assert judge("stack", edges(stack("abc", "mnu", "xyv"))).count == 3
    assert judge("stack", edges(stack("abc", "mu", "xyv"))).count == 2
    assert judge("stack", edges(stack("ab", "mnu", "xyv"))).count == 2
    assert judge("stack", edges(stack("abc", "mnu", "xv"))).count == 2
    assert judge("stack", edges(stack("abc", "mnu", "v"))).count == 0
    assert judge("stack", edges(stack("a", "mnu", "xyv"))).count == 0


def test_a_missing_pair_makes_a_stack_narrower_and_weaker(edges, judge):
    rows = stack("abc", "mnu", "xyv")
    rows.remove(("a", "m", 100))
    found = judge("stack", edges(rows))
    assert (found.count, found.strength) == (2, 17 / 18)


def test_what_a_middle_received_after_it_paid_is_no_first_layer(edges, judge):
    rows = stack()
    late = [*rows[1:-2], rows[0], *rows[-2:]]
    assert rows[0] == ("a", "m", 100)
    assert judge("stack", edges(late)).count == 0


def test_an_account_in_two_layers_is_in_none(edges, judge):
    wide = stack("abc", "mu", "xyv")
    assert judge("stack", edges([("u", "a", 9), *stack()])).count == 0
    assert judge("stack", edges([("u", "a", 9), *wide])).count == 2
    assert judge("stack", edges([("m", "u", 9), *wide])).count == 0
    assert judge("stack", edges([("v", "u", 9), *wide])).strength == 1.0


def test_a_stack_leaves_own_transfers_out(edges, judge):
    rows = stack()
    assert [judge("stack", edges(rows, own=[i])).count for i in range(8)] == [0] * 8


def test_more_accounts_in_a_layer_than_the_limit_are_truncated_at_the_newest(edges, judge, limit):
    limit("stack", PATTERN_DEGREE=2)
    assert judge("stack", edges(stack())).truncated is False
    for wider in (stack("abc"), stack(middles="mnu"), stack(sinks="xyv")):
        found = judge("stack", edges(wider))
        assert (found.count, found.strength, found.truncated) == (2, 1.0, True)


def test_more_payments_of_a_middle_than_are_looked_at_are_truncated(edges, judge, limit):
    limit("stack", LAYER_LOOKS=2)
    rows = stack()
    received = [*rows[:4], ("p", "m", 9), *rows[4:]]
    sent = [*rows[:6], ("m", "p", 9), *rows[6:]]
    paid_first = [*rows[:4], rows[5], rows[4], ("m", "p", 9), *rows[6:]]
    found = [judge("stack", edges(case)) for case in (rows, received, sent, paid_first)]
    assert [(f.count, f.truncated) for f in found] == [(2, False), (0, True), (0, True), (2, True)]


def test_more_looks_than_the_steps_are_truncated_at_the_newest_middles(edges, judge, limit):
    for steps, answer in {1: (0, True), 3: (0, True), 4: (2, True), 8: (2, False)}.items():
        limit("stack", PATTERN_STEPS=steps)
        found = judge("stack", edges(stack(middles="nmu")))
        assert (found.count, found.truncated) == answer


def test_a_middle_with_one_source_is_not_looked_at_further(edges, judge, limit):
    rows = [("a", "n", 9), ("m", "w", 9), *stack()]
    for steps, truncated in {5: True, 6: False}.items():
        limit("stack", PATTERN_STEPS=steps)
        found = judge("stack", edges([*rows[:-2], ("n", "v", 9), *rows[-2:]]))
        assert (found.count, found.truncated) == (2, truncated)


def test_real_limits_hold_for_hubs_in_every_layer(edges, judge):
    rows = [(f"a{a}", f"m{m}", 10) for a in range(70) for m in range(70)]
    rows += [(f"m{m}", f"k{k}", 10) for m in range(70) for k in range(70)]
    found = judge("stack", edges(rows))
    assert (found.count, found.truncated) == (16, True)
