"""Numbers as people read them. A missing number is a dash, never a zero."""

from __future__ import annotations

from collections.abc import Sequence

MISSING = "–"


def decimal(value: float | None, digits: int = 3) -> str:
    """Return 0.8342 as `0.834`."""
    return MISSING if value is None else f"{value:.{digits}f}"


def percent(value: float | None) -> str:
    """Return 0.8342 as `83.4%`; small shares keep two figures."""
    if value is None:
        return MISSING
    hundred = value * 100
    return f"{hundred:.2g}%" if 0 < abs(hundred) < 1 else f"{hundred:.1f}%"


def count(value: float | None) -> str:
    """Return 196667 as `196,667`; fractions below one hundred keep one figure."""
    if value is None:
        return MISSING
    return f"{value:,.0f}" if value >= 100 or float(value).is_integer() else f"{value:,.1f}"


def duration(hours: float | None) -> str:
    """Return a time in hours in the unit that fits: minutes, hours or days."""
    if hours is None:
        return MISSING
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.1f} h" if hours < 72 else f"{hours / 24:.1f} days"


def seconds(value: float) -> str:
    """Return seconds as `12.3 s` or `4 min 05 s`."""
    return f"{value:.1f} s" if value < 100 else f"{int(value) // 60} min {int(value) % 60:02d} s"


def between(interval: Sequence[float] | None, form: str = "decimal") -> str:
    """Return an interval as `0.79 to 0.87`, or nothing where there is none."""
    if not interval:
        return ""
    show = {"decimal": decimal, "percent": percent, "duration": duration, "count": count}[form]
    return f"{show(interval[0])} to {show(interval[1])}"
