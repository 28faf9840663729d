"""Dormant account woken against a plain search, at its limits, and through the memory of the fold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.facts.engine import Engine, reference_fold
from headgate.journal.entries import Payment
from headgate.limits import DORMANT_US, MAX_WINDOW_US, PROFILE_HORIZON_US, US_PER_DAY, US_PER_HOUR

WINDOW_US = 6 * US_PER_HOUR
NAME = "dormant_woken"


def dated(edges, *days):
    """The same payments at these days."""
    return [edge._replace(clock_us=10**15 + int(day * US_PER_DAY)) for edge, day in zip(edges, days, strict=True)]


def expected(edges):
    """Count, strength and payments by plain search."""
    *past, last = edges
    theirs = [e for e in past if last.payer in (e.payer, e.payee) and e.clock_us > last.clock_us - PROFILE_HORIZON_US]
    before = [edge for edge in theirs if edge.clock_us <= last.clock_us - MAX_WINDOW_US]
    since = [*(edge for edge in theirs if edge.clock_us > last.clock_us - MAX_WINDOW_US), last]
    awake = any(edge.clock_us <= last.clock_us - WINDOW_US for edge in since)
    if last.own or awake or not before or since[0].clock_us - before[-1].clock_us < DORMANT_US:
        return 0, None, []
    woken = [edge for edge in since if not edge.own]
    return len(woken), (since[0].clock_us - before[-1].clock_us) / PROFILE_HORIZON_US, [before[-1], *woken]


@given(data=st.data())
def test_it_woke_where_a_long_silence_ends_in_the_window(graphs, judge, data):
    edges = data.draw(graphs())
    silences = data.draw(st.dictionaries(st.integers(0, 23), st.sampled_from([20, 70, 91, 200, 390]), max_size=3))
    edges = [
        e._replace(clock_us=e.clock_us + sum(d for at, d in silences.items() if at <= e.seq) * US_PER_DAY)
        for e in edges
    ]
    count, strength, payments = expected(edges)
    found = judge(NAME, edges)
    assert (found.count, found.strength, found.truncated) == (count, strength, False)
    assert [edge for edge, _, _ in found.payments] == payments


def test_an_account_that_slept_for_a_hundred_days_shows_its_last_payment_and_those_since(edges, judge):
    rows = dated(edges([("u", "a", 5), ("b", "u", 900), ("u", "v", 880)]), 0, 100, 100.1)
    found = judge(NAME, rows)
    assert (found.count, found.strength, found.truncated) == (2, 0.25, False)
    assert [(e.seq, role, hop) for e, role, hop in found.payments] == [
        (0, "before", 1),
        (1, "woken", 2),
        (2, "woken", 2),
    ]


def test_an_account_that_was_never_seen_or_paid_within_the_month_did_not_sleep(edges, judge):
    rows = edges([("u", "a", 5), ("u", "b", 5), ("u", "v", 5)])
    assert judge(NAME, dated(rows, 0, 100, 100.1)).count == 2
    assert judge(NAME, dated(rows, 0, 75, 100)).count == 0
    assert judge(NAME, dated(rows, 80, 100, 100.1)).count == 0
    assert judge(NAME, rows[2:]).count == 0


@pytest.mark.parametrize(("silence_us", "count"), [(DORMANT_US - 1, 0), (DORMANT_US, 1)])
def test_a_sleep_lasts_ninety_days(edges, judge, silence_us, count):
    first, last = edges([("a", "u", 5), ("u", "v", 5)])
    assert judge(NAME, [first, last._replace(clock_us=first.clock_us + silence_us)]).count == count


@pytest.mark.parametrize(("silence_us", "count"), [(PROFILE_HORIZON_US - 1, 1), (PROFILE_HORIZON_US, 0)])
def test_what_is_older_than_the_horizon_is_forgotten(edges, judge, silence_us, count):
    first, last = edges([("a", "u", 5), ("u", "v", 5)])
    assert judge(NAME, [first, last._replace(clock_us=first.clock_us + silence_us)]).count == count


def test_a_transfer_of_ones_own_is_a_sign_of_life_that_is_not_counted(edges, judge):
    rows = [("u", "a", 5), ("s", "u", 9), ("u", "v", 5)]
    woken_by_it = judge(NAME, dated(edges(rows, own=[1]), 0, 100, 100.1))
    kept_awake = judge(NAME, dated(edges(rows, own=[1]), 0, 60, 100.1))
    assert (woken_by_it.count, woken_by_it.strength) == (1, 0.25)
    assert [edge.seq for edge, _, _ in woken_by_it.payments] == [0, 2]
    assert kept_awake.count == 0
    assert judge(NAME, dated(edges(rows, own=[2]), 0, 100, 100.1)).count == 0


@pytest.mark.parametrize("leg", [("u", "w", 5), ("w", "u", 5)])
def test_more_payments_since_than_are_looked_at_are_truncated(edges, judge, limit, leg):
    limit(NAME, DORMANT_LOOKS=2)
    for since, answer in {2: (3, False), 3: (3, True)}.items():
        rows = edges([("u", "a", 5), *[leg] * since, ("u", "v", 5)])
        found = judge(NAME, dated(rows, 0, *[100] * since, 100))
        assert (found.count, found.truncated) == answer
        assert found.strength == 0.25


def engine():
    return Engine((f"{NAME}_24h", f"{NAME}_24h_strength"))


def paid(seq, day, payer, payee):
    clock_us = day * US_PER_DAY
    return Payment(
        seq=seq, clock_us=clock_us, ts_us=clock_us, tx_id=f"t{seq}", payer=payer, payee=payee, amount_minor=5,
        currency="EUR",
    )  # fmt: skip


def test_the_payment_before_the_sleep_is_remembered_over_a_snapshot_and_shown(tmp_path):
    before = engine()
    before.observe_one(paid(0, 0, "a", "u"))
    before.observe_one(paid(1, 40, "a", "b"))
    assert before.sizes()["keys.before_any"] == 2
    before.snapshot(tmp_path / "asleep")
    after = Engine.restore(tmp_path / "asleep")
    assert after.observe_one(paid(2, 100, "u", "v")) == {f"{NAME}_24h": 1, f"{NAME}_24h_strength": 0.25}
    shown = after.evidence(f"{NAME}_24h").payments
    assert [(part.tx_id, part.role, part.hop) for part in shown] == [("t0", "before", 1), ("t2", "woken", 2)]


def test_only_who_asks_for_it_remembers_the_payment_before_a_sleep():
    assert "keys.before_any" not in Engine(("fan_in_24h",), make_fold=reference_fold).sizes()
