"""How a model ranks known payments, with an interval: for the card and for the search.

Margins, labels and days enter; numbers leave. Nothing here knows where they come from.
"""

from __future__ import annotations

import numpy as np

from headgate.models.calibration import Floats
from headgate.models.document import Metrics
from headgate.models.split import Ints, Labels

RESAMPLES = 200
_LEAST_DAYS = 5  # with fewer, days are no clusters to draw from


def metrics(margins: Floats, labels: Labels, days: Ints, seed: int) -> Metrics:
    """Return the measures of rows (n,) with a known label; all None where a class is absent."""
    known = labels >= 0
    scores, fraud = margins[known], labels[known] == 1
    if not fraud.any() or fraud.all():
        return Metrics()
    from sklearn.metrics import roc_auc_score

    top = np.argsort(-scores, kind="stable")[: max(1, round(len(scores) * 0.005))]
    found = int(fraud[top].sum())
    return Metrics(
        average_precision=average_precision(scores, fraud),
        average_precision_interval=interval(scores, fraud, days[known], seed),
        roc_auc=float(roc_auc_score(fraud, scores)),
        precision_at_half_percent=found / len(top),
        recall_at_half_percent=found / int(fraud.sum()),
        fraud_share=float(fraud.mean()),
    )


def average_precision(scores: Floats, fraud: np.ndarray, weights: Ints | None = None) -> float:
    """Return the average precision of scores (n,) for `fraud` (n,); 0 without frauds. weights: copies of each row."""
    weight = np.ones(len(scores)) if weights is None else weights.astype(np.float64)
    if not len(scores) or not weight[fraud].sum():
        return 0.0
    order = np.argsort(-scores, kind="stable")
    ranked, bad = scores[order], np.where(fraud[order], weight[order], 0.0)
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    frauds, read = np.cumsum(bad)[ends], np.cumsum(weight[order])[ends]
    precision = np.divide(frauds, read, out=np.zeros_like(read), where=read > 0)
    return float(np.sum(np.diff(frauds, prepend=0.0) * precision) / frauds[-1])


def interval(scores: Floats, fraud: np.ndarray, days: Ints, seed: int) -> tuple[float, float] | None:
    """Return the 95% interval of the average precision by a bootstrap over days; None with hardly any days."""
    values = [average_precision(scores, fraud, weight) for weight in day_weights(days, seed) if weight[fraud].sum()]
    return _central(values)


def paired_interval(one: Floats, other: Floats, fraud: np.ndarray, days: Ints, seed: int) -> tuple[float, float] | None:
    """Return the 95% interval of the average precision of `one` minus that of `other`, on the same resamples."""
    return _central(
        [
            average_precision(one, fraud, weight) - average_precision(other, fraud, weight)
            for weight in day_weights(days, seed)
            if weight[fraud].sum()
        ]
    )


def day_weights(days: Ints, seed: int, count: int = RESAMPLES) -> list[Ints]:
    """Return how often each row (n,) is drawn in each of `count` resamples of whole days; none with hardly any days.

    Payments of one day rise and fall together. Source: Field and Welsh, "Bootstrapping clustered data", 2007.
    """
    present, place = np.unique(days, return_inverse=True)
    if len(present) < _LEAST_DAYS:
        return []
    draw = np.random.default_rng(seed)
    drawn = (draw.integers(0, len(present), len(present)) for _ in range(count))
    return [np.bincount(each, minlength=len(present))[place].astype(np.int64) for each in drawn]


def _central(values: list[float]) -> tuple[float, float] | None:
    if len(values) * 2 < RESAMPLES:
        return None
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
