"""Whether the two sides count the same where their definitions agree, payment by payment; and how often they do not.

Rules of facts that are defined alike hold for every payment, or the benchmark stops. Of facts that are defined
otherwise (docs/performance.md says how) the share of payments with equal answers is told.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq

from bench.sides.columns import Columns
from bench.sides.families import ACCOUNTS, FAMILIES, WINDOWS, facts_until
from bench.sides.routes import LONGEST, rings
from headgate.facts.grammar import specs
from headgate.limits import PATTERN_DEGREE

SAMPLE = 12_000
MADE = 4_000  # payments of a sample that is made: dense, sparse
LARGEST = 4_000  # fans and degrees up to here are told apart by the other side's bins
_FAN_IN, _FAN_OUT, _DEGREE_IN, _DEGREE_OUT = range(4)
_FAN, _DEGREE, _MEAN, _SUM, _MAX, _VARIANCE = range(6)
_LEAST_DEVIATION = 0.01  # of the mean: below, their variance becomes 0
RINGS = 300  # payments for which every ring is counted, at most
_CYCLES = (
    ("temp-cycle", "temporal_cycle", "temporal cycles"),
    ("lc-cycle", "simple_cycle", "length-constrained cycles"),
)
_FAMILIES = {"fans": "fans", "statistics": "statistics", "joined": "scatter-gather", "temp-cycle": "temporal cycles"}


def names(window: str) -> list[str]:
    """Return the facts that are compared, as far as the grammar has them."""
    wanted = [*facts_until(FAMILIES[-1].name, window), f"pair_sent_count_{window}"]
    cut = [f"{cycle}_{window}_truncated" for cycle in ("temporal_cycle", "simple_cycle")]
    return [name for name in (*wanted, *cut, "amount") if name in specs()]


class Kept(NamedTuple):
    """How many payments a rule was tried on, and the share of them that keep it."""

    payments: int
    share: float


def shares(facts: Path, single: Path, batched: Path, columns: Columns, window: str) -> dict[str, Kept]:
    """Return what keeps each rule. Raises ValueError where a rule that must hold for every payment is broken.

    facts: ours. single, batched: theirs, one payment at a time and in batches. columns: the payments.
    """
    seconds = columns.seconds
    table = pq.read_table(facts)
    ours = {name: table.column(name).to_numpy(zero_copy_only=False) for name in table.column_names}
    ours = {name.removesuffix(f"_{window}"): values for name, values in ours.items()}
    theirs, later = np.load(single), np.load(batched)
    must = _fans(ours, theirs["fans"]) | _statistics(ours, theirs["statistics"], seconds < WINDOWS[window])
    must |= _rings(ours, theirs, columns, window)
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
    joined, mine = theirs["joined"][:, 0], ours["scatter_gather"]
    either = (mine > 1) | (joined > 1)
    rules = {
        "scatter-gather of 2 and more: the same size": (mine == joined)[either],
        "scatter-gather of 2 and more: ours within theirs": (mine <= joined)[mine > 1],
    }
    for theirs_name, name, words in _CYCLES:
        if theirs_name in theirs:
            found, cycles, cut = theirs[theirs_name][:, 1:].sum(axis=1), ours[name], _cut(ours, name)
            some = (found > 0) | (cycles > 0)
            rules[f"{words} of 3 and more, no search cut: the same number"] = (found == cycles)[some & ~cut]
            rules[f"{words} of 3 and more, search cut: the same number"] = (found == cycles)[some & cut]
    return rules


def _rings(
    ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray], columns: Columns, window: str
) -> dict[str, np.ndarray]:
    """Hold length-constrained cycles to every ring of accounts; and where no clock comes twice, so are our cycles."""
    if "lc-cycle" not in theirs:
        return {}
    found, mine = theirs["lc-cycle"], ours["simple_cycle"]
    rows = np.flatnonzero(found.any(axis=1) | (mine > 0))[:RINGS]
    ways = (columns.payer, columns.payee, columns.seconds)
    counted = np.array([rings(*ways, row, WINDOWS[window]) for row in rows]).reshape(len(rows), LONGEST - 1)
    rules = {
        "length-constrained cycles = every ring, by its length": (found[rows, : LONGEST - 1] == counted).all(axis=1)
    }
    if (np.diff(columns.seconds) > 0).all():
        whole = ~_cut(ours, "simple_cycle")[rows]
        rules["simple cycles, no search cut = every ring of 3 and more"] = (mine[rows] == counted[:, 1:].sum(axis=1))[
            whole
        ]
    return rules


def _cut(ours: dict[str, np.ndarray], name: str) -> np.ndarray:
    (cut,) = (values for known, values in ours.items() if known.startswith(name) and known.endswith("_truncated"))
    return np.asarray(cut.astype(bool))


def _look_ahead(single: dict[str, np.ndarray], batched: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Compare theirs with theirs: the same payments, one at a time and in batches."""
    return {
        f"theirs one at a time = theirs in batches: {family}": (single[key] == batched[key]).all(axis=1)
        for key, family in _FAMILIES.items()
        if key in single
    }
