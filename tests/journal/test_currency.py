"""Reference amounts are exact, by rates known before, rounded half-even."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.errors import FieldError
from headgate.journal.currency import FALLBACK_PER_EUR, MINOR_DIGITS, RateTable
from headgate.journal.entries import Rates


def rate(base: str, currency: str, value: str) -> Rates:
    return Rates(seq=0, clock_us=0, base=base, currency=currency, rate=value)


@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_conversion_equals_decimal_arithmetic_with_half_even_rounding(amount: int, rate_millionths: int) -> None:
    table = RateTable("EUR")
    value = Decimal(rate_millionths).scaleb(-6)
    table.observe(rate("EUR", "USD", str(value)))
    expected = (Decimal(amount) * value).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    assert table.reference_minor(amount, "USD") == int(expected)


def test_halves_go_to_the_even_neighbour() -> None:
    table = RateTable("EUR")
    table.observe(rate("EUR", "USD", "0.5"))
    assert [table.reference_minor(amount, "USD") for amount in (1, 3, 5)] == [0, 2, 2]


def test_minor_units_of_different_size_are_converted() -> None:
    table = RateTable("EUR")
    table.observe(rate("EUR", "JPY", "0.006"))
    assert table.reference_minor(1000, "JPY") == 600


def test_a_later_rate_holds_from_then_on_and_inverse_and_cross_rates_are_used() -> None:
    table = RateTable("EUR")
    table.observe(rate("USD", "EUR", "1.25"))
    assert table.reference_minor(100, "USD") == 80
    table.observe(rate("USD", "GBP", "1.5"))
    assert table.reference_minor(100, "GBP") == 120
    table.observe(rate("EUR", "GBP", "2"))
    assert table.reference_minor(100, "GBP") == 200


def test_the_state_of_a_rate_table_can_be_taken_over() -> None:
    table = RateTable("EUR")
    table.observe(rate("EUR", "USD", "0.9"))
    other = RateTable("EUR")
    other.load(table.state())
    assert other.reference_minor(100, "USD") == 90


def test_a_currency_without_a_rate_is_refused_with_the_repair() -> None:
    with pytest.raises(FieldError, match=r"No rate from ZWG to EUR.*rates\.parquet"):
        RateTable("EUR").reference_minor(1, "ZWG")


def test_an_amount_beyond_the_limit_is_refused() -> None:
    with pytest.raises(FieldError, match="outside the limits"):
        RateTable("EUR").reference_minor(10**12, "EUR")


def test_an_unknown_reference_currency_is_refused() -> None:
    with pytest.raises(FieldError, match="Did you mean 'EUR'"):
        RateTable("EURO")


def test_every_fallback_rate_is_of_a_known_currency() -> None:
    assert set(FALLBACK_PER_EUR) <= set(MINOR_DIGITS)
    assert RateTable("EUR").reference_minor(117, "USD") == 100
