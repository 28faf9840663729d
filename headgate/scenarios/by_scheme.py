"""What a scenario finds of each kind of scheme, and how far two scenarios fire on the same payments.

Masks of scenarios and the kinds and ids of the schemes of the same payments enter; counts and shares leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What fires on one kind of scheme: payments of all its payments, schemes with at least one of all its schemes."""

    kind: str
    payments: int
    of_payments: int
    schemes: int
    of_schemes: int

    @property
    def recall(self) -> float:
        """Share of the payments of this kind on which it fires."""
        return self.payments / self.of_payments


class Overlap(msgspec.Struct, frozen=True, kw_only=True):
    """Two scenarios that fire on the same payments: how many, as a share of the smaller and of both together."""

    first: str
    second: str
    both: int
    of_smaller: float
    of_union: float


def by_scheme(mask: Mask, kind: npt.NDArray[Any], scheme: npt.NDArray[Any]) -> tuple[Found, ...]:
    """Return what is found of each kind, by name; `kind` and `scheme` are empty where a payment is of none."""
    return tuple(
        _found(name, mask & (kind == name), kind == name, scheme) for name in sorted(set(kind.tolist()) - {""})
    )


def _found(name: str, hit: Mask, there: Mask, scheme: npt.NDArray[Any]) -> Found:
    return Found(
        kind=name,
        payments=int(hit.sum()),
        of_payments=int(there.sum()),
        schemes=len(set(scheme[hit].tolist())),
        of_schemes=len(set(scheme[there].tolist())),
    )


def overlaps(masks: Mapping[str, Mask]) -> tuple[Overlap, ...]:
    """Return every pair that fires on at least one payment together, the largest share of the smaller one first."""
    pairs = (_overlap(one, other, masks[one], masks[other]) for one, other in combinations(sorted(masks), 2))
    shared = (pair for pair in pairs if pair.both)
    return tuple(sorted(shared, key=lambda pair: (-pair.of_smaller, -pair.of_union, pair.first, pair.second)))


def _overlap(one: str, other: str, first: Mask, second: Mask) -> Overlap:
    both, either = int((first & second).sum()), int((first | second).sum())
    smaller = int(min(first.sum(), second.sum()))
    return Overlap(
        first=one,
        second=other,
        both=both,
        of_smaller=both / smaller if smaller else 0.0,
        of_union=both / either if either else 0.0,
    )
