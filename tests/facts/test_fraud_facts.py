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
RUN = (
    "payee_received_fraud_first_gap_28d", "payee_received_fraud_last_gap_28d", "payee_received_fine_since_fraud_28d",
)  # fmt: skip


def paid(seq: int, day: float, payer: str, payee: str) -> Payment:
    clock_us = int(day * US_PER_DAY)
    return Payment(
        seq=seq, clock_us=clock_us, ts_us=clock_us, tx_id=f"t{seq}", payer=payer, payee=payee, amount_minor=100,
        currency="EUR",
    )  # fmt: skip


def told(
    seq: int,
    day: float,
    payer: str,
    payee: str,
    outcome: str = "fraud",
    supersedes: str | None = None,
    made: float = 0,
) -> Outcome:
    return Outcome(
        seq=seq, clock_us=int(day * US_PER_DAY), outcome_id=f"o{seq}", tx_id=f"told-{seq}", payer=payer, payee=payee,
        amount_minor=100, currency="EUR", payment_clock_us=int(made * US_PER_DAY), outcome=outcome, source="case",
        supersedes=supersedes,
    )  # fmt: skip


@pytest.fixture(params=["kernel", "reference"])
def engine(request: pytest.FixtureRequest) -> Engine:
    names = (*NAMES, *RUN)
    return Engine(names, make_fold=reference_fold) if request.param == "reference" else Engine(names)


def test_frauds_of_the_year_before_are_seen_of_all_who_stand_near(engine: Engine) -> None:
    engine.observe_one(told(0, 1, "a", "b"))
    engine.observe_one(told(1, 2, "a", "b", "fine"))
    engine.observe_one(told(2, 50, "a", "c"))
    engine.observe_one(paid(3, 99, "a", "b"))
    engine.observe_one(paid(4, 99, "x", "b"))
    facts = engine.observe_one(paid(5, 100, "a", "b"))
    assert list((facts or {}).values()) == [1, 2, 50 * 86400.0, 1, 1, 0.5, 1.0, None, None, None]
    assert [p.tx_id for p in engine.evidence("payer_sent_fraud_count_400d").payments] == ["told-0", "told-2"]
    assert [p.tx_id for p in engine.evidence("payer_sent_fraud_gap").payments] == ["told-2"]
    assert [p.tx_id for p in engine.evidence("payee_payers_fraud_ratio_28d").payments] == ["t3"]
    facts = engine.observe_one(paid(6, 401, "a", "b")) or {}
    assert (facts["payer_sent_fraud_count_400d"], facts["pair_sent_fraud_count_400d"]) == (1, 0)


def test_a_fraud_that_was_none_is_taken_back_however_late(engine: Engine) -> None:
    engine.observe_one(told(0, 1, "a", "b"))
    engine.observe_one(told(1, 200, "a", "b", "fine", supersedes="o0"))
    facts = engine.observe_one(paid(2, 201, "a", "b"))
    assert list((facts or {}).values()) == [0, 0, None, 0, 0, None, None, None, None, None]
    assert engine.evidence("payer_sent_fraud_count_400d").payments == ()


def run(engine: Engine, payment: Payment) -> list[object]:
    facts = engine.observe_one(payment) or {}
    return [facts[name] for name in RUN]


def test_a_run_of_frauds_is_as_long_as_its_payments_say_however_late_they_became_known(engine: Engine) -> None:
    engine.observe_one(told(0, 40, "a", "till", made=12))
    engine.observe_one(told(1, 41, "b", "till", "fine", made=14))
    engine.observe_one(told(2, 41, "c", "till", made=10))
    assert run(engine, paid(3, 42, "x", "till")) == [32 * 86400.0, 30 * 86400.0, 0]
    assert [p.tx_id for p in engine.evidence(RUN[0]).payments] == ["told-2"]
    assert [p.tx_id for p in engine.evidence(RUN[1]).payments] == ["told-0"]
    assert [p.tx_id for p in engine.evidence(RUN[2]).payments] == ["told-2"]
    engine.observe_one(told(4, 43, "d", "till", "fine", made=20))
    engine.observe_one(told(5, 43, "d", "till", "recall", made=21))
    engine.observe_one(told(6, 43, "d", "other", "fine", made=21))
    assert run(engine, paid(7, 44, "x", "till")) == [34 * 86400.0, 32 * 86400.0, 2]
    engine.observe_one(told(8, 45, "c", "till", "fine", supersedes="o2", made=10))
    assert run(engine, paid(9, 46, "x", "till")) == [34 * 86400.0, 34 * 86400.0, 4]
    assert run(engine, paid(10, 68.5, "x", "till")) == [None, None, None]


def test_outcomes_of_one_clock_are_told_apart_by_their_place(engine: Engine) -> None:
    for seq, outcome in enumerate(("fine", "fraud", "fine", "fraud", "fine", "fine")):
        engine.observe_one(told(seq, 40, "a", "till", outcome, made=30 + seq))
    assert run(engine, paid(6, 41, "x", "till")) == [10 * 86400.0, 8 * 86400.0, 2]


def test_a_snapshot_remembers_frauds_and_what_took_them_back(tmp_path: Path) -> None:
    engine = Engine(NAMES)
    for entry in (told(0, 1, "a", "b"), told(1, 2, "a", "b"), told(2, 60, "a", "b", "fine", supersedes="o0")):
        engine.observe_one(entry)
    engine.snapshot(tmp_path / "state")
    facts = Engine.restore(tmp_path / "state").observe_one(paid(3, 100, "a", "b")) or {}
    assert (facts["payer_sent_fraud_count_400d"], facts["payer_sent_fraud_gap"]) == (1, 98 * 86400.0)


def test_a_snapshot_remembers_when_frauds_were_made(tmp_path: Path) -> None:
    engine = Engine(RUN)
    engine.observe_one(told(0, 40, "a", "till", made=12))
    engine.observe_one(told(1, 41, "b", "till", "fine", made=14))
    engine.snapshot(tmp_path / "state")
    restored = Engine.restore(tmp_path / "state")
    assert run(restored, paid(2, 42, "x", "till")) == [30 * 86400.0, 30 * 86400.0, 1]
