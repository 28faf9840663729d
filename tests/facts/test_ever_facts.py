"""What is known of an account for ever survives any silence, and counts from its first payment."""

from __future__ import annotations

from typing import Any

import pytest

from headgate.checks.forgets import forgets
from headgate.checks.journals import random_journal
from headgate.errors import LawError
from headgate.facts.engine import Engine
from headgate.journal.entries import Payment
from headgate.limits import US_PER_DAY

NAMES = (
    "payer_known_days", "payee_known_days", "payer_sent_ever_count", "payer_received_ever_count",
    "payer_sent_ever_max", "payer_received_ever_max", "payee_received_ever_count", "payee_received_ever_max",
)  # fmt: skip


def paid(seq: int, days: float, payer: str, payee: str, amount_minor: int, **more: Any) -> Payment:
    clock_us = int(days * US_PER_DAY)
    return Payment(
        seq=seq, clock_us=clock_us, ts_us=clock_us, tx_id=f"t{seq}", payer=payer, payee=payee,
        amount_minor=amount_minor, currency="EUR", **more,
    )  # fmt: skip


def test_an_account_is_known_from_its_first_payment_on_however_long_ago() -> None:
    engine = Engine(NAMES)
    first = engine.observe_one(paid(0, 10, "a", "b", 100))
    assert first == dict(zip(NAMES, (None, None, 0, 0, None, None, 0, None), strict=True))
    engine.observe_one(paid(1, 12.5, "b", "a", 0))
    engine.observe_one(paid(2, 13, "a", "c", 10**9, status="declined"))
    facts = engine.observe_one(paid(3, 5_010, "a", "b", 7))
    assert facts == dict(zip(NAMES, (5_000.0, 5_000.0, 1, 1, 100, 0, 1, 100), strict=True))
    assert engine.evidence("payer_known_days").payments == ()


def test_a_declined_payment_makes_nobody_known() -> None:
    engine = Engine(("payer_known_days", "payee_known_days"))
    engine.observe_one(paid(0, 1, "a", "b", 100, status="declined"))
    assert engine.observe_one(paid(1, 2, "a", "b", 100)) == {"payer_known_days": None, "payee_known_days": None}
    assert engine.sizes()["ever"] == 0


def test_counts_and_maxima_are_what_a_pass_over_the_whole_journal_says() -> None:
    payments = [entry for entry in random_journal(31, 200, accounts=8, days=900) if isinstance(entry, Payment)]
    engine = Engine(("amount", "payee_sent_ever_count", "payee_sent_ever_max", "payer_known_days"))
    moved: list[tuple[Payment, int]] = []
    for payment in payments:
        if payment.currency != "EUR":
            continue
        facts = engine.observe_one(payment)
        sent = [amount for old, amount in moved if old.payer == payment.payee]
        seen = [old.clock_us for old, _ in moved if payment.payer in (old.payer, old.payee)]
        assert facts == {
            "amount": payment.amount_minor,
            "payee_sent_ever_count": len(sent),
            "payee_sent_ever_max": max(sent, default=None),
            "payer_known_days": (payment.clock_us - seen[0]) / 86_400_000_000.0 if seen else None,
        }
        if payment.status != "declined":
            moved.append((payment, payment.amount_minor))
    assert max(len(sent), len(seen)) > 10


def test_the_law_lets_these_facts_remember_and_no_others() -> None:
    journal = random_journal(32, 60)
    forgets(lambda: Engine((*NAMES, "payer_sent_count_24h")), journal)

    class Clings(Engine):
        def sizes(self) -> dict[str, int]:
            sizes = super().sizes()
            return {**sizes, "keys.profile": sizes["ever"]}

    with pytest.raises(LawError, match=r"after 401 days of silence|end with"):
        forgets(lambda: Clings(NAMES), journal)
