"""What became of each scheme: was one of its payments alerted, which one, and after how long.

A scheme is a set of labelled payments that belong together, known for measuring only. Counting begins with its
first payment of the test period. Schemes with no payment before it are `unseen` and reported apart, because a scheme
that the model has met is easier.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

import msgspec
import numpy as np

from headgate.drivers.evaluation.ranking import Flags, Floats, Ints
from headgate.limits import US_PER_HOUR


class SchemeOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """One scheme in the test period. `first_alert` counts its payments from 1; None was never alerted."""

    scheme: str
    pattern_type: str
    unseen: bool
    payments: int
    alerted: int
    first_alert: int | None
    hours_to_first_alert: float | None


class SchemesFound(msgspec.Struct, frozen=True, kw_only=True):
    """Schemes with at least one alert of all schemes; the medians are over the schemes that were found."""

    schemes: int
    found: int
    recall: float | None
    payments_to_first_alert: float | None
    hours_to_first_alert: float | None


class Scheme(msgspec.Struct, frozen=True, kw_only=True):
    """A scheme of the test period: `rows` are the places of its payments, in journal order."""

    name: str
    pattern_type: str
    unseen: bool
    rows: tuple[int, ...]


def outcome_of(scheme: Scheme, alerted: Flags, clock_us: Ints) -> SchemeOutcome:
    """Return what the alerts (n,) made of one scheme."""
    hits = [place for place, row in enumerate(scheme.rows) if alerted[row]]
    waited = int(clock_us[scheme.rows[hits[0]]] - clock_us[scheme.rows[0]]) if hits else None
    return SchemeOutcome(
        scheme=scheme.name,
        pattern_type=scheme.pattern_type,
        unseen=scheme.unseen,
        payments=len(scheme.rows),
        alerted=len(hits),
        first_alert=hits[0] + 1 if hits else None,
        hours_to_first_alert=None if waited is None else waited / US_PER_HOUR,
    )


def found_of(outcomes: tuple[SchemeOutcome, ...]) -> SchemesFound:
    """Return the summary of some schemes; None where there is no scheme to speak of."""
    found = [scheme for scheme in outcomes if scheme.first_alert is not None]
    return SchemesFound(
        schemes=len(outcomes),
        found=len(found),
        recall=len(found) / len(outcomes) if outcomes else None,
        payments_to_first_alert=median(s.first_alert or 0 for s in found) if found else None,
        hours_to_first_alert=median(s.hours_to_first_alert or 0.0 for s in found) if found else None,
    )


def recall_of_schemes(outcomes: tuple[SchemeOutcome, ...], drawn: Ints) -> float | None:
    """Return the share of found schemes when scheme i counts `drawn[i]` times."""
    total = int(drawn.sum())
    return sum(int(n) for s, n in zip(outcomes, drawn, strict=True) if s.alerted) / total if total else None


def hours_of_schemes(outcomes: tuple[SchemeOutcome, ...], drawn: Ints) -> float | None:
    """Return the median hours to the first alert when scheme i counts `drawn[i]` times."""
    waited = [(s.hours_to_first_alert, int(n)) for s, n in zip(outcomes, drawn, strict=True)]
    hours = [hour for hour, times in waited if hour is not None for _ in range(times)]
    return median(hours) if hours else None


def payments_of_schemes(outcomes: tuple[SchemeOutcome, ...], drawn: Ints) -> float | None:
    """Return the median payments to the first alert when scheme i counts `drawn[i]` times."""
    places = [s.first_alert for s, n in zip(outcomes, drawn, strict=True) for _ in range(int(n))]
    found = [place for place in places if place is not None]
    return median(found) if found else None


class PatternRecall(msgspec.Struct, frozen=True, kw_only=True):
    """How many of the payments of one pattern type were alerted, and how many of its schemes were found.

    ap: average precision over the frauds of this type and all fine payments; None where nothing ranks.
    """

    pattern_type: str
    payments: int
    recall: float
    ap: float | None = None
    schemes: int
    schemes_found: int


def recall_by_pattern(
    pattern_type: list[str | None],
    positive: Flags,
    alerted: Flags,
    outcomes: tuple[SchemeOutcome, ...],
    precision: Callable[[Flags], float | None] = lambda of: None,
) -> tuple[PatternRecall, ...]:
    """Return one row for each pattern type among the fraudulent payments (n,), by name.

    precision: gives the average precision of the frauds (n,) of a type among all fine payments.
    """
    kinds = np.array(["" if kind is None else kind for kind in pattern_type], dtype=object)
    names = sorted({str(kind) for kind in kinds[positive] if kind})
    return tuple(_pattern_row(name, (kinds == name) & positive, alerted, outcomes, precision) for name in names)


def _pattern_row(
    name: str,
    rows: Flags,
    alerted: Flags,
    outcomes: tuple[SchemeOutcome, ...],
    precision: Callable[[Flags], float | None],
) -> PatternRecall:
    schemes = [scheme for scheme in outcomes if scheme.pattern_type == name]
    return PatternRecall(
        pattern_type=name,
        payments=int(rows.sum()),
        recall=float(alerted[rows].mean()),
        ap=precision(rows),
        schemes=len(schemes),
        schemes_found=sum(scheme.alerted > 0 for scheme in schemes),
    )


def value_detected(amount_minor: Floats, positive: Flags, alerted: Flags, weights: Ints | None = None) -> float | None:
    """Return the share of the fraudulent reference amount that was alerted; the alert precedes settlement.

    An alert on a later payment of the same scheme does not bring an earlier one back and is not counted.
    """
    amounts = amount_minor * positive * (1 if weights is None else weights)
    total = float(amounts.sum())
    return float(amounts[alerted].sum()) / total if total > 0 else None
