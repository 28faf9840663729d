"""What one column knows alone: the average precision of its values, which gives a leak away.

A column, labels and rows enter; numbers and sentences leave. A column that tells the label without any other was often
written when the outcome was known.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headgate.models.calibration import Floats
from headgate.models.measures import average_precision
from headgate.models.split import Ints, Labels

SUSPICIOUS: Final = 0.9  # average precision of one fact from which on it is told that it may be a leak
_BINS = 50


def alone(column: pa.ChunkedArray, label: Labels, train: Ints, judged: Ints) -> float:
    """Return the average precision on `judged` of what a column knows alone: the fraud rate that `train` gives its
    values, or, for a number, its size or smallness where that is better."""
    positive = label[judged] == 1
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return average_precision(_rates(_codes_of_text(column), label, train)[judged], positive)
    values = column.cast(pa.float64()).to_numpy()
    values = np.where(np.isnan(values), 0.0, values)
    rates = _rates(_codes_of_numbers(values, train), label, train)
    return max(average_precision(scores, positive) for scores in (rates[judged], values[judged], -values[judged]))


def suspicious(facts: pa.Table, names: Iterable[str], label: Labels, train: Ints, judged: Ints) -> tuple[str, ...]:
    """Return a sentence for each of the facts that tells nearly everything alone; label (n,) is 1, 0 or -1.

    train and judged: rows with a known label; without a fraud in either nothing can be said.
    """
    if not (label[judged] == 1).any() or not (label[train] == 1).any() or (label[judged] == 1).mean() > 0.5:
        return ()
    found = ((name, alone(facts.column(name), label, train, judged)) for name in names)
    return tuple(
        f"The fact {name!r} alone reaches an average precision of {ap:.2f}: expect less where it tells less, "
        "and check that it was not written when the outcome was known."
        for name, ap in found
        if ap >= SUSPICIOUS
    )


def _rates(codes: Ints, label: Labels, train: Ints) -> Floats:
    """The fraud rate of each row's code in training, drawn towards the overall rate by one payment."""
    total = np.bincount(codes[train], minlength=int(codes.max(initial=0)) + 1)
    frauds = np.bincount(codes[train], label[train] == 1, minlength=len(total))
    overall = frauds.sum() / max(total.sum(), 1)
    rate = (frauds + overall) / (total + 1)
    return np.asarray(rate[codes], np.float64)


def _codes_of_numbers(values: Floats, train: Ints) -> Ints:
    edges = np.unique(np.quantile(values[train], np.linspace(0, 1, _BINS), method="nearest"))
    return np.searchsorted(edges, values, side="left") + np.searchsorted(edges, values, side="right")


def _codes_of_text(column: pa.ChunkedArray) -> Ints:
    text = pc.fill_null(column.cast(pa.utf8()), "").combine_chunks().dictionary_encode()
    return np.asarray(text.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
