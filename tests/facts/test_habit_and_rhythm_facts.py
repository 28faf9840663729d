"""Habits and rhythm compare a payment with what its accounts did before, in shares and in days."""

from __future__ import annotations

from math import sqrt
from typing import Any

from headgate.facts.engine import Engine
from headgate.journal.entries import Payment
from headgate.limits import HABIT_LOOKS, RHYTHM_DAYS, US_PER_DAY, US_PER_HOUR


def paid(seq: int, hours: float, payer: str, payee: str, amount_minor: int, **more: Any) -> Payment:
    clock_us = 2000 * US_PER_DAY + int(hours * US_PER_HOUR)
    return Payment(
        seq=seq, clock_us=clock_us, ts_us=clock_us, tx_id=f"t{seq}", payer=payer, payee=payee,
        amount_minor=amount_minor, currency="EUR", **more,
    )  # fmt: skip


def test_amount_hour_pace_and_novelty_are_shares_of_what_was_usual() -> None:
    names = (
        "payer_sent_amount_at_least_ratio_28d", "payer_sent_amount_near_ratio_28d", "payer_sent_hour_near_ratio_28d",
        "payer_sent_gap_ratio_28d", "payee_received_gap_ratio_28d", "payer_sent_new_ratio_7d",
    )  # fmt: skip
    engine = Engine(names)
    assert list((engine.observe_one(paid(0, 1, "a", "b", 1000)) or {}).values()) == [None] * 6
    for seq, (hours, payee, amount) in enumerate([(23, "b", 950), (49, "c", 949), (73, "b", 2000)], start=1):
        engine.observe_one(paid(seq, hours, "a", payee, amount))
    facts = list((engine.observe_one(paid(4, 24 * 30 + 2, "a", "d", 1000)) or {}).values())
    assert facts == [1 / 1, 0 / 1, 1.0, None, None, None]  # only the last payment is in the window of 28 days
    facts = list((engine.observe_one(paid(5, 24 * 30 + 3, "a", "d", 1050)) or {}).values())
    assert facts == [1 / 2, 1 / 2, 1.0, 1 / (24 * 30 + 2 - 73), None, 1.0]
    assert [p.role for p in engine.evidence("payer_sent_hour_near_ratio_28d").payments] == ["sent", "sent", "judged"]


