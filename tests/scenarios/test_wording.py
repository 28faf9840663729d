"""Values in words for people."""

from __future__ import annotations

import math

import pytest

from headgate.facts.values import FactValue
from headgate.scenarios.wording import MONEY, say, to_minor


@pytest.mark.parametrize(
    ("value", "unit", "currency", "words"),
    [
        (123456, MONEY, "EUR", "EUR 1,234.56"),
        (1234.5, MONEY, "JPY", "JPY 1,234"),
        (123456, MONEY, "KWD", "KWD 123.456"),
        (0, "seconds", "EUR", "0 seconds"),
        (59.6, "seconds", "EUR", "1 minute"),
        (90061, "seconds", "EUR", "1 day 1 hour"),
        (86400 * 400, "seconds", "EUR", "400 days"),
        (0.25, "days", "EUR", "6 hours"),
        (0.915, "ratio", "EUR", "92 %"),
        (0.5, "0 to 1", "EUR", "50 %"),
        (1234, "payments", "EUR", "1,234"),
        (3.14159, "standard deviations", "EUR", "3.1"),
        (True, "yes or no", "EUR", "yes"),
        (False, "yes or no", "EUR", "no"),
        ("card", "text", "EUR", "card"),
        (None, MONEY, "EUR", "unknown"),
        (math.nan, "ratio", "EUR", "unknown"),
    ],
)
def test_a_value_is_said_in_its_unit(value: FactValue, unit: str, currency: str, words: str) -> None:
    assert say(value, unit, currency) == words


def test_a_ratio_can_be_said_as_times() -> None:
    assert say(4.04, "ratio", "EUR", "times") == "4.0 times"


def test_major_units_become_minor_units_exactly() -> None:
    assert to_minor(0.29, "EUR") == 29
    assert to_minor(1.005, "EUR") == 100
    assert to_minor(19.99, "JPY") == 20
    assert to_minor(1, "KWD") == 1000
