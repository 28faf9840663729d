"""Intervals by a bootstrap clustered by day and by scheme.

Payments of one scheme, and payments of one day, rise and fall together; resampling them one by one would
promise too much. A resample therefore draws whole schemes (for their payments) and whole days (for all other
payments) with replacement. Randomness enters as a seed; the same seed gives the same interval.
Source of the method: Field and Welsh, "Bootstrapping clustered data", 2007; percentile intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from headgate.drivers.evaluation.ranking import Ints
from headgate.limits import US_PER_DAY

RESAMPLES = 200
LEVEL = 0.95
FEWEST_BLOCKS = 10  # with fewer days than this, equal spans of time take their place
BLOCKS_INSTEAD = 20

Interval = tuple[float, float]


class Clusters(NamedTuple):
    """For each payment (n,) its block of time and its scheme (-1: none), as dense numbers from 0."""

    block: Ints
    blocks: int
    scheme: Ints
    schemes: int
    block_name: str


class Resample(NamedTuple):
    """How often each payment (n,) and each scheme was drawn."""

    payments: Ints
    schemes: Ints


def clusters(clock_us: Ints, scheme: Ints) -> Clusters:
    """Return the clusters of payments at `clock_us` (n,) with scheme numbers `scheme` (n,), -1 for none."""
    days, block = np.unique(clock_us // US_PER_DAY, return_inverse=True)
    schemes = int(scheme.max(initial=-1)) + 1
    if len(days) >= FEWEST_BLOCKS:
        return Clusters(block.astype(np.int64), len(days), scheme, schemes, "day")
    span = int(clock_us.max() - clock_us.min()) + 1
    cut = (clock_us - clock_us.min()) * BLOCKS_INSTEAD // span
    present, block = np.unique(cut, return_inverse=True)
    return Clusters(block.astype(np.int64), len(present), scheme, schemes, "twentieth of the test period")


def resamples(of: Clusters, *, seed: int, count: int = RESAMPLES) -> Iterator[Resample]:
    """Yield `count` resamples of the clusters, reproducible from `seed`."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        drawn_blocks = _draw(random, of.blocks)
        drawn_schemes = _draw(random, of.schemes)
        by_scheme = np.append(drawn_schemes, 0)[of.scheme]
        yield Resample(np.where(of.scheme < 0, drawn_blocks[of.block], by_scheme), drawn_schemes)


def _draw(random: np.random.Generator, clusters: int) -> Ints:
    """How often each of `clusters` was drawn when as many were drawn with replacement."""
    return np.bincount(random.integers(0, clusters, clusters), minlength=clusters) if clusters else np.zeros(0, int)


Statistic = Callable[[Resample], float | None]


def intervals(
    of: Clusters, statistics: dict[str, Statistic], *, seed: int, count: int = RESAMPLES
) -> dict[str, Interval | None]:
    """Return the central 95% of each statistic over the resamples; None where most resamples leave it undefined.

    All statistics see the same resamples, so that their intervals can be compared.
    """
    values: dict[str, list[float]] = {name: [] for name in statistics}
    for resample in resamples(of, seed=seed, count=count):
        for name, statistic in statistics.items():
            value = statistic(resample)
            if value is not None:
                values[name].append(value)
    return {name: _central(found, count) for name, found in values.items()}


def _central(found: list[float], count: int) -> Interval | None:
    if len(found) * 2 < count or not found:
        return None
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
