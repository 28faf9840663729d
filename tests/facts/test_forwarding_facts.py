"""Money that comes in is followed to what it left by: shares, times and accounts, by hand and by the definition."""

from __future__ import annotations

from headgate.facts.definitions.forwarding import pieces
from headgate.facts.engine import Engine
from headgate.facts.view import Edge
from headgate.journal.entries import Account, Payment
from headgate.limits import FORWARD_LOOKS, US_PER_DAY, US_PER_HOUR

HOUR_SECONDS = 3600.0


def edge(seq: int, payer: str, payee: str, amount: int) -> Edge:
    return Edge(seq, seq * US_PER_HOUR, payer, payee, amount, f"t{seq}", own=False)


def paid(seq: int, hours: float, payer: str, payee: str, amount_minor: int) -> Payment:
    clock_us = US_PER_DAY + int(hours * US_PER_HOUR)
    return Payment(
        seq=seq, clock_us=clock_us, ts_us=clock_us, tx_id=f"t{seq}", payer=payer, payee=payee,
        amount_minor=amount_minor, currency="EUR",
    )  # fmt: skip


def test_the_oldest_money_leaves_first_and_none_before_it_came() -> None:
    received = [edge(0, "a", "m", 100), edge(2, "b", "m", 50), edge(6, "c", "m", 10)]
    sent = [edge(1, "m", "x", 30), edge(3, "m", "y", 90), edge(5, "m", "z", 500)]
    found = [(piece.into.seq, piece.out.seq, piece.amount) for piece in pieces(received, sent)]
    assert found == [(0, 1, 30), (0, 3, 70), (2, 3, 20), (2, 5, 30)]


def test_what_a_mule_does_is_told_of_the_payer_of_the_payment_and_of_the_pair() -> None:
    names = (
        "payer_forwarded_ratio_72h", "payer_forwarded_hold_72h", "payer_forwarded_fastest_72h",
        "payer_forwarded_payees_72h", "payer_funded_ratio_72h", "payer_funded_hold_72h", "payer_funded_payers_72h",
        "payee_forwarded_ratio_72h", "pair_forwarded_ratio_72h", "pair_forwarded_hold_72h",
    )  # fmt: skip
    engine = Engine(names)
    engine.observe_one(paid(0, 0, "a", "m", 1000))
    engine.observe_one(paid(1, 2, "b", "m", 200))
    engine.observe_one(paid(2, 4, "m", "x", 900))
    facts = engine.observe_one(paid(3, 5, "m", "y", 600)) or {}
    held = 4 * HOUR_SECONDS
    assert list(facts.values())[:4] == [900 / 1200, held, held, 1]
    # 100 of a for five hours and 200 of b for three make up half of 600
    assert list(facts.values())[4:7] == [0.5, (100 * 5 + 200 * 3) / 300 * HOUR_SECONDS, 2]
    assert list(facts.values())[7:] == [None, None, None]
    witness = engine.evidence("payer_funded_ratio_72h")
    assert [(p.tx_id, p.role) for p in witness.payments] == [("t0", "received"), ("t1", "received"), ("t3", "judged")]
    facts = engine.observe_one(paid(4, 6, "b", "m", 50)) or {}
    assert list(facts.values())[7:] == [1.0, 1.0, 3 * HOUR_SECONDS]
    assert [p.tx_id for p in engine.evidence("pair_forwarded_ratio_72h").payments] == ["t1", "t3"]


def test_own_transfers_and_what_is_beyond_the_looks_take_no_part() -> None:
    engine = Engine(("payer_forwarded_ratio_7d", "payer_funded_payers_7d"))
    for seq, account in enumerate(("m", "n")):
        engine.observe_one(Account(seq=seq, clock_us=US_PER_DAY, account=account, party="one"))
    engine.observe_one(paid(2, 0, "a", "m", 100))
    engine.observe_one(paid(3, 1, "m", "n", 100))
    facts = engine.observe_one(paid(4, 2, "m", "x", 40))
    assert facts == {"payer_forwarded_ratio_7d": 0.0, "payer_funded_payers_7d": 1}
    for seq in range(5, 5 + FORWARD_LOOKS):
        engine.observe_one(paid(seq, 3, "b", "m", 1))
    facts = engine.observe_one(paid(5 + FORWARD_LOOKS, 4, "m", "x", 40))
    assert facts == {"payer_forwarded_ratio_7d": 0.0, "payer_funded_payers_7d": 1}
