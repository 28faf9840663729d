"""One period of the split as aligned columns: the payments judged, what they turned out to be, what they were worth.

Only labelled payments can be measured; the others count for alerts and budgets. Rows are in journal order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from headgate.drivers.evaluation.ranking import Flags, Floats, Ints
from headgate.drivers.evaluation.schemes import Scheme
from headgate.limits import US_PER_DAY

Labels = npt.NDArray[np.int8]  # 1 fraud, 0 fine, -1 nobody knows


class Period(NamedTuple):
    """The payments of one period. All columns have shape (n,); `scheme` numbers `schemes`, -1 is none."""

    tx_id: list[str]
    clock_us: Ints
    amount_minor: Floats
    label: Labels
    pattern_type: list[str | None]
    scheme: Ints
    schemes: tuple[Scheme, ...]

    @property
    def positive(self) -> Flags:
        """Which payments are known frauds."""
        return np.equal(self.label, 1)

    @property
    def labelled(self) -> Flags:
        """Which payments can be measured."""
        return np.greater_equal(self.label, 0)

    @property
    def unseen(self) -> Flags:
        """Which payments are frauds of a scheme that has no payment before the period."""
        of = np.array([*(scheme.unseen for scheme in self.schemes), False])
        return np.asarray(of[self.scheme])

    @property
    def days(self) -> float:
        """The length of the period in days, from its first to its last payment; at least one hour."""
        if not len(self.clock_us):
            return 0.0
        return max(int(self.clock_us[-1] - self.clock_us[0]) / US_PER_DAY, 1 / 24)


class Truth(NamedTuple):
    """What is known of all payments of a dataset, for measuring: label and scheme by payment id."""

    labels: dict[str, int]
    schemes: dict[str, tuple[str | None, str]]


def period(
    tx_ids: list[str],
    clock_us: Ints,
    amount_minor: Floats,
    truth: Truth,
    *,
    first: int,
    stop: int,
) -> Period:
    """Return the rows first..stop-1 of all payments as a period.

    Earlier payments decide which schemes are unseen.
    """
    ids = tx_ids[first:stop]
    label = np.array([truth.labels.get(tx, -1) for tx in ids], dtype=np.int8)
    known = [truth.schemes.get(tx) if label[row] == 1 else None for row, tx in enumerate(ids)]
    earlier = _schemes_before(tx_ids, truth, first)
    schemes, number = _schemes_of(known, earlier)
    kinds = [None if scheme is None else scheme[1] for scheme in known]
    return Period(ids, clock_us[first:stop], amount_minor[first:stop], label, kinds, number, schemes)


def _schemes_before(tx_ids: list[str], truth: Truth, stop: int) -> set[str | None]:
    return {truth.schemes[tx][0] for tx in tx_ids[:stop] if tx in truth.schemes}


def _schemes_of(
    known: list[tuple[str | None, str] | None], earlier: set[str | None]
) -> tuple[tuple[Scheme, ...], Ints]:
    rows: dict[tuple[str, str], list[int]] = {}
    for row, scheme in enumerate(known):
        if scheme is not None and scheme[0] is not None:
            rows.setdefault((scheme[0], scheme[1]), []).append(row)
    number = np.full(len(known), -1, dtype=np.int64)
    for place, members in enumerate(rows.values()):
        number[members] = place
    return tuple(
        Scheme(
            name=name,
            pattern_type=kind,
            unseen=name not in earlier,
            rows=tuple(members),
        )
        for (name, kind), members in rows.items()
    ), number


def only(of: Period, keep: Flags) -> Period:
    """Return the period with the rows `keep` (n,) only; schemes are renumbered to the rows that stay."""
    place = np.cumsum(keep) - 1
    kept = [
        Scheme(
            name=scheme.name,
            pattern_type=scheme.pattern_type,
            unseen=scheme.unseen,
            rows=tuple(int(place[row]) for row in scheme.rows if keep[row]),
        )
        for scheme in of.schemes
    ]
    rows = np.flatnonzero(keep)
    return Period(
        [of.tx_id[row] for row in rows],
        of.clock_us[rows],
        of.amount_minor[rows],
        of.label[rows],
        [of.pattern_type[row] for row in rows],
        of.scheme[rows],
        tuple(kept),
    )
