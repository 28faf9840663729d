"""The two periods that training sees: their rows with a known label, whether they can teach, and what the card says.

Facts, labels and the split enter; encoded rows leave, or the error with its repair.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from headgate.errors import ModelError
from headgate.limits import MIN_STOPPING_FRAUDS, MIN_TRAINING_FRAUDS, MIN_TRAINING_ROWS, US_PER_DAY
from headgate.models.alone import suspicious
from headgate.models.document import Origin, Provenance, Settings
from headgate.models.encoding import Encoder
from headgate.models.growing import Rows, kept
from headgate.models.split import NEVER_US, Ints, Labels, Split

LARGEST_GAINS = 3  # facts that are looked at for a leak: one that leaks has nearly all of the gain


class Periods:
    """The rows of training and validation with a known label."""

    def __init__(self, facts: pa.Table, labels: Labels, clock_us: Ints, split: Split) -> None:
        assert facts.num_rows == len(labels) == split.rows, "one label and one place for each row"
        self.facts = facts
        self.split = split
        self._labels, self._clock_us = labels, clock_us
        self.train_labels = split.train_labels(labels)
        self.valid_labels = split.valid_labels(labels)
        self.all_labels = split.all_labels(labels)

    @property
    def can_stop(self) -> bool:
        """Whether validation holds enough of both classes to stop training by it."""
        return _count(self.valid_labels, 1) >= MIN_STOPPING_FRAUDS and _count(self.valid_labels, 0) > 0

    def check(self) -> None:
        """Raise ModelError unless the training period can teach anything."""
        frauds, fines = _count(self.train_labels, 1), _count(self.train_labels, 0)
        if frauds + fines < MIN_TRAINING_ROWS:
            self._check_known_in_time()
            raise ModelError(
                f"Only {frauds + fines} payments of the training period had a known label when it ended, "
                f"{MIN_TRAINING_ROWS} are needed",
                repair="Give a longer history, more labels, or a shorter --label-delay.",
            )
        if fines == 0 or frauds < MIN_TRAINING_FRAUDS:
            raise ModelError(
                f"The training period has {frauds} known frauds and {fines} payments known to be fine; at least "
                f"{MIN_TRAINING_FRAUDS} frauds and one fine payment are needed",
                repair="Give a longer history or work with scenarios alone until outcomes are known.",
            )

    def _check_known_in_time(self) -> None:
        """Raise ModelError where there would be labels enough, had they been known in time: the purge took them."""
        labelled, known_us = self._labels[: self.split.train_stop] >= 0, self.split.known_at_us[: self.split.train_stop]
        dated = labelled & (known_us < NEVER_US)
        if int(dated.sum()) < MIN_TRAINING_ROWS:
            return
        span_us = int(self._clock_us[-1] - self._clock_us[0])
        delay_us = int(np.median(known_us[dated] - self._clock_us[: self.split.train_stop][dated]))
        raise ModelError(
            f"The payments span {span_us / US_PER_DAY:.1f} days, and labels become known "
            f"{delay_us / US_PER_DAY:.0f} days after their payment: hardly any was known when training ended",
            repair="Use `--label-delay 0` if the labels were known at once, or give a longer history.",
        )

    def known(self, labels: Labels, encoder: Encoder) -> Rows:
        """Return the encoded facts and the labels of the rows whose label is known."""
        return self.rows(np.flatnonzero(labels >= 0), labels, encoder)

    def teaching(self, labels: Labels, encoder: Encoder, settings: Settings) -> Rows:
        """Return the rows with a known label that teach."""
        known = np.flatnonzero(labels >= 0)
        teach, weights = kept(labels[known].astype(np.float64), settings)
        return self.rows(known[teach], labels, encoder)._replace(weights=weights)

    def rounds_for_both(self, rounds: int, settings: Settings) -> int:
        """Return how many trees both periods bear where training alone bore `rounds`.

        Where validation said how many, more in proportion to the rows; a number that was given stays.
        """
        if not self.can_stop:
            return rounds
        more = _known(self.all_labels) / _known(self.train_labels)
        return min(settings.rounds_allowed, round(rounds * more))

    def rows(self, rows: Ints, labels: Labels, encoder: Encoder) -> Rows:
        """Return the encoded facts and the labels of these rows."""
        return Rows(encoder.table(self.facts.take(rows)), labels[rows].astype(np.float64))

    def suspicious(self, importance: Sequence[tuple[str, float]]) -> tuple[str, ...]:
        """Return what is to be told of the facts with the largest gain: one that knows the label may be a leak."""
        train, judged = (np.flatnonzero(labels >= 0) for labels in (self.train_labels, self.valid_labels))
        names = [name for name, _ in importance[:LARGEST_GAINS]]
        return suspicious(self.facts, names, np.maximum(self.train_labels, self.valid_labels), train, judged)

    def provenance(self, clock_us: Ints, origin: Origin, settings: Settings) -> Provenance:
        """Return what the card says about the data."""
        return Provenance(
            title=origin.title,
            reference_currency=origin.reference_currency,
            time_zone=origin.time_zone,
            label_delay_us=origin.label_delay_us,
            train_from_us=int(clock_us[0]),
            train_end_us=self.split.train_end_us,
            valid_end_us=self.split.valid_end_us,
            train_rows=_known(self.train_labels),
            train_frauds=_count(self.train_labels, 1),
            train_unknown=self.split.train_stop - _known(self.train_labels),
            valid_rows=_known(self.valid_labels),
            valid_frauds=_count(self.valid_labels, 1),
            both_rows=_known(self.all_labels) if settings.grown_again else 0,
            both_frauds=_count(self.all_labels, 1) if settings.grown_again else 0,
        )


def _count(labels: Labels, value: int) -> int:
    return int((labels == value).sum())


def _known(labels: Labels) -> int:
    return int((labels >= 0).sum())
