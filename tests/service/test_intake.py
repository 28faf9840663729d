"""What a request may say, and how each mistake is explained."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.charter.charter import load_charter
from headgate.errors import (
    FieldError,
    HeadgateError,
    LimitError,
    MalformedError,
    RefusedFieldError,
    UnknownFieldError,
)
from headgate.journal.currency import MINOR_DIGITS
from headgate.limits import MAX_PAYMENTS_PER_REQUEST
from headgate.service.entering import micros, minor_units
from headgate.service.intake import Intake

GOOD = {
    "tx_id": "P-1",
    "ts": "2025-03-04T16:05:09Z",
    "payer": "DE-1",
    "payee": "DE-2",
    "amount": "1250.00",
    "currency": "EUR",
}
INTAKE = Intake(load_charter)


def test_a_good_payment_becomes_an_entry_in_minor_units_and_microseconds() -> None:
    single, (payment,) = INTAKE.payments(json.dumps(GOOD | {"rail": "instant", "device_new": True}).encode())
    assert single
    assert (payment.amount_minor, payment.currency, payment.rail, payment.device_new) == (
        125_000,
        "EUR",
        "instant",
        True,
    )
    assert payment.ts_us == 1_741_104_309_000_000


def test_a_list_keeps_its_order() -> None:
    single, found = INTAKE.payments(json.dumps([GOOD | {"tx_id": f"P-{n}"} for n in range(3)]).encode())
    assert not single
    assert [payment.tx_id for payment in found] == ["P-0", "P-1", "P-2"]


WRONG = [
    ({"amount": "NaN"}, FieldError, "amount", "NaN"),
    ({"amount": "Infinity"}, FieldError, "amount", "Infinity"),
    ({"amount": "-1"}, FieldError, "amount", "below zero"),
    ({"amount": -0.01}, FieldError, "amount", "below zero"),
    ({"amount": "1e400"}, FieldError, "amount", "too large"),
    ({"amount": "1e999999999"}, FieldError, "amount", "too large"),
    ({"amount": "90071992547409.93"}, FieldError, "amount", "minor units"),
    ({"amount": "1.001"}, FieldError, "amount", "decimals"),
    ({"amount": "1." + "0" * 40 + "1"}, FieldError, "amount", "decimals"),
    ({"amount": "1e-999999999"}, FieldError, "amount", "decimals"),
    ({"amount": "10.5", "currency": "JPY"}, FieldError, "amount", "decimals"),
    ({"amount": True}, FieldError, "amount", "decimal"),
    ({"amount": "ten"}, FieldError, "amount", "decimal"),
    ({"currency": "EUX"}, FieldError, "currency", "no currency"),
    ({"currency": "eur"}, FieldError, "currency", "no currency"),
    ({"currency": "EURO"}, FieldError, "currency", "length"),
    ({"payee": "DE-1"}, FieldError, "payee", "its own payee"),
    ({"payer": ""}, FieldError, "payer", "length"),
    ({"payer": "x" * 129}, FieldError, "payer", "length"),
    ({"payer": "DE\n1"}, FieldError, "payer", "cannot be printed"),
    ({"payer": 17}, FieldError, "payer", "Expected text"),
    ({"rail": "x" * 257}, FieldError, "rail", "length"),
    ({"ts": "2025-03-04T16:05:09"}, FieldError, "ts", "timezone"),
    ({"ts": "yesterday"}, FieldError, "ts", "RFC3339"),
    ({"ts": 1741104309}, FieldError, "ts", "datetime"),
    ({"ts": "1969-03-04T16:05:09Z"}, FieldError, "ts", "1970 to 2100"),
    ({"direction": "sideways"}, FieldError, "direction", "sideways"),
    ({"device_new": "yes"}, FieldError, "device_new", "bool"),
    ({"amont": "1"}, UnknownFieldError, "amont", "no field"),
    ({"gender": "f"}, RefusedFieldError, "gender", "charter"),
    ({"payer_nationality": "FR"}, RefusedFieldError, "payer_nationality", "charter"),
    ({"remittance_text": "for the rent"}, RefusedFieldError, "remittance_text", "charter"),
    ({"latitude": 48.1}, RefusedFieldError, "latitude", "charter"),
]


@pytest.mark.parametrize(("change", "kind", "where", "words"), WRONG)
def test_a_wrong_field_is_named_with_its_reason_and_its_repair(
    change: dict[str, object], kind: type[HeadgateError], where: str, words: str
) -> None:
    with pytest.raises(kind) as caught:
        INTAKE.payments(json.dumps(GOOD | change).encode())
    assert type(caught.value) is kind
    assert caught.value.where == where
    assert words in caught.value.what
    assert caught.value.repair


def test_an_unknown_field_suggests_the_nearest_one() -> None:
    with pytest.raises(UnknownFieldError, match="Did you mean 'amount'"):
        INTAKE.payments(json.dumps(GOOD | {"amont": "1"}).encode())


def test_a_refused_field_is_refused_by_the_sentence_of_the_charter() -> None:
    with pytest.raises(RefusedFieldError) as caught:
        INTAKE.payments(json.dumps(GOOD | {"gender": "f"}).encode())
    assert str(load_charter().refusal("gender")) in caught.value.repair


def test_a_mistake_in_a_list_says_which_one() -> None:
    with pytest.raises(FieldError) as caught:
        INTAKE.payments(json.dumps([GOOD, GOOD | {"amount": "-3"}]).encode())
    assert caught.value.where == "[1].amount"


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_a_missing_field_is_named(missing: str) -> None:
    body = json.dumps({name: value for name, value in GOOD.items() if name != missing}).encode()
    with pytest.raises(FieldError, match=missing):
        INTAKE.payments(body)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b'{"amount": NaN}', b'{"tx_id": "\\ud800"}', b'{"tx_id": "1"']
)
def test_a_body_that_is_no_json_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError):
        INTAKE.payments(body)


@pytest.mark.parametrize("body", [b"1", b'"P-1"', b"null", b"[[]]", b"[" * 200_000, b"[]", b"{}"])
def test_json_of_another_shape_is_a_field_error(body: bytes) -> None:
    with pytest.raises(FieldError):
        INTAKE.payments(body)


def test_a_list_beyond_the_limit_is_refused_as_a_whole() -> None:
    body = json.dumps([GOOD] * (MAX_PAYMENTS_PER_REQUEST + 1)).encode()
    with pytest.raises(LimitError, match=str(MAX_PAYMENTS_PER_REQUEST)):
        INTAKE.payments(body)


@given(st.integers(0, 2**53 - 1), st.sampled_from(sorted(MINOR_DIGITS)))
def test_every_whole_number_of_minor_units_comes_back_exactly(minor: int, currency: str) -> None:
    written = Decimal(f"{minor}E-{MINOR_DIGITS[currency]}")
    assert minor_units(written, currency) == minor


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2099, 12, 30)), st.integers(-14, 14))
def test_a_time_means_the_same_in_every_zone(moment: datetime, hours: int) -> None:
    utc = moment.replace(tzinfo=UTC)
    there = utc.astimezone(timezone(timedelta(hours=hours)))
    assert micros(there) == micros(utc)
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros(utc)) == utc


def test_an_outcome_and_a_reason_are_read_as_strictly() -> None:
    with pytest.raises(UnknownFieldError, match="Did you mean 'outcome'"):
        INTAKE.outcomes(b'{"outcome_id": "O-1", "tx_id": "P-1", "outcom": "fraud", "source": "x"}')
    with pytest.raises(FieldError, match="length"):
        INTAKE.reason(b'{"reason": ""}')
    assert INTAKE.reason(b'{"reason": "A payroll."}').reason == "A payroll."
