"""Known frauds count for 400 days, of accounts, pairs and those around; what a later outcome supersedes does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from headgate.facts.engine import Engine, reference_fold
from headgate.journal.entries import Outcome, Payment
from headgate.limits import US_PER_DAY

NAMES = (
    "payer_sent_fraud_count_90d", "payer_sent_fraud_count_400d", "payer_sent_fraud_gap", "pair_sent_fraud_count_400d",
    "payee_received_fraud_count_400d", "payee_payers_fraud_ratio_28d", "payer_payees_fraud_ratio_28d",
)  # fmt: skip


def paid(seq: int, day: float, payer: str, payee: str) -> Payment:
    clock_us = int(day * US_PER_DAY)
    return Payment(
        seq=seq, clock_us=clock_us, ts_us=clock_us, tx_id=f"t{seq}", payer=payer, payee=payee, amount_minor=100,
        currency="EUR",
    )  # fmt: skip


def told(
    seq: int, day: float, payer: str, payee: str, outcome: str = "fraud", supersedes: str | None = None
) -> Outcome:
    return Outcome(
        seq=seq, clock_us=int(day * US_PER_DAY), outcome_id=f"o{seq}", tx_id=f"told-{seq}", payer=payer, payee=payee,
        amount_minor=100, currency="EUR", payment_clock_us=0, outcome=outcome, source="case", supersedes=supersedes,
    )  # fmt: skip


@pytest.fixture(params=["kernel", "reference"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return Engine(NAMES, make_fold=reference_fold) if request.param == "reference" else Engine(NAMES)


def test_frauds_of_the_year_before_are_seen_of_all_who_stand_near(engine: Engine) -> None:
    engine.observe_one(told(0, 1, "a", "b"))
    engine.observe_one(told(1, 2, "a", "b", "fine"))
    engine.observe_one(told(2, 50, "a", "c"))
    engine.observe_one(paid(3, 99, "a", "b"))
    engine.observe_one(paid(4, 99, "x", "b"))
    facts = engine.observe_one(paid(5, 100, "a", "b"))
    assert list((facts or {}).values()) == [1, 2, 50 * 86400.0, 1, 1, 0.5, 1.0]
    assert [p.tx_id for p in engine.evidence("payer_sent_fraud_count_400d").payments] == ["told-0", "told-2"]
    assert [p.tx_id for p in engine.evidence("payer_sent_fraud_gap").payments] == ["told-2"]
    assert [p.tx_id for p in engine.evidence("payee_payers_fraud_ratio_28d").payments] == ["t3"]
    facts = engine.observe_one(paid(6, 401, "a", "b")) or {}
    assert (facts["payer_sent_fraud_count_400d"], facts["pair_sent_fraud_count_400d"]) == (1, 0)


def test_a_fraud_that_was_none_is_taken_back_however_late(engine: Engine) -> None:
    engine.observe_one(told(0, 1, "a", "b"))
    engine.observe_one(told(1, 200, "a", "b", "fine", supersedes="o0"))
    facts = engine.observe_one(paid(2, 201, "a", "b"))
    assert list((facts or {}).values()) == [0, 0, None, 0, 0, None, None]
    assert engine.evidence("payer_sent_fraud_count_400d").payments == ()


def test_a_snapshot_remembers_frauds_and_what_took_them_back(tmp_path: Path) -> None:
    engine = Engine(NAMES)
    for entry in (told(0, 1, "a", "b"), told(1, 2, "a", "b"), told(2, 60, "a", "b", "fine", supersedes="o0")):
        engine.observe_one(entry)
    engine.snapshot(tmp_path / "state")
    facts = Engine.restore(tmp_path / "state").observe_one(paid(3, 100, "a", "b")) or {}
    assert (facts["payer_sent_fraud_count_400d"], facts["payer_sent_fraud_gap"]) == (1, 98 * 86400.0)
