"""What is usual: for the account by its own longer past, as other facts of the same payment tell it, and in general.

Pure functions of the facts of one payment. A fact that says nothing about an account's own past has no own usual.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from headgate.facts.values import FactValue
from headgate.limits import US_PER_DAY, US_PER_HOUR
from headgate.models.encoding import FactColumn, Usual

_WINDOWED = re.compile(r"(payer|payee|pair|reverse_pair)_(sent|received|any)_(count|sum|mean|max)_(\d+)([hd])")
_LONG = ("28d", "7d")  # windows that tell of an account's past, the longest first
_AMOUNT = ("payer_sent_mean_28d", "payer_sent_mean_7d")


def own_usual(name: str, facts: Mapping[str, FactValue]) -> float | None:
    """Return what the account's longer past says of a fact; None where it says nothing.

    A count or sum over a short window against the longest one that is known, scaled to the same length; a mean or
    maximum against the mean or maximum of the longest; the amount against the payer's own mean.
    """
    for longer, factor in _own_facts(name):
        value = facts.get(longer)
        if isinstance(value, int | float) and not isinstance(value, bool) and value == value:
            return value * factor
    return None


def usual_of(column: FactColumn, facts: Mapping[str, FactValue]) -> Usual:
    """Return the value that turns a fact back: the account's own usual where there is one, else that of training."""
    own = own_usual(column.name, facts)
    return column.usual if own is None else own


@lru_cache(maxsize=4096)
def _own_facts(name: str) -> tuple[tuple[str, float], ...]:
    """The facts to look at, in order, each with the factor that makes it comparable."""
    if name == "amount":
        return tuple((longer, 1.0) for longer in _AMOUNT)
    parts = _WINDOWED.fullmatch(name)
    if parts is None:
        return ()
    stem, kind, length = name[: name.rindex("_")], parts[3], _length_us(parts[4], parts[5])
    longer = [(window, _length_us(window[:-1], window[-1])) for window in _LONG]
    scaled = kind in ("count", "sum")
    return tuple((f"{stem}_{window}", length / long if scaled else 1.0) for window, long in longer if long > length)


def _length_us(number: str, unit: str) -> int:
    return int(number) * (US_PER_DAY if unit == "d" else US_PER_HOUR)
