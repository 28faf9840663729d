"""The drift watch sees payments that changed, is silent about those that did not, and survives a restart."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pytest

from headgate.limits import US_PER_DAY, US_PER_HOUR
from headgate.models.drift import spread_of, stability
from headgate.models.model import Model
from headgate.models.watch import Bounds, DriftWatch

BOUNDS = Bounds(score_psi=0.5, rate_times=8.0, calibration_times=4.0, least_payments=500, least_outcomes=30)


def watched(history, model: Model, *, change: float = 0.0, days: int = 8) -> DriftWatch:
    """Eight days of payments drawn from the second half of training, shifted by `change`."""
    watch = DriftWatch(model, ZoneInfo("UTC"))
    rows = history.facts.slice(1200, 1100).to_pylist()
    for seq in range(days * 1600):
        row = rows[seq // 16 % len(rows)]
        row = row | {"payee_received_distinct_24h": row["payee_received_distinct_24h"] + change}
        if watch.take(seq, seq * US_PER_DAY // 1600, model.margin_one(row)):
            watch.show(model.margin_one(row), model.row_judged())
    return watch


def test_payments_like_those_of_training_are_no_drift(history, model: Model) -> None:
    found = watched(history, model).findings()
    assert (found.days, found.payments) == (7, 7 * 1600)
    assert found.facts[0][1] < 0.1
    assert found.against(BOUNDS) == ()


def test_payments_that_changed_are_found_with_the_fact_that_did(history, model: Model) -> None:
    found = watched(history, model, change=4).findings()
    assert found.facts[0][0] == "payee_received_distinct_24h"
    assert found.facts[0][1] > 0.5
    assert any("stability index of the score" in words for words in found.against(BOUNDS))
    assert found.against(msgspec.structs.replace(BOUNDS, least_payments=10**9)) == ()


def test_alerts_that_turn_out_other_than_promised_are_found(history, model: Model) -> None:
    watch = watched(history, model, days=2)
    for number in range(40):
        watch.alerted(f"t{number}", 0.6)
        watch.came(f"t{number}", number < 2)
    watch.came("never an alert", True)
    found = watch.findings()
    assert (found.outcomes, found.observed) == (40, 0.05)
    assert found.promised == pytest.approx(0.6)
    assert any("40 alerts" in words for words in found.against(BOUNDS))


def test_a_watch_that_was_saved_goes_on_as_one_that_never_stopped(history, model: Model) -> None:
    watch = watched(history, model, change=1, days=3)
    watch.alerted("t", 0.4)
    again = DriftWatch(model, ZoneInfo("UTC"))
    again.load(msgspec.msgpack.decode(msgspec.msgpack.encode(watch.state())))
    row = history.facts.slice(0, 1).to_pylist()[0]
    for each in (watch, again):
        assert each.take(16, 30 * US_PER_DAY + US_PER_HOUR, 0.0)
        each.show(0.0, model.row(row))
        each.came("t", True)
    assert again.findings() == watch.findings()
    assert again.state() == watch.state()


def test_the_stability_index_is_zero_for_the_same_and_grows_with_the_shift() -> None:
    values = np.random.default_rng(1).normal(size=5000)
    spread = spread_of(np.append(values, [np.nan] * 100))
    counts = [round(share * 5100) for share in spread.shares]
    assert stability(spread, counts) == pytest.approx(0, abs=1e-6)
    shifted = [0] * len(spread.shares)
    for value in values + 1:
        shifted[spread.place(value)] += 1
    assert stability(spread, shifted) > 0.25
    assert spread.place(float("nan")) == len(spread.shares) - 1
