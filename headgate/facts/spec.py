"""What a fact is: a name, a sentence, a unit, a type, the rule that gives its value, and the payments behind it.

The words stand beside the rule, here and in `definitions/`; no page invents its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import pyarrow as pa

from headgate.facts.values import FactValue
from headgate.facts.view import Edge
from headgate.limits import PROFILE_HORIZON_US, US_PER_DAY, US_PER_HOUR

if TYPE_CHECKING:
    from headgate.facts.moment import Moment

FactClass = Literal["window", "profile", "ever", "attribute"]

INT: pa.DataType = pa.int64()
FLOAT: pa.DataType = pa.float64()
BOOL: pa.DataType = pa.bool_()
TEXT: pa.DataType = pa.utf8()


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """A window length: its name in fact names, its microseconds, and its words."""

    name: str
    us: int
    words: str


SPANS: tuple[Span, ...] = (
    Span("1h", US_PER_HOUR, "in the hour before"),
    Span("6h", 6 * US_PER_HOUR, "in the 6 hours before"),
    Span("24h", 24 * US_PER_HOUR, "in the 24 hours before"),
    Span("72h", 72 * US_PER_HOUR, "in the 72 hours before"),
    Span("7d", 7 * US_PER_DAY, "in the 7 days before"),
    Span("14d", 14 * US_PER_DAY, "in the 14 days before"),
    Span("28d", 28 * US_PER_DAY, "in the 28 days before"),
)
LONGEST = SPANS[-1]

# Whole UTC days that ended before the payment's own day began.
PROFILE_SPANS: tuple[Span, ...] = (
    Span("90d", 90 * US_PER_DAY, "in the 90 closed days before"),
    Span("400d", PROFILE_HORIZON_US, "in the 400 closed days before"),
)


class Behind(NamedTuple):
    """The payments behind a value, each with its role and hop, in any order."""

    payments: Sequence[tuple[Edge, str, int]] = ()
    truncated: bool = False
    share_retained: float | None = None


Plan: TypeAlias = "tuple[str | int, ...]"
Rule: TypeAlias = "Callable[[Moment], FactValue]"
Evidence: TypeAlias = "Callable[[Moment], Behind]"


@dataclass(frozen=True, slots=True, eq=False)
class FactSpec:
    """One fact of the grammar.

    form: the name with its choices, as the grammar prints it. klass: how long what it needs is remembered. reads: the
    stores it looks into. value: the rule; behind: its evidence; both read the moment of one payment. plan: the same
    rule in the words of the compiled kernel: the name of a measure, then what it is taken of.
    """

    name: str
    form: str
    sentence: str
    unit: str
    klass: FactClass
    arrow_type: pa.DataType
    window_us: int | None
    value: Rule = field(repr=False)
    behind: Evidence = field(repr=False)
    reads: frozenset[str] = frozenset()
    plan: Plan = ()
