"""Entries survive their columns, and every bad value is refused with its place and its repair."""

from __future__ import annotations

from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.errors import FarFutureError, FieldError, UnknownFieldError
from headgate.journal.entries import KINDS, Account, Entry, Outcome, Payment, Rates, kind_of
from headgate.journal.schema import BLOCK_SCHEMA, FIELDS, from_block, to_block
from headgate.journal.validation import MAX_AMOUNT_MINOR, check_ahead, check_entry

PAYMENT = Payment(
    seq=7, clock_us=2_000_000, tx_id="t1", ts_us=1_900_000, payer="a", payee="b", amount_minor=1250, currency="EUR"
)


def _value(field: msgspec.structs.FieldInfo, draw: Any) -> Any:
    schema = BLOCK_SCHEMA.field(field.name).type
    if pa.types.is_int64(schema):
        return draw(st.integers(0, 2**53))
    if pa.types.is_boolean(schema):
        return draw(st.booleans())
    if pa.types.is_list(schema):
        return tuple(draw(st.lists(st.text(max_size=5), max_size=3)))
    return draw(st.text(max_size=10))


@st.composite
def entries(draw: Any) -> Entry:
    kind = draw(st.sampled_from(sorted(KINDS)))
    values = {}
    for field in msgspec.structs.fields(KINDS[kind]):
        optional = field.default is not msgspec.NODEFAULT
        if not optional or draw(st.booleans()):
            values[field.name] = _value(field, draw)
    return KINDS[kind](**values)


@given(st.lists(entries(), max_size=12))
def test_every_entry_comes_back_from_its_columns_unchanged(journal: list[Entry]) -> None:
    assert from_block(to_block(journal)) == journal


def test_every_field_of_every_kind_is_a_column() -> None:
    assert {name for names in FIELDS.values() for name in names} | {"kind"} == set(BLOCK_SCHEMA.names)
    assert len(KINDS) == 10


def test_an_unknown_column_is_named_with_the_nearest_known_one() -> None:
    block = to_block([PAYMENT])
    renamed = block.rename_columns(["amount_minr" if name == "amount_minor" else name for name in block.schema.names])
    with pytest.raises(UnknownFieldError, match="Did you mean 'amount_minor'"):
        from_block(renamed)


def test_a_column_of_the_wrong_type_is_refused() -> None:
    table = pa.Table.from_batches([to_block([PAYMENT])])
    position = table.schema.get_field_index("amount_minor")
    with pytest.raises(FieldError, match="Give it as int64"):
        from_block(table.set_column(position, "amount_minor", pa.array([12.5])))


def test_a_missing_required_value_is_refused_with_its_row() -> None:
    table = pa.Table.from_batches([to_block([PAYMENT])])
    position = table.schema.get_field_index("payer")
    with pytest.raises(FieldError, match="row 0, column 'payer'"):
        from_block(table.set_column(position, "payer", pa.nulls(1, pa.utf8())))


def test_a_row_without_a_clock_is_refused() -> None:
    block = to_block([PAYMENT]).drop_columns(["clock_us"])
    with pytest.raises(FieldError, match="lacks a required value"):
        from_block(block)


def test_an_unknown_kind_is_refused_with_the_nearest_one() -> None:
    table = pa.Table.from_batches([to_block([PAYMENT])])
    position = table.schema.get_field_index("kind")
    with pytest.raises(FieldError, match="Did you mean 'payment'"):
        from_block(table.set_column(position, "kind", pa.array(["paymnt"])))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tx_id": ""}, "tx_id is empty"),
        ({"payer": "x" * 129}, "has 129 characters"),
        ({"channel": "a\nb"}, "cannot be printed"),
        ({"amount_minor": -1}, "The amount is -1"),
        ({"amount_minor": MAX_AMOUNT_MINOR + 1}, "The amount is"),
        ({"currency": "EUX"}, "There is no currency 'EUX'"),
        ({"payee": "a"}, "its own payee"),
        ({"clock_us": -5}, "outside 1970 to 2100"),
        ({"ts_us": 10**18}, "outside 1970 to 2100"),
    ],
)
def test_a_bad_payment_is_refused_in_words(change: dict[str, Any], words: str) -> None:
    with pytest.raises(FieldError, match=words) as caught:
        check_entry(msgspec.structs.replace(PAYMENT, **change))
    assert caught.value.repair


def test_a_good_entry_of_every_money_kind_passes() -> None:
    check_entry(PAYMENT)
    check_entry(Account(seq=0, clock_us=0, account="a", opened_us=-(10**15)))
    check_entry(
        Outcome(
            seq=1,
            clock_us=5,
            outcome_id="o",
            tx_id="t1",
            payer="a",
            payee="b",
            amount_minor=1,
            currency="EUR",
            payment_clock_us=4,
            outcome="fraud",
            source="bank",
        )
    )
    assert kind_of(PAYMENT) == "payment"


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "Infinity", "abc", "1e99"])
def test_a_rate_must_be_a_decimal_above_zero(rate: str) -> None:
    with pytest.raises(FieldError, match="not a decimal number"):
        check_entry(Rates(seq=0, clock_us=0, base="EUR", currency="USD", rate=rate))


def test_a_payment_more_than_five_minutes_ahead_is_refused_and_one_exactly_at_the_edge_is_not() -> None:
    edge = msgspec.structs.replace(PAYMENT, ts_us=300_000_000)
    check_ahead(edge, 0)
    with pytest.raises(FarFutureError, match="seconds ahead"):
        check_ahead(edge, -1)
