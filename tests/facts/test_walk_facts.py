"""The walk of two steps that weighs the accounts around an account, against weights worked out by hand."""

from __future__ import annotations

import pytest

from headgate.facts.engine import Engine
from headgate.journal.entries import Outcome, Payment
from headgate.limits import US_PER_DAY, WALK_LOOKS

START = 40 * US_PER_DAY


def paid(seq: int, payer: str, payee: str, amount_minor: int) -> Payment:
    return Payment(
        seq=seq, clock_us=START + seq, ts_us=START + seq, tx_id=f"t{seq}", payer=payer, payee=payee,
        amount_minor=amount_minor, currency="EUR",
    )  # fmt: skip


def after(engine: Engine, payments: list[tuple[str, str, int]]) -> int:
    """Take payments; return the next place of the journal."""
    for seq, (payer, payee, amount) in enumerate(payments):
        engine.observe_one(paid(seq, payer, payee, amount))
    return len(payments)


def test_accounts_weigh_by_the_money_that_leads_to_them() -> None:
    measures = ("sent", "received", "payees", "payers")
    engine = Engine([f"payer_walk_on_{measure}_mean_7d" for measure in measures])
    seq = after(engine, [("a", "b", 300), ("a", "c", 100), ("b", "d", 50), ("b", "a", 150), ("x", "c", 7)])
    b, c = 0.85 * 0.75, 0.85 * 0.25  # d has a quarter of what b sent on; the rest came back to a
    d = b * (0.85 * 0.25)
    whole = b + c + d
    expected = [b * 200, b * 300 + c * 107 + d * 50, b * 2, b + 2 * c + d]
    facts = engine.observe_one(paid(seq, "a", "z", 1)) or {}
    assert list(facts.values()) == pytest.approx([value / whole for value in expected])
    assert [(part.seq, part.role) for part in engine.evidence("payer_walk_on_sent_mean_7d").payments] == [
        (0, "sent"),
        (1, "sent"),
    ]


def test_the_walk_may_meet_the_other_side_and_known_frauds() -> None:
    engine = Engine(["payee_walk_on_meets_ratio_28d", "payer_walk_back_fraud_ratio_28d"])
    seq = after(engine, [("a", "b", 100), ("b", "c", 100), ("c", "a", 100)])
    told = Outcome(
        seq=seq, clock_us=START + seq, outcome_id="o", tx_id="t1", payer="b", payee="q", amount_minor=100,
        currency="EUR", payment_clock_us=START, outcome="fraud", source="case",
    )  # fmt: skip
    assert engine.observe_one(told) is None
    facts = engine.observe_one(paid(seq + 1, "a", "b", 100)) or {}
    assert list(facts.values()) == pytest.approx([0.85 / 1.85] * 2)  # b pays c pays a; c paid a, and b paid c
    assert list((engine.observe_one(paid(seq + 2, "new", "newer", 1)) or {}).values()) == [None, None]


def test_a_step_follows_the_newest_payments() -> None:
    engine = Engine(["payee_walk_back_payees_mean_28d"])
    crowd = [("old", "shop", 1), ("old", "else", 1)] + [(f"p{n}", "shop", 1) for n in range(WALK_LOOKS)]
    facts = engine.observe_one(paid(after(engine, crowd), "x", "shop", 1))
    assert facts == {"payee_walk_back_payees_mean_28d": pytest.approx(1.0)}


def test_payments_of_nothing_lead_nowhere() -> None:
    engine = Engine(["payer_walk_on_sent_mean_7d"])
    facts = engine.observe_one(paid(after(engine, [("a", "b", 0)]), "a", "b", 1))
    assert facts == {"payer_walk_on_sent_mean_7d": None}