def test_only_the_newest_payments_make_a_habit() -> None:
    engine = Engine(("payer_sent_amount_at_least_ratio_28d",))
    for seq in range(HABIT_LOOKS + 6):
        engine.observe_one(paid(seq, seq / 10, "a", "b", 1 if seq < HABIT_LOOKS // 2 else 100))
    facts = engine.observe_one(paid(HABIT_LOOKS + 6, 8, "a", "b", 50))
    assert facts == {"payer_sent_amount_at_least_ratio_28d": (HABIT_LOOKS // 2 + 6) / HABIT_LOOKS}


def test_a_pair_that_pays_every_fortnight_is_regular() -> None:
    measures = ("first_days", "day_gap_mean", "day_gap_std", "day_gap_ratio")
    engine = Engine(tuple(f"pair_sent_{measure}_400d" for measure in measures))
    for seq, day in enumerate((0, 14, 14, 28, 41)):
        facts = engine.observe_one(paid(seq, 24 * day, "a", "b", 1000))
    assert facts == {
        "pair_sent_first_days_400d": 41,
        "pair_sent_day_gap_mean_400d": 14.0,
        "pair_sent_day_gap_std_400d": 0.0,
        "pair_sent_day_gap_ratio_400d": 13 / 14,
    }
    facts = engine.observe_one(paid(5, 24 * 42, "a", "b", 1000)) or {}
    assert facts["pair_sent_day_gap_std_400d"] == sqrt(3 * (14**2 + 14**2 + 13**2) - 41**2) / 3
    facts = engine.observe_one(paid(6, 24 * 442, "a", "b", 1000)) or {}
    assert list(facts.values()) == [400, None, None, None]  # day 42 alone is within 400 days


def test_gaps_are_those_of_the_newest_days_and_the_first_day_is_that_of_all() -> None:
    engine = Engine(("payer_sent_first_days_400d", "payer_sent_day_gap_mean_400d"))
    days = [0, 100, *range(200, 200 + RHYTHM_DAYS)]
    for seq, day in enumerate(days):
        engine.observe_one(paid(seq, 24 * day, "a", "b", 1))
    facts = engine.observe_one(paid(len(days), 24 * 300, "a", "b", 1))
    assert facts == {"payer_sent_first_days_400d": 300, "payer_sent_day_gap_mean_400d": 1.0}


def test_a_beat_of_weeks_is_kept_after_a_silence_and_not_by_what_comes_between() -> None:
    names = tuple(f"payer_sent_{beat}_ratio_400d" for beat in ("week", "fortnight", "four_weeks"))

    def told(days: list[int]) -> list[object]:
        engine = Engine(names)
        for seq, day in enumerate(days):
            facts = engine.observe_one(paid(seq, 24 * day, "a", f"p{seq}", 1))
        return list((facts or {}).values())

    orders = [0, 3, 14, 17, 28, 31, 42, 45]
    assert told([0]) == told([0, 0]) == [None] * 3  # today says nothing of today
    assert told([*orders, 56]) == [4 / 9, 4 / 9, 2 / 9]
    assert told([*orders, 49]) == [4 / 9, 0.0, 0.0]
    assert told([*orders, 57]) == [0.0] * 3
    assert told([*orders, 154]) == [4 / 9, 4 / 9, 2 / 9]
    assert told([*range(0, 14 * 35, 14), 14 * 35]) == [28 / 29, 28 / 29, 14 / 29]  # 28 fortnights are in 400 days
    assert told([*range(RHYTHM_DAYS + 7), RHYTHM_DAYS + 7]) == [4 / 33, 2 / 33, 1 / 33]  # of the 32 newest days


def test_an_amount_is_compared_with_the_largest_of_months() -> None:
    engine = Engine(("payer_amount_max_ratio_90d", "pair_amount_max_ratio_400d", "payee_amount_max_ratio_90d"))
    engine.observe_one(paid(0, 0, "a", "b", 400))
    engine.observe_one(paid(1, 24, "a", "c", 100))
    facts = engine.observe_one(paid(2, 24 * 80, "a", "c", 200))
    assert list((facts or {}).values()) == [0.5, 2.0, 2.0]


def test_channel_and_rail_are_compared_with_those_of_earlier_payments() -> None:
    names = tuple(
        f"{side}_{field}_{measure}_28d"
        for side in ("payer_sent", "payee_received")
        for field in ("channel", "rail")
        for measure in ("ratio", "is_new")
    )
    engine = Engine(names)
    assert list((engine.observe_one(paid(0, 0, "a", "b", 1, channel="app")) or {}).values()) == [None] * 8
    engine.observe_one(paid(1, 1, "a", "c", 1, channel="web", rail="instant"))
    engine.observe_one(paid(2, 2, "a", "c", 1, channel="web", status="declined"))
    engine.observe_one(paid(3, 3, "a", "c", 1))
    facts = engine.observe_one(paid(4, 4, "a", "b", 1, channel="app", rail="card")) or {}
    assert list(facts.values()) == [1 / 3, False, 0.0, True, 1.0, False, 0.0, True]
    roles = [part.role for part in engine.evidence("payer_sent_channel_is_new_28d").payments]
    assert roles == ["sent", "sent", "sent", "judged"]
    facts = engine.observe_one(paid(5, 5, "a", "b", 1, rail="card")) or {}
    assert list(facts.values()) == [None, None, 1 / 4, False, None, None, 1 / 2, False]
    facts = engine.observe_one(paid(6, 24 * 28, "a", "b", 1, channel="app")) or {}  # the first has left the window
    assert facts["payer_sent_channel_ratio_28d"] == 1 / 4


def test_an_old_channel_is_new_again_behind_so_many_payments() -> None:
    engine = Engine(("payer_sent_channel_is_new_28d", "payer_sent_channel_ratio_28d"))
    engine.observe_one(paid(0, 0, "a", "b", 1, channel="branch"))
    for seq in range(1, HABIT_LOOKS):
        engine.observe_one(paid(seq, seq / 10, "a", "b", 1, channel="app"))
    facts = engine.observe_one(paid(HABIT_LOOKS, 7, "a", "b", 1, channel="branch"))
    assert facts == {"payer_sent_channel_is_new_28d": False, "payer_sent_channel_ratio_28d": 1 / HABIT_LOOKS}
    engine.observe_one(paid(HABIT_LOOKS + 1, 8, "a", "b", 1, channel="app"))
    for seq in range(HABIT_LOOKS + 2, 2 * HABIT_LOOKS + 2):
        engine.observe_one(paid(seq, 8 + seq / 10, "a", "b", 1, channel="app"))
    facts = engine.observe_one(paid(200, 25, "a", "b", 1, channel="branch"))
    assert facts == {"payer_sent_channel_is_new_28d": True, "payer_sent_channel_ratio_28d": 0.0}
