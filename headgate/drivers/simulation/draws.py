"""Random draws that habits and schemes share, so that neither can be told by the shape of its numbers.

Generators enter by argument; every stream of numbers is named by seed, purpose and day, never by a global.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Rng: TypeAlias = np.random.Generator

_PURPOSES = ("population", "habits", "director", "episode", "counter", "labels", "rates", "ids")
_GRAINS = np.array([1, 100, 500, 1000, 5000, 10000], dtype=np.int64)
_GRAIN_SHARES = np.array([0.34, 0.16, 0.14, 0.18, 0.12, 0.06])


def stream(seed: int, purpose: str, *numbers: int) -> Rng:
    """Return the generator of one purpose; the same arguments give the same numbers on every machine."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, _PURPOSES.index(purpose), *numbers])))


def lognormal_minor(rng: Rng, median_major: Floats | float, spread: float, size: int) -> Ints:
    """Return `size` amounts in minor units, lognormal around the median, at least 1.00."""
    drawn = np.asarray(median_major) * np.exp(spread * rng.standard_normal(size)) * 100.0
    return np.maximum(np.rint(drawn), 100).astype(np.int64)


def as_people_write(rng: Rng, amount_minor: Ints) -> Ints:
    """Return amounts as people choose them: some to the cent, many to whole, tens or hundreds; never zero.

    A grain is used only where the amount is at least four times as large, so small sums stay small.
    """
    grain = rng.choice(_GRAINS, p=_GRAIN_SHARES, size=amount_minor.shape)
    grain = np.where(amount_minor >= 4 * grain, grain, 1)
    return np.asarray((amount_minor + grain // 2) // grain * grain, dtype=np.int64)


def zipf_weights(count: int, exponent: float) -> Floats:
    """Return weights of ranks 1..count with a heavy tail, summing to one."""
    weights = np.arange(1, count + 1, dtype=np.float64) ** -exponent
    return np.asarray(weights / weights.sum())


def pick(rng: Rng, cumulative: Floats, size: int) -> Ints:
    """Return `size` indices drawn by a cumulative distribution (last value 1)."""
    return np.searchsorted(cumulative, rng.random(size), side="right").astype(np.int64)
