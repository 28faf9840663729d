"""The values of one source row: text, exact amounts, times and labels, or the reason why not.

One row at a time, so that every bad row can be named with file, line, column and reason.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from headgate.connectors.column_map import ColumnMap
from headgate.journal.currency import MINOR_DIGITS
from headgate.journal.validation import MAX_AMOUNT_MINOR
from headgate.limits import MAX_CLOCK_US, MAX_ID_CHARS, MIN_CLOCK_US

_PER_UNIT_US = {"s": 1_000_000, "ms": 1_000, "us": 1}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Numbers that are seconds since 1970 for the years 2001 to 2040.
_LOOKS_LIKE_SECONDS = range(10**9, 22 * 10**8)


class BadValue(Exception):  # noqa: N818 - a verdict on one row, caught where rows are read
    """One value of a row is wrong: its source column and the reason."""

    def __init__(self, column: str, reason: str) -> None:
        self.column = column
        self.reason = reason
        super().__init__(f"{column}: {reason}")


def text_value(column: str, value: Any) -> str:
    """Return a non-empty id of printable characters."""
    text = "" if value is None else str(value).strip()
    if not text:
        raise BadValue(column, "is empty")
    if len(text) > MAX_ID_CHARS:
        raise BadValue(column, f"has {len(text)} characters, at most {MAX_ID_CHARS} are allowed")
    if not text.isprintable():
        raise BadValue(column, "holds a control character")
    return text


def amount_value(column: str, value: Any, currency: str, column_map: ColumnMap) -> Decimal:
    """Return an amount in major units, exact, from 0, rounded half-even to the currency's minor unit."""
    shown = str(value).strip() if value is not None else ""
    plain = shown.replace(".", "").replace(",", ".") if column_map.decimal == "," else shown.replace(",", "")
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        raise BadValue(column, f"{shown!r} is not a number") from None
    if not amount.is_finite():
        raise BadValue(column, f"{shown!r} is not a finite number")
    if amount < 0:
        raise BadValue(column, f"{shown} is negative: give a refund as a payment the other way")
    digits = MINOR_DIGITS[currency]
    minor = amount if column_map.amount_in == "minor" else amount.scaleb(digits)
    if minor > MAX_AMOUNT_MINOR:
        raise BadValue(column, f"{shown} overflows: check its unit")
    return Decimal(round(minor)).scaleb(-digits)


def currency_value(column: str, value: Any) -> str:
    """Return an ISO 4217 code."""
    code = text_value(column, value).upper()
    if code not in MINOR_DIGITS:
        raise BadValue(column, f"{code!r} is not an ISO 4217 currency")
    return code


def time_reader(column_map: ColumnMap) -> Callable[[str, Any], int]:
    """Return a function from (column, source value) to microseconds UTC."""
    time = column_map.time
    zone = ZoneInfo(time.zone)
    origin_us = (datetime.fromisoformat(time.origin).replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)

    def read(column: str, value: Any) -> int:
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day)
        if isinstance(value, datetime):
            return in_range(column, value, _micros(value, zone))
        shown = "" if value is None else str(value).strip()
        if time.unit is not None:
            return in_range(column, shown, origin_us + _number_us(column, shown, time.unit, time.origin))
        return in_range(column, shown, _micros(_parsed(column, shown, time.format), zone))

    return read


def _micros(moment: datetime, zone: ZoneInfo) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def _number_us(column: str, shown: str, unit: str, origin: str) -> int:
    try:
        number = Decimal(shown)
    except InvalidOperation:
        raise BadValue(column, f"{shown!r} is not a number of {unit}") from None
    if not number.is_finite():
        raise BadValue(column, f"{shown!r} is not a finite number")
    if unit == "ms" and origin == "1970-01-01" and int(number) in _LOOKS_LIKE_SECONDS:
        raise BadValue(column, f'{shown} looks like seconds, not milliseconds: set unit = "s" in the map')
    return int(number / 1000) if unit == "ns" else int(number * _PER_UNIT_US[unit])


def _parsed(column: str, shown: str, layout: str | None) -> datetime:
    try:
        return datetime.strptime(shown, layout) if layout else datetime.fromisoformat(shown)
    except ValueError:
        wanted = f"the format {layout!r}" if layout else "ISO 8601 (set time.format or time.unit in the map)"
        raise BadValue(column, f"{shown!r} is not a time in {wanted}") from None


def in_range(column: str, shown: object, micros: int) -> int:
    """Return the time where it lies between 1970 and 2100."""
    if not MIN_CLOCK_US <= micros < MAX_CLOCK_US:
        raise BadValue(column, f"{shown} is outside 1970 to 2100: check the unit")
    return micros


def label_value(column: str, value: Any, column_map: ColumnMap) -> int | None:
    """Return 1 for fraud, 0 for fine, None for not labelled."""
    shown = "" if value is None else str(value).strip().lower()
    meanings: tuple[tuple[list[str], int | None], ...] = (
        (column_map.label.unlabelled, None),
        (column_map.label.fraud, 1),
        (column_map.label.fine, 0),
    )
    for values, meaning in meanings:
        if shown in (item.lower() for item in values):
            return meaning
    raise BadValue(column, f"{shown!r} is no known label: list it under [label] in the map")
