"""Facts and parameters in words for people: money in major units, durations, shares, counts.

Values and units enter, text leaves. A reason sentence is a text with `{fact}` placeholders; nothing in it is
evaluated, and a placeholder can only be replaced by the value of what it names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal

from headgate.errors import ScenarioError
from headgate.facts.values import FactValue
from headgate.journal.currency import MINOR_DIGITS

MONEY = "reference minor units"
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_DURATIONS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def to_minor(major: int | float, currency: str) -> int:
    """Return an amount in minor units, from one in major units as a person writes it; rounded half-even."""
    exact = Decimal(str(major)).scaleb(MINOR_DIGITS[currency])
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def say(value: FactValue, unit: str, currency: str, style: str = "") -> str:
    """Return a value in words.

    unit: the unit of a fact or parameter. style: `percent` or `times` for ratios, empty for what the unit asks for.
    What is not known is "unknown".
    """
    if value is None or value != value:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return _STYLES[style](value) if style else _number(value, unit, currency)


def _number(value: int | float, unit: str, currency: str) -> str:
    if unit == MONEY:
        return _money(value, currency)
    if unit == "seconds":
        return _duration(value)
    if unit == "days":
        return _duration(value * 86_400)
    if unit in ("ratio", "0 to 1"):
        return _percent(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def _money(minor: int | float, currency: str) -> str:
    digits = MINOR_DIGITS[currency]
    return f"{currency} {Decimal(round(minor)).scaleb(-digits):,.{digits}f}"


def _duration(seconds: int | float) -> str:
    """Return the two largest units of a duration that are not zero, for instance 3 days 4 hours."""
    rest, parts = round(seconds), list[str]()
    for size, name in _DURATIONS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count:,} {name}{'' if count == 1 else 's'}")
    return " ".join(parts[:2]) or "0 seconds"


def _percent(value: int | float) -> str:
    return f"{100 * value:,.0f} %"


def _times(value: int | float) -> str:
    return f"{value:,.1f} times"


_STYLES: dict[str, Callable[[int | float], str]] = {"percent": _percent, "times": _times}


class Sentence:
    """A reason with placeholders. `names`: the facts and parameters it shows, in order of first use."""

    def __init__(self, text: str, unit_of: Callable[[str], str], currency: str) -> None:
        """Raise ScenarioError for an unknown style; `unit_of` gives the unit of a name or raises for unknown ones."""
        self._texts, self._slots = list[str](), list[tuple[str, str, str]]()
        self._currency = currency
        end = 0
        for found in _PLACEHOLDER.finditer(text):
            name, _, style = found[1].partition(":")
            _known_style(style, found[0])
            self._texts.append(text[end : found.start()])
            self._slots.append((name, unit_of(name), style))
            end = found.end()
        self._rest = text[end:]
        self.names = tuple(dict.fromkeys(name for name, _, _ in self._slots))

    def fill(self, values: Mapping[str, FactValue]) -> str:
        """Return the sentence with the values in it."""
        said = (say(values.get(name), unit, self._currency, style) for name, unit, style in self._slots)
        return "".join(part for pair in zip(self._texts, said, strict=True) for part in pair) + self._rest


def _known_style(style: str, written: str) -> None:
    if style and style not in _STYLES:
        raise ScenarioError(
            f"The reason shows {written} in a style that does not exist",
            where="reason",
            repair=f"Use one of {', '.join(_STYLES)}, or none.",
        )
