"""What a scheme file declares: the scheme, how late its fraud becomes known, and its benign twins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from headgate.drivers.simulation.stage import Stage

Plan = Callable[[Stage], None]


@dataclass(frozen=True)
class Twin:
    """Honest payments that look like the scheme. `plan` plays one instance on a stage."""

    name: str
    sentence: str
    plan: Plan


@dataclass(frozen=True)
class Scheme:
    """One kind of crime. `known_days` is the median and the spread (of the logarithm) of its label's delay.

    scenario: the id of the packaged scenario that looks for it.
    """

    name: str
    scenario: str
    sentence: str
    plan: Plan
    known_days: tuple[float, float]
    twins: tuple[Twin, ...]
    weight: int = 1  # how often it lies in the deck
