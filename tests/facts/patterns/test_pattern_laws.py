"""What holds for every pattern of the folder, also for those added later."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headgate.facts.patterns import patterns

NAMES = sorted(patterns())
STEPS = ("PATTERN_STEPS", "CYCLE_STEPS", "SIMPLE_CYCLE_STEPS")
tight = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_the_folder_holds_the_six_patterns():
    expected = {"fan_in", "fan_out", "gather_scatter", "pass_through", "scatter_gather", "temporal_cycle"}
    assert expected <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_sentence_for_an_analyst_ends_with_a_full_stop(name):
    assert patterns()[name].sentence.endswith(".")
    assert patterns()[name].name == name


def small_limits(data):
    return {"PATTERN_DEGREE": data.draw(st.integers(1, 4)), **dict.fromkeys(STEPS, data.draw(st.integers(1, 12)))}


def renamed(edges, names):
    return [edge._replace(payer=names[edge.payer], payee=names[edge.payee]) for edge in edges]


@pytest.mark.parametrize("name", NAMES)
@tight
@given(data=st.data())
def test_renaming_accounts_changes_nothing_even_where_the_search_is_cut(name, graphs, judge, limit, data):
    limit(name, **small_limits(data))
    edges = data.draw(graphs())
    names = dict(zip("abcdef", data.draw(st.permutations("abcdef")), strict=True))
    found, again = judge(name, edges), judge(name, renamed(edges, names))
    back = {new: old for old, new in names.items()}
    payments = tuple((renamed([edge], back)[0], role, hop) for edge, role, hop in again.payments)
    assert found == replace(again, payments=payments)


@pytest.mark.parametrize("name", NAMES)
@tight
@given(data=st.data())
def test_an_answer_that_is_not_truncated_is_the_unlimited_one(name, graphs, judge, limit, data):
    edges = data.draw(graphs())
    limit(name, PATTERN_DEGREE=64, **dict.fromkeys(STEPS, 100_000))
    unlimited = judge(name, edges)
    limit(name, **small_limits(data))
    limited = judge(name, edges)
    assert limited.truncated or limited == unlimited


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_the_witness_is_in_time_order_and_ends_with_the_judged_payment(name, graphs, judge, data):
    edges = data.draw(graphs())
    found = judge(name, edges)
    payments = [edge for edge, _, _ in found.payments]
    assert payments == sorted(set(payments))
    assert payments[-1:] == ([edges[-1]] if found.count else [])
    assert all(role and hop >= 1 and not edge.own for edge, role, hop in found.payments)
    assert judge(name, edges, witness=False) == replace(found, payments=())


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_strength_and_share_retained_lie_between_zero_and_one(name, graphs, judge, data):
    found = judge(name, data.draw(graphs()))
    assert found.strength is None or 0.0 <= found.strength <= 1.0
    assert found.share_retained is None or 0.0 <= found.share_retained <= 1.0
    assert found.count or (found.strength, found.share_retained) == (None, None)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_payments_to_oneself_change_nothing(name, graphs, judge, data):
    edges = data.draw(graphs(to_self=True))
    if edges[-1].payer == edges[-1].payee:
        assert judge(name, edges).count == 0
    else:
        without = [edge for edge in edges if edge.payer != edge.payee]
        assert judge(name, edges) == judge(name, without)


@pytest.mark.parametrize("name", ["temporal_cycle", "pass_through"])
@given(data=st.data())
def test_cycles_and_chains_are_as_if_own_transfers_had_never_been(name, graphs, judge, data):
    edges = data.draw(graphs())
    if edges[-1].own:
        assert judge(name, edges).count == 0
    else:
        assert judge(name, edges) == judge(name, [edge for edge in edges if not edge.own])


@pytest.mark.parametrize("name", NAMES)
def test_a_first_payment_completes_at_most_a_fan_of_one(name, edges, judge):
    assert judge(name, edges([("a", "b", 100)])).count == (1 if name.startswith("fan") else 0)
