"""Whether the two sides count the same where their definitions agree, payment by payment; and how often they do not.

Rules of facts that are defined alike hold for every payment, or the benchmark stops. Of facts that are defined
otherwise (docs/performance.md says how) the share of payments with equal answers is told.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq

from bench.sides.families import ACCOUNTS, FAMILIES, WINDOWS, facts_until
from headgate.facts.grammar import specs
from headgate.limits import PATTERN_DEGREE

SAMPLE = 12_000
DENSE = 4_000
LARGEST = 4_000  # fans and degrees up to here are told apart by the other side's bins
_FAN_IN, _FAN_OUT, _DEGREE_IN, _DEGREE_OUT = range(4)
_FAN, _DEGREE, _MEAN, _SUM, _MAX, _VARIANCE = range(6)
_LEAST_DEVIATION = 0.01  # of the mean: below, their variance becomes 0
_FAMILIES = {"fans": "fans", "statistics": "statistics", "joined": "scatter-gather", "temp-cycle": "temporal cycles"}


def names(window: str) -> list[str]:
    """Return the facts that are compared, as far as the grammar has them."""
    wanted = [*facts_until(FAMILIES[-1].name, window), f"pair_sent_count_{window}"]
    return [name for name in (*wanted, f"temporal_cycle_{window}_truncated", "amount") if name in specs()]


class Kept(NamedTuple):
    """How many payments a rule was tried on, and the share of them that keep it."""

    payments: int
    share: float


def shares(facts: Path, single: Path, batched: Path, seconds: np.ndarray, window: str) -> dict[str, Kept]:
    """Return what keeps each rule. Raises ValueError where a rule that must hold for every payment is broken.

    facts: ours. single, batched: theirs, one payment at a time and in batches.
    """
    table = pq.read_table(facts)
    ours = {name: table.column(name).to_numpy(zero_copy_only=False) for name in table.column_names}
    ours = {name.removesuffix(f"_{window}"): values for name, values in ours.items()}
    theirs, later = np.load(single), np.load(batched)
    must = _fans(ours, theirs["fans"]) | _statistics(ours, theirs["statistics"], seconds < WINDOWS[window])
    broken = [rule for rule, equal in must.items() if not equal.all()]
    if broken:
        raise ValueError(f"The two sides count differently, so their speeds are not compared: {'; '.join(broken)}")
    may = _statistics(ours, theirs["statistics"], seconds >= WINDOWS[window], " after the window is full")
    may |= _patterns(ours, theirs) | _look_ahead(theirs, later)
    return {rule: Kept(len(equal), float(equal.mean())) for rule, equal in (must | may).items() if len(equal)}


def _fans(ours: dict[str, np.ndarray], fans: np.ndarray) -> dict[str, np.ndarray]:
    """A fan or degree of 1 is in no bin of theirs; theirs count the payment itself."""
    fan_in, fan_out, degree_in, degree_out = np.maximum(fans, 1).T
    first_of_pair = ours["pair_sent_count"] == 0
    return {
        "degree in = payee_received_count + 1": degree_in == ours["payee_received_count"] + 1,
        "degree out = payer_sent_count + 1": degree_out == ours["payer_sent_count"] + 1,
        "fan in = payee_received_distinct, + 1 for a new payer": fan_in
        == ours["payee_received_distinct"] + first_of_pair,
        "fan out = payer_sent_distinct, + 1 for a new payee": fan_out == ours["payer_sent_distinct"] + first_of_pair,
        "fan in to 64 = fan_in": np.minimum(fan_in, PATTERN_DEGREE) == ours["fan_in"],
        "fan out to 64 = fan_out": np.minimum(fan_out, PATTERN_DEGREE) == ours["fan_out"],
    }


def _statistics(
    ours: dict[str, np.ndarray], statistics: np.ndarray, rows: np.ndarray, when: str = ""
) -> dict[str, np.ndarray]:
    """Compare the four blocks of vertex statistics; the payment itself is added to the two that it belongs to."""
    rules = {}
    blocks = np.split(statistics[rows], len(ACCOUNTS), axis=1)
    for key, block in zip(ACCOUNTS, blocks, strict=True):
        facts = {name.removeprefix(f"{key}_"): ours[name][rows] for name in ours if name.startswith(key)}
        own = np.full(rows.sum(), key in ("payer_sent", "payee_received"))
        amounts, n = ours["amount"][rows].astype(np.float64), facts["count"] + own
        total = facts["sum"] + np.where(own, amounts, 0)
        largest = np.fmax(np.nan_to_num(facts["max"].astype(np.float64)), np.where(own, amounts, 0))
        rules[f"{key}: degree = count{when}"] = block[:, _DEGREE] == n
        rules[f"{key}: sum = sum{when}"] = _near(block[:, _SUM], total)
        rules[f"{key}: maximum = max{when}"] = block[:, _MAX] == largest
        rules[f"{key}: average = sum / count{when}"] = _near(block[:, _MEAN], total / np.maximum(n, 1))
        if not own.any():
            rules[f"{key}: fan = distinct{when}"] = block[:, _FAN] == facts["distinct"]
            deviation = np.nan_to_num(facts["std"].astype(np.float64))
            told_apart = (n < 2) | (deviation * n > total * _LEAST_DEVIATION)
            equal = _near(block[:, _VARIANCE], deviation**2)
            rules[f"{key}: variance = std^2, from 1% of the mean on{when}"] = equal[told_apart]
    return rules


def _near(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.asarray(np.isclose(one, other, rtol=1e-6, atol=1e-3))


def _patterns(ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Compare patterns on the payments for which either side counts one."""
    joined, temporal = theirs["joined"][:, 0], theirs["temp-cycle"]
    mine, whole = ours["scatter_gather"], ~ours[f"temporal_cycle{_window(ours)}_truncated"].astype(bool)
    either = (mine > 1) | (joined > 1)
    timely, cycles = temporal[:, 1:].sum(axis=1), ours["temporal_cycle"]
    closed = whole & ((timely > 0) | (cycles > 0))
    rules = {
        "scatter-gather of 2 and more: the same size": (mine == joined)[either],
        "scatter-gather of 2 and more: ours within theirs": (mine <= joined)[mine > 1],
        "temporal cycles of 3 and more: the same number": (timely == cycles)[closed],
    }
    if "simple_cycle" in ours and "lc-cycle" in theirs:
        found, routes = theirs["lc-cycle"][:, 1:].sum(axis=1), ours["simple_cycle"]
        rules["length-constrained cycles: the same number"] = (found == routes)[(found > 0) | (routes > 0)]
    return rules


def _window(ours: dict[str, np.ndarray]) -> str:
    name = next(name for name in ours if name.startswith("temporal_cycle") and name.endswith("_truncated"))
    return name.removeprefix("temporal_cycle").removesuffix("_truncated")


def _look_ahead(single: dict[str, np.ndarray], batched: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Compare theirs with theirs: the same payments, one at a time and in batches."""
    return {
        f"theirs one at a time = theirs in batches: {family}": (single[key] == batched[key]).all(axis=1)
        for key, family in _FAMILIES.items()
    }
