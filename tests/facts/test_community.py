"""Components and communities: examples worked by hand, a naive twin on random graphs, and the times of a refresh."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.checks.journals import random_journal
from headgate.facts.community import communities_of
from headgate.facts.engine import Engine, reference_fold
from headgate.facts.grammar import specs
from headgate.journal.entries import Payment, Rates
from headgate.limits import US_PER_DAY

NAMES = tuple(name for name, spec in specs().items() if "community" in spec.reads)
SIZES = ("payer_component_size", "payer_community_size", "payee_component_size", "payee_community_size")


def paid(seq: int, clock_us: int, payer: str, payee: str, status: str = "submitted") -> Payment:
    return Payment(
        seq=seq, clock_us=clock_us, ts_us=clock_us, tx_id=f"t{seq}", payer=payer, payee=payee, amount_minor=100,
        currency="EUR", status=status,  # type: ignore[arg-type]
    )  # fmt: skip


def test_two_rings_with_one_payment_between_them_are_two_communities_of_one_component() -> None:
    ring = [("a", "b"), ("b", "c"), ("c", "a")] * 2
    other = [("x", "y"), ("y", "z"), ("z", "x")] * 2
    found = communities_of([*ring, *other, ("a", "x"), ("p", "q")])
    assert found.number == {name: place for place, name in enumerate("abcxyzpq")}
    assert list(found.components.of) == [0, 0, 0, 0, 0, 0, 6, 6]
    assert list(found.communities.of) == [0, 0, 0, 3, 3, 3, 6, 6]
    assert (found.communities.inner[0], found.communities.touching[0]) == (6, 7)
    assert (found.communities.inner[3], found.communities.touching[3]) == (6, 7)


def test_an_own_label_stands_against_one_payment_only_where_it_is_smaller() -> None:
    assert list(communities_of([("a", "b")]).communities.of) == [0, 0]
    assert list(communities_of([]).communities.of) == []


def naive(pairs: list[tuple[str, str]]) -> tuple[list[int], list[int]]:
    names = list(dict.fromkeys(name for pair in pairs for name in pair))
    nodes = range(len(names))
    weight = [[0] * len(names) for _ in nodes]
    for payer, payee in pairs:
        weight[names.index(payer)][names.index(payee)] += 1
        weight[names.index(payee)][names.index(payer)] += 1
    component, labels = list(nodes), list(nodes)
    for _ in nodes:
        component = [min([component[i], *(component[j] for j in nodes if weight[i][j])]) for i in nodes]
    for _ in range(4):
        score = [[sum(weight[i][j] for j in nodes if labels[j] == k) + (labels[i] == k) for k in nodes] for i in nodes]
        labels = [row.index(max(row)) for row in score]
    return component, labels


@given(st.integers(0, 10**6), st.integers(0, 40), st.integers(2, 14))
def test_components_and_communities_are_those_of_the_naive_search(seed: int, payments: int, accounts: int) -> None:
    random = Random(seed)
    pairs = [tuple(random.sample([f"a{n}" for n in range(accounts)], 2)) for _ in range(payments)]
    found, (component, labels) = communities_of(pairs), naive(pairs)
    assert list(found.components.of) == component
    assert list(found.communities.of) == labels
    for groups, of in ((found.components, component), (found.communities, labels)):
        for label in set(of):
            ends = [[of[found.number[name]] == label for name in pair] for pair in pairs]
            assert groups.size[label] == of.count(label)
            assert groups.inner[label] == sum(all(both) for both in ends)
            assert groups.touching[label] == sum(any(both) for both in ends)


def test_the_facts_are_those_of_the_last_refresh_at_least_a_day_old() -> None:
    day = US_PER_DAY
    engine = Engine(("payer_component_size", "same_component"))
    engine.observe_one(paid(0, 10 * day, "a", "b"))
    engine.observe_one(paid(1, 10 * day + 1, "b", "c"))
    times = ((2, 11 * day - 1), (3, 11 * day), (4, 12 * day))
    seen = [engine.observe_one(paid(seq, clock_us, "a", "b")) for seq, clock_us in times]
    assert seen == [
        {"payer_component_size": 0, "same_component": False},
        {"payer_component_size": 2, "same_component": True},
        {"payer_component_size": 3, "same_component": True},
    ]


@pytest.mark.parametrize(("days", "size"), [(7, 2), (8, 2), (9, 0)])
def test_a_refresh_looks_back_a_week_from_its_own_time(days: int, size: int) -> None:
    engine = Engine(("payer_component_size",))
    engine.observe_one(paid(0, 10 * US_PER_DAY + 1, "a", "b"))
    assert engine.observe_one(paid(1, (10 + days) * US_PER_DAY, "a", "b")) == {"payer_component_size": size}


def test_the_edge_of_a_refresh_window_is_half_open() -> None:
    for late, size in ((0, 0), (1, 2)):
        engine = Engine(("payee_component_size",))
        engine.observe_one(paid(0, 10 * US_PER_DAY + late, "a", "b"))
        assert engine.observe_one(paid(1, 18 * US_PER_DAY, "a", "b")) == {"payee_component_size": size}


def test_an_account_outside_the_refresh_is_in_no_group_and_declined_payments_make_none() -> None:
    engine = Engine(NAMES)
    engine.observe_one(paid(0, 10 * US_PER_DAY, "a", "b", status="declined"))
    facts = engine.observe_one(paid(1, 11 * US_PER_DAY, "a", "b"))
    nothing = {"same_component": False, "same_community": False} | dict.fromkeys(SIZES, 0)
    assert facts == nothing | {"payer_community_inner_ratio": None, "payee_community_inner_ratio": None}


def test_communities_are_shown_by_the_payments_of_the_account_in_the_refresh() -> None:
    engine = Engine(NAMES)
    for seq, (payer, payee) in enumerate([("a", "b"), ("b", "a"), ("b", "c"), ("a", "c")]):
        engine.observe_one(paid(seq, 10 * US_PER_DAY, payer, payee))
    engine.observe_one(paid(4, 10 * US_PER_DAY + 1, "a", "late"))
    facts = engine.observe_one(paid(5, 11 * US_PER_DAY, "a", "c"))
    assert facts is not None
    assert (facts["payer_community_size"], facts["payer_community_inner_ratio"]) == (3, 1.0)
    shown = engine.evidence("payer_community_size").payments
    assert [(part.tx_id, part.role) for part in shown] == [("t0", "sent"), ("t1", "received"), ("t3", "sent")]
    assert [part.role for part in engine.evidence("same_community").payments] == ["judged"]


def test_every_payment_sees_the_refresh_that_its_clock_says() -> None:
    payments = [entry for entry in random_journal(61, 400, days=40) if isinstance(entry, Payment)]
    engine, sizes = Engine(NAMES), set()
    for place, payment in enumerate(payments):
        facts = engine.observe_one(payment)
        until = (payment.clock_us // US_PER_DAY - 1) * US_PER_DAY
        looked_at = [
            (old.payer, old.payee)
            for old in payments[:place]
            if until - 7 * US_PER_DAY < old.clock_us <= until and old.status != "declined"
        ]
        found = communities_of(looked_at)
        number = found.number.get(payment.payer)
        size = 0 if number is None else found.communities.size[found.communities.of[number]]
        assert facts is not None
        assert facts["payer_community_size"] == size
        sizes.add(size)
    assert len(sizes) > 5


def test_payments_of_no_coming_refresh_are_forgotten() -> None:
    engine = Engine(("payer_component_size",), make_fold=reference_fold)
    engine.observe_one(paid(0, 10 * US_PER_DAY, "a", "b"))
    for days, kept in ((17, 1), (18, 0)):
        engine.observe_one(Rates(seq=days, clock_us=days * US_PER_DAY, base="EUR", currency="USD", rate="1"))
        assert engine.sizes()["community"] == kept
