"""What payments looked like when the model learnt, and how far from that the payments of later days are.

Encoded facts and margins enter as columns at training; a reference of a few numbers for each fact leaves. Nothing here
decides, and nothing of a single payment or account is kept.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

BINS: Final = 10
TOP_SHARE: Final = 0.005  # of the payments of validation: the line whose crossings are counted later
_LEAST_SHARE: Final = 1e-3  # an empty bin counts as one in a thousand, so that a logarithm exists


class Spread(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """How the values of one column spread: rising edges (k,), and the shares (k + 2,) of the bins and of the missing.

    Bin i holds values in (edges[i - 1], edges[i]]; the last share is that of missing values.
    """

    edges: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()

    def place(self, value: float) -> int:
        """Return the bin of a value; NaN is missing."""
        return len(self.edges) + 1 if value != value else bisect_left(self.edges, value)

    def count(self, values: Floats) -> list[int]:
        """Return how many of the values (n,) lie in each bin, (k + 2,)."""
        places = np.where(np.isnan(values), len(self.edges) + 1, np.searchsorted(self.edges, values))
        counts: list[int] = np.bincount(places, minlength=len(self.shares)).tolist()
        return counts


class Reference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to compare later payments with. facts: in the order of the model, over the second half of training.

    margin: over validation; top: the margin that `TOP_SHARE` of validation exceeded. Empty where nothing was measured.
    """

    facts: tuple[Spread, ...] = ()
    margin: Spread = Spread()
    top: float | None = None


def reference_of(matrix: Floats, margins: Floats) -> Reference:
    """Return the reference of encoded facts (rows, facts) of training and margins (n,) of validation."""
    return Reference(
        facts=tuple(spread_of(matrix[:, place]) for place in range(matrix.shape[1])),
        margin=spread_of(margins),
        top=float(np.quantile(margins, 1 - TOP_SHARE, method="lower")) if len(margins) else None,
    )


def spread_of(values: Floats) -> Spread:
    """Return the spread of values (n,) over the bins between their tenths; NaN is missing."""
    known = values[~np.isnan(values)]
    if not len(known):
        return Spread(edges=(), shares=(0.0, 1.0))
    edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS, method="lower"))
    counts = np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1)
    shares = np.append(counts, len(values) - len(known)) / len(values)
    return Spread(edges=tuple(edges.tolist()), shares=tuple(shares.tolist()))


def stability(spread: Spread, counts: Sequence[int]) -> float:
    """Return the population stability index of later counts by bin against a spread; 0 is the same.

    Below 0.1 little has moved, above 0.25 much has. Source: Siddiqi, "Credit risk scorecards", 2006.
    """
    total = sum(counts)
    if not total or not spread.shares:
        return 0.0
    pairs = zip(spread.shares, counts, strict=True)
    floored = ((max(was, _LEAST_SHARE), max(count / total, _LEAST_SHARE)) for was, count in pairs)
    return sum((now - was) * math.log(now / was) for was, now in floored)
