"""Control samples as evidence: estimates by the probability of the draw, with intervals that hold what is true."""

from __future__ import annotations

import random
from typing import Any

import pytest
from scipy.stats import binomtest

from headgate.decisions.record import Decision
from headgate.drivers.control import reported, weighted, wilson
from headgate.drivers.known import latest
from headgate.journal.entries import Outcome
from headgate.journal.schema import to_block
from headgate.limits import US_PER_DAY


def decision(number: int, *, rank: float = 0.0, probability: float | None = 0.1, control: Any = "none") -> Decision:
    alert = control != "none" or rank >= 1
    return Decision(
        tx_id=f"t{number}", seq=number, clock_us=number * US_PER_DAY // 100, action="review" if alert else "allow",
        alert=alert, score=rank, probability=None, rank_score=rank, threshold=1.0, control=control,
        control_probability=probability,
    )  # fmt: skip


@pytest.mark.parametrize(("share", "count"), [(0.0, 10), (0.3, 10), (0.5, 200), (1.0, 7)])
def test_the_interval_is_wilsons(share: float, count: int) -> None:
    other = binomtest(round(share * count), count).proportion_ci(0.95, "wilson")
    assert wilson(share, count) == pytest.approx((other.low, other.high), abs=1e-12)


def test_a_payment_counts_by_the_reciprocal_of_its_probability() -> None:
    drawn = [decision(1, probability=0.5, control="below"), decision(2, probability=0.1, control="below")]
    estimate = weighted([*drawn, decision(3), decision(4)], {"t1": True, "t2": False, "t3": True})
    assert (estimate.payments, estimate.sampled, estimate.known, estimate.frauds) == (4, 2, 2, 1)
    assert estimate.share == pytest.approx(2 / 12)
    assert estimate.low < 2 / 12 < estimate.high


def test_intervals_hold_the_true_rate_about_nineteen_times_in_twenty() -> None:
    draw, held = random.Random(4), 0
    for _ in range(200):
        made, fraud = [], {}
        for number in range(3000):
            probability = 0.02 if number % 2 else 0.1
            bad = draw.random() < (0.05 if number % 2 else 0.02)
            drawn = draw.random() < probability
            made.append(decision(number, probability=probability, control="below" if drawn else "none"))
            fraud[f"t{number}"] = bad
        estimate = weighted(made, fraud)
        true = sum(fraud.values()) / len(fraud)
        held += estimate.low <= true <= estimate.high
    assert held >= 180


def test_the_report_keeps_below_just_below_above_and_alerts_apart() -> None:
    far = [decision(n, rank=-5.0, control="below" if n % 4 == 0 else "none") for n in range(80)]
    near = [decision(n, rank=0.9, control="below" if n % 4 == 0 else "none") for n in range(80, 100)]
    held = [decision(n, rank=2.0, probability=0.5, control="above" if n % 2 else "none") for n in range(100, 120)]
    plain = [decision(n, rank=2.0, probability=None) for n in range(120, 130)]
    fraud = {f"t{n}": n >= 80 for n in range(125)}
    report = reported([*far, *near, *held, *plain], fraud)
    assert (report.below.payments, report.below.sampled, report.below.share) == (100, 25, pytest.approx(0.2))
    assert (report.just_below.payments, report.just_below.share) == (20, 1.0)
    assert (report.above.payments, report.above.sampled, report.above.share) == (20, 10, 1.0)
    assert (report.alerts.payments, report.alerts.known, report.alerts.share) == (30, 25, 1.0)
    estimate, low, high = report.fraud_below_a_day
    assert estimate == pytest.approx(0.2 * 100 / report.days)
    assert low < estimate < high


def test_without_outcomes_nothing_is_claimed() -> None:
    report = reported([decision(1, control="below"), decision(2, rank=3.0)], {})
    assert (report.below.share, report.below.low, report.alerts.share, report.fraud_below_a_day) == (None,) * 4
    assert reported([], {}).below.payments == 0


def outcome(number: int, kind: Any, supersedes: str | None = None, tx_id: str = "t") -> Outcome:
    return Outcome(
        seq=number, clock_us=number, outcome_id=f"o{number}", tx_id=tx_id, payer="a", payee="b", amount_minor=1,
        currency="EUR", payment_clock_us=0, outcome=kind, source="bank", supersedes=supersedes,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ([outcome(1, "fraud")], {"t": True}),
        ([outcome(1, "fraud"), outcome(2, "fine", "o1")], {"t": False}),
        ([outcome(1, "fine"), outcome(2, "fraud")], {"t": True}),
        ([outcome(1, "recall")], {}),
        ([outcome(1, "fraud"), outcome(2, "recall", "o1")], {}),
        ([outcome(1, "fraud"), outcome(2, "recall")], {"t": True}),
    ],
)
def test_the_latest_outcome_counts_and_a_recall_says_nothing(told: list[Outcome], known: dict[str, bool]) -> None:
    assert latest([to_block(told)]) == known
    assert latest([to_block([each]) for each in told]) == known
