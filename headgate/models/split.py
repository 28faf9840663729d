"""The split by time that training and measuring share, and which labels were known at its edges.

Rows enter in journal order. A label counts only where it was known when its own period ended; no random split.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from headgate.errors import ModelError

Ints = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int8]  # 1 fraud, 0 fine, -1 nobody knows
Flags = npt.NDArray[np.bool_]

TRAIN_SHARE: Final = 0.6
VALID_SHARE: Final = 0.2
NEVER_US: Final = int(np.iinfo(np.int64).max)  # the known-at of a label that never became known


class Split(NamedTuple):
    """Three periods of (n,) rows: [0, train_stop), [train_stop, valid_stop), [valid_stop, n).

    `train_end_us` and `valid_end_us` are the clocks at which the next period begins; `train_known` and
    `valid_known` (n,) say which rows of the period had a label that was known before its end, `known_at_us` (n,) when.
    """

    train_stop: int
    valid_stop: int
    rows: int
    train_end_us: int
    valid_end_us: int
    train_known: Flags
    valid_known: Flags
    known_at_us: Ints

    def train_labels(self, labels: Labels) -> Labels:
        """Return the (n,) labels as they were known at the end of the training period; -1 elsewhere."""
        return np.where(self.train_known, labels, -1).astype(np.int8)

    def valid_labels(self, labels: Labels) -> Labels:
        """Return the (n,) labels of the validation period as known at its end; -1 elsewhere."""
        return np.where(self.valid_known, labels, -1).astype(np.int8)

    def all_labels(self, labels: Labels) -> Labels:
        """Return the (n,) labels of both periods as they were known when validation ended; -1 elsewhere."""
        place = np.arange(self.rows)
        known = (place < self.valid_stop) & (self.known_at_us < self.valid_end_us)
        return np.where(known, labels, -1).astype(np.int8)


def time_split(
    clock_us: Ints, known_at_us: Ints, *, train_share: float = TRAIN_SHARE, valid_share: float = VALID_SHARE
) -> Split:
    """Split (n,) rows in journal order into training, validation and test by their share of the rows.

    Payments of one clock stay together. The purge gap follows from `known_at_us` (n,): a label that became known
    after its period had ended is not used in it. ModelError where the rows are out of order or a period is empty.
    """
    rows = len(clock_us)
    if rows and bool(np.any(np.diff(clock_us) < 0)):
        raise ModelError("The payments are not in the order of their clocks", repair="Sort them by time first.")
    train_stop = _edge(clock_us, round(rows * train_share))
    valid_stop = _edge(clock_us, round(rows * (train_share + valid_share)))
    if not 0 < train_stop < valid_stop < rows:
        raise ModelError(
            f"{rows} payments cannot be divided by time into training, validation and test",
            repair="Give a longer history: payments at many different times are needed.",
        )
    train_end_us, valid_end_us = int(clock_us[train_stop]), int(clock_us[valid_stop])
    place = np.arange(rows)
    train_known = (place < train_stop) & (known_at_us < train_end_us)
    valid_known = (place >= train_stop) & (place < valid_stop) & (known_at_us < valid_end_us)
    return Split(train_stop, valid_stop, rows, train_end_us, valid_end_us, train_known, valid_known, known_at_us)


def history_split(clock_us: Ints, known_at_us: Ints, end_us: int, *, train_share: float = 0.75) -> Split:
    """Split (n,) rows of history that ends at `end_us` into training and validation; nothing is left for test.

    For a model that goes to work on what comes after. Otherwise as `time_split`.
    """
    rows = len(clock_us)
    train_stop = _edge(clock_us, round(rows * train_share))
    if not 0 < train_stop < rows:
        raise ModelError(
            f"{rows} payments cannot be divided by time into training and validation",
            repair="Give a longer history: payments at many different times are needed.",
        )
    train_end_us = int(clock_us[train_stop])
    place = np.arange(rows)
    train_known = (place < train_stop) & (known_at_us < train_end_us)
    valid_known = (place >= train_stop) & (known_at_us < end_us)
    return Split(train_stop, rows, rows, train_end_us, end_us, train_known, valid_known, known_at_us)


def _edge(clock_us: Ints, row: int) -> int:
    """The first row with the clock of `row`, so that equal clocks are not divided."""
    if row >= len(clock_us):
        return len(clock_us)
    return int(np.searchsorted(clock_us, clock_us[row], side="left"))


def label_columns(
    tx_ids: Sequence[str],
    clock_us: Ints,
    labels: Mapping[str, int],
    known_at_us: Mapping[str, int],
    label_delay_us: int,
) -> tuple[Labels, Ints]:
    """Return label (n,) and known-at (n,) in the order of `tx_ids`.

    A payment without a label is -1 and never known. One found fine without a date counts as known when the label
    delay has passed; a fraud without a date was never known to anybody, so nothing learns from it.
    """
    label = np.fromiter((labels.get(tx, -1) for tx in tx_ids), np.int8, len(tx_ids))
    known = np.fromiter((known_at_us.get(tx, NEVER_US) for tx in tx_ids), np.int64, len(tx_ids))
    undated_fine = (label == 0) & (known == NEVER_US)
    known = np.where(undated_fine, clock_us + label_delay_us, known)
    return label, np.where(label < 0, NEVER_US, known).astype(np.int64)
