"""An account is compared with what all accounts of its type did in closed days, by the type known at each payment."""

from __future__ import annotations

from typing import Any

from headgate.checks.journals import random_journal
from headgate.facts.engine import Engine
from headgate.journal.entries import Account, Payment
from headgate.limits import US_PER_DAY

PAYER, PAYEE = "payer_peer_amount_ratio_28d", "payee_peer_amount_ratio_28d"
DAY = 100 * US_PER_DAY


def paid(seq: int, clock_us: int, payer: str, payee: str, amount_minor: int, **more: Any) -> Payment:
    return Payment(
        seq=seq, clock_us=clock_us, ts_us=clock_us, tx_id=f"t{seq}", payer=payer, payee=payee,
        amount_minor=amount_minor, currency="EUR", **more,
    )  # fmt: skip


def typed(seq: int, clock_us: int, account: str, account_type: str | None) -> Account:
    return Account(seq=seq, clock_us=clock_us, account=account, account_type=account_type)


def test_an_amount_is_compared_with_what_the_same_type_of_account_sends() -> None:
    engine = Engine((PAYER, PAYEE))
    for seq, (account, kind) in enumerate([("s1", "student"), ("s2", "student"), ("f", "firm")]):
        engine.observe_one(typed(seq, DAY, account, kind))
    engine.observe_one(paid(3, DAY, "s1", "f", 100))
    engine.observe_one(paid(4, DAY, "s2", "f", 300))
    engine.observe_one(paid(5, DAY, "f", "s1", 50_000))
    engine.observe_one(paid(6, DAY, "s1", "f", 10**9, status="declined"))
    assert engine.observe_one(paid(7, DAY + 1, "s1", "f", 400)) == {PAYER: None, PAYEE: None}
    facts = engine.observe_one(paid(8, DAY + US_PER_DAY, "s2", "s1", 1_000))
    assert facts == {PAYER: 1_000 * 3 / 800, PAYEE: 1_000 / 50_000}
    assert [part.role for part in engine.evidence(PAYER).payments] == ["judged"]


def test_a_group_is_what_the_account_was_when_the_payment_was_seen() -> None:
    engine = Engine((PAYER,))
    engine.observe_one(paid(0, DAY, "a", "b", 10**6))
    engine.observe_one(typed(1, DAY, "a", "current"))
    engine.observe_one(paid(2, DAY, "a", "b", 100))
    engine.observe_one(typed(3, DAY, "a", "savings"))
    assert engine.observe_one(paid(4, DAY + US_PER_DAY, "a", "b", 100)) == {PAYER: None}
    engine.observe_one(typed(5, DAY + US_PER_DAY, "x", "current"))
    assert engine.observe_one(paid(6, DAY + US_PER_DAY, "x", "b", 250)) == {PAYER: 2.5}
    assert engine.observe_one(paid(7, DAY + US_PER_DAY, "untold", "b", 250)) == {PAYER: None}


def test_peers_are_forgotten_after_28_closed_days() -> None:
    for days, ratio in ((28, 2.0), (29, None)):
        engine = Engine((PAYER,))
        engine.observe_one(typed(0, DAY, "a", "current"))
        engine.observe_one(paid(1, DAY, "a", "b", 50))
        assert engine.observe_one(paid(2, DAY + days * US_PER_DAY, "a", "b", 100)) == {PAYER: ratio}
        assert engine.sizes()["keys.peers_sent"] == (1 if ratio else 0)


def test_the_ratio_is_what_a_pass_over_the_whole_journal_says() -> None:
    engine, types, sent, found = Engine((PAYER, "amount")), {}, [], 0
    for entry in random_journal(41, 300, days=120):
        facts = engine.observe_one(entry)
        if isinstance(entry, Account):
            types[entry.account] = entry.account_type
        if not isinstance(entry, Payment):
            continue
        assert facts is not None
        group, today = types.get(entry.payer), entry.clock_us // US_PER_DAY
        peers = [amount for kind, day, amount in sent if kind == group and group and today - 28 <= day < today]
        expected = len(peers) * facts["amount"] / sum(peers) if sum(peers) else None
        assert facts[PAYER] == expected
        found += expected is not None
        if entry.status != "declined":
            sent.append((group, today, facts["amount"]))
    assert found > 40
