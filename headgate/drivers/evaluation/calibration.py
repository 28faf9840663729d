"""Whether a probability means what it says: expected calibration error and the table behind it.

Probabilities and labels enter; numbers leave. Calibration itself was fitted elsewhere, on validation.
"""

from __future__ import annotations

from itertools import pairwise

import msgspec
import numpy as np

from headgate.drivers.evaluation.ranking import Flags, Floats, Ints

EQUAL_BINS = 15
# Frauds are rare: equal bins would put nearly all payments in the first. The table cuts the tail finer and finer.
TAIL_SHARES = (0.5, 0.9, 0.97, 0.99, 0.995, 0.998, 0.999)


class Reliability(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the calibration table: payments of like probability, what was promised and what came."""

    payments: int
    predicted: float
    observed: float


def expected_calibration_error(probability: Floats, positive: Flags, weights: Ints | None = None) -> float | None:
    """Return the mean gap between promised and observed fraud rate over 15 equal-width bins, by payments.

    Source: Naeini, Cooper and Hauskrecht, AAAI 2015; bins (k/15, (k+1)/15] as in Guo et al., ICML 2017.
    """
    weight = np.ones(len(probability)) if weights is None else weights.astype(np.float64)
    if weight.sum() == 0:
        return None
    bins = np.clip(np.ceil(probability * EQUAL_BINS).astype(np.int64) - 1, 0, EQUAL_BINS - 1)
    promised = np.bincount(bins, weight * probability, EQUAL_BINS)
    observed = np.bincount(bins, weight * positive, EQUAL_BINS)
    return float(np.abs(promised - observed).sum() / weight.sum())


def reliability(probability: Floats, positive: Flags) -> tuple[Reliability, ...]:
    """Return the calibration table, from the least to the most suspicious payments, finer towards the top."""
    order = np.argsort(probability, kind="stable")
    cuts = np.unique([0, *(int(share * len(order)) for share in TAIL_SHARES), len(order)])
    rows = [order[low:high] for low, high in pairwise(cuts)]
    return tuple(
        Reliability(
            payments=len(row),
            predicted=float(probability[row].mean()),
            observed=float(positive[row].mean()),
        )
        for row in rows
    )
