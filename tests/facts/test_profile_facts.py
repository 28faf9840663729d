"""Profiles count the closed days before a payment's own day, and agree with sums over the whole journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from headgate.checks.journals import random_journal
from headgate.errors import SnapshotError, UnknownFactError
from headgate.facts.engine import Engine
from headgate.facts.reference import ReferenceFold
from headgate.journal.entries import Payment, Rates
from headgate.limits import US_PER_DAY

DAY = 1_000 * US_PER_DAY
KEYS: dict[str, Callable[[Payment, Payment], bool]] = {
    "payer_sent": lambda old, new: old.payer == new.payer,
    "payer_received": lambda old, new: old.payee == new.payer,
    "payee_sent": lambda old, new: old.payer == new.payee,
    "payee_received": lambda old, new: old.payee == new.payee,
    "pair_sent": lambda old, new: (old.payer, old.payee) == (new.payer, new.payee),
    "reverse_pair_sent": lambda old, new: (old.payee, old.payer) == (new.payer, new.payee),
}


def paid(seq: int, clock_us: int, amount_minor: int = 100, **more: Any) -> Payment:
    values: dict[str, Any] = {"payer": "a", "payee": "b", "currency": "EUR", **more}
    return Payment(
        seq=seq, clock_us=clock_us, ts_us=clock_us, tx_id=f"t{seq}", amount_minor=amount_minor, **values
    )  # fmt: skip


def expected(key: str, days: int, before: list[Payment], now: Payment) -> dict[str, float | int | None]:
    today = now.clock_us // US_PER_DAY
    closed = [
        old
        for old in before
        if KEYS[key](old, now) and old.status != "declined" and today - days <= old.clock_us // US_PER_DAY < today
    ]
    amounts = [old.amount_minor for old in closed]
    return {
        f"{key}_count_{days}d": len(amounts),
        f"{key}_sum_{days}d": float(sum(amounts)),
        f"{key}_mean_{days}d": sum(amounts) / len(amounts) if amounts else None,
        f"{key}_max_{days}d": max(amounts, default=None),
        f"{key}_active_days_{days}d": len({old.clock_us // US_PER_DAY for old in closed}),
    }


@pytest.mark.parametrize("key", KEYS)
def test_profiles_are_what_a_pass_over_the_whole_journal_says(key: str) -> None:
    journal = random_journal(21, 300, accounts=6, days=700)
    payments = [entry for entry in journal if isinstance(entry, Payment) and entry.currency == "EUR"]
    engine = Engine([name for days in (90, 400) for name in expected(key, days, [], payments[0])])
    for place, payment in enumerate(payments):
        facts = engine.observe_one(payment)
        before = payments[:place]
        assert facts == expected(key, 90, before, payment) | expected(key, 400, before, payment)
    assert facts is not None
    assert facts[f"{key}_count_400d"] > facts[f"{key}_count_90d"]


@pytest.mark.parametrize(
    ("days_ago", "n90", "n400"), [(0, 0, 0), (1, 1, 1), (90, 1, 1), (91, 0, 1), (400, 0, 1), (401, 0, 0)]
)
def test_a_profile_holds_whole_days_and_today_is_none_of_them(days_ago: int, n90: int, n400: int) -> None:
    engine = Engine(("payer_sent_count_90d", "payer_sent_count_400d"))
    engine.observe_one(paid(0, DAY - days_ago * US_PER_DAY))
    facts = engine.observe_one(paid(1, DAY + US_PER_DAY - 1))
    assert facts == {"payer_sent_count_90d": n90, "payer_sent_count_400d": n400}


def test_a_key_is_dropped_when_its_newest_day_leaves_the_horizon() -> None:
    engine = Engine(("payer_sent_count_400d",))
    engine.observe_one(paid(0, DAY))
    rate = Rates(seq=1, clock_us=DAY + 400 * US_PER_DAY, base="EUR", currency="USD", rate="1")
    engine.observe_one(rate)
    assert engine.sizes()["keys.profile_sent"] == 1
    engine.observe_one(Rates(seq=2, clock_us=DAY + 401 * US_PER_DAY, base="EUR", currency="USD", rate="1"))
    assert engine.sizes()["keys.profile_sent"] == 0


def test_an_amount_is_compared_with_the_mean_of_months() -> None:
    names = ("payer_amount_ratio_90d", "payee_amount_ratio_90d", "pair_amount_ratio_400d")
    engine = Engine(names)
    engine.observe_one(paid(0, DAY, 100))
    engine.observe_one(paid(1, DAY, 300))
    engine.observe_one(paid(2, DAY, 200, payee="c"))
    engine.observe_one(paid(3, DAY + 1, 10**9, status="declined"))
    facts = engine.observe_one(paid(4, DAY + US_PER_DAY, 500))
    assert facts == {names[0]: 2.5, names[1]: 2.5, names[2]: 2.5}
    assert [part.role for part in engine.evidence(names[0]).payments] == ["judged"]
    unseen = engine.observe_one(paid(5, DAY + US_PER_DAY, payer="x", payee="y"))
    assert unseen == {names[0]: None, names[1]: None, names[2]: None}


def test_the_suggested_name_keeps_the_horizon_of_a_profile() -> None:
    with pytest.raises(UnknownFactError, match="Did you mean 'payer_sent_sum_400d'"):
        Engine(("payer_sent_sums_400d",))


def test_a_state_without_the_buckets_is_refused() -> None:
    other = ReferenceFold(("payer_sent_count_24h",)).state()
    with pytest.raises(SnapshotError, match="cannot be read"):
        ReferenceFold(("payer_sent_count_90d",)).load(other)
