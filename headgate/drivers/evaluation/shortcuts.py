"""Shortcuts that flatter a detector: columns that tell the label, columns that predict alone, a tail of fraud only.

Names, columns and labels enter; sentences for the reader leave. A column whose name tells the label is never read;
a value that predicts alone is still used, but the reader is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from headgate.drivers.evaluation.ranking import Flags, Floats, Ints
from headgate.limits import US_PER_DAY
from headgate.models.alone import alone
from headgate.models.split import Labels

_TELLING = re.compile(
    r"^(alert|pattern|scenario|typology|label|sar)(_|$)|^(alert|pattern|scenario)|"
    r"(^|_)is_?(fraud|sar|flagged|launder)|isflaggedfraud|(^|_)model_?type$|fraud|launder",
    re.IGNORECASE,
)
_ALONE_AT_LEAST = 0.2  # average precision of one column from which on the reader is told
_ALONE_TIMES = 3  # and it is at least so many times the prevalence


def telling_columns(names: Iterable[str]) -> tuple[str, ...]:
    """Return a sentence for each column name that tells the label."""
    return tuple(
        f"Column {name!r} tells the label by its name; it was refused and reaches no fact."
        for name in names
        if _TELLING.search(name)
    )


def single_columns(row: pa.Table, label: Labels, train: Ints, judged: Ints) -> tuple[str, ...]:
    """Return a sentence for each column of the raw row that predicts alone.

    label (n,) is 1, 0 or -1. Each column is cut into values or quantiles, each of which gets the fraud rate of the
    rows `train`; the average precision of that rate on the rows `judged` is what the column knows alone.
    """
    train, judged = train[label[train] >= 0], judged[label[judged] >= 0]
    positive = label[judged] == 1
    if not positive.any() or not (label[train] == 1).any():
        return ()
    least = max(_ALONE_AT_LEAST, _ALONE_TIMES * float(positive.mean()))
    found = ((name, alone(row.column(name), label, train, judged)) for name in row.column_names)
    return tuple(
        f"Column {name!r} alone reaches an average precision of {ap:.2f}: expect less where it does not tell so much."
        for name, ap in found
        if ap >= min(least, 0.9)
    )


def fraud_only_tail(clock_us: Ints, positive: Flags) -> tuple[str, ...]:
    """Return a sentence when the last days hold mostly frauds: a simulation that was left to finish its schemes."""
    days, of = np.unique(clock_us // US_PER_DAY, return_inverse=True)
    share: Floats = np.bincount(of, positive) / np.bincount(of)
    tail = len(share) - (int(np.flatnonzero(share <= 0.5).max(initial=-1)) + 1)
    if not 0 < tail < len(days):
        return ()
    return (f"In the last {tail} days more than half of the payments are frauds: the tail flatters the result.",)
