"""The quick look at a payment lets pass only what the slow one lets pass."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from headgate.errors import FieldError
from headgate.journal import validation
from headgate.journal.entries import Payment
from headgate.limits import MAX_CLOCK_US, MAX_ID_CHARS, MAX_TEXT_CHARS

PLAIN = Payment(
    seq=0, clock_us=0, tx_id="P-1", ts_us=1, payer="DE-1", payee="DE-2", amount_minor=5, currency="EUR",
    rail="transfer", channel="app",
)  # fmt: skip

WRONG: list[dict[str, Any]] = [
    {"tx_id": ""},
    {"payer": ""},
    {"payee": "DE-1"},
    {"payee": "P" * (MAX_ID_CHARS + 1)},
    {"payer": "DE\n1"},
    {"rail": "r" * (MAX_TEXT_CHARS + 1)},
    {"channel": "app\x00"},
    {"merchant_category": "m" * (MAX_TEXT_CHARS + 1)},
    {"authentication": "\x07"},
    {"currency": "EUX"},
    {"amount_minor": -1},
    {"amount_minor": validation.MAX_AMOUNT_MINOR + 1},
    {"ts_us": MAX_CLOCK_US},
    {"ts_us": -1},
    {"clock_us": MAX_CLOCK_US},
]


@pytest.mark.parametrize("change", WRONG)
def test_what_is_wrong_with_a_payment_is_said_by_the_field(change: dict[str, Any]) -> None:
    with pytest.raises(FieldError) as raised:
        validation.check_entry(msgspec.structs.replace(PLAIN, **change))
    assert raised.value.repair


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"tx_id": "P" * MAX_ID_CHARS, "payer": "A" * MAX_ID_CHARS, "payee": "B" * MAX_ID_CHARS},
        {"rail": "r" * MAX_TEXT_CHARS, "channel": "c" * MAX_TEXT_CHARS},
        {"merchant_category": "5411", "amount_minor": 0},
        {"ts_us": MAX_CLOCK_US - 1, "rail": "", "channel": ""},
    ],
)
def test_what_is_within_the_limits_passes_however_long(change: dict[str, Any]) -> None:
    validation.check_entry(msgspec.structs.replace(PLAIN, **change))
