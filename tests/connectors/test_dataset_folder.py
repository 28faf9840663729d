"""A dataset folder becomes a journal, and everything that is wrong with it is said with file, row and repair."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headgate.connectors.dataset import Dataset, read_dataset
from headgate.errors import ConflictError, DatasetError, FieldError, FileError, HeadgateError
from headgate.journal.check import check_journal
from headgate.journal.entries import Account, Outcome, Payment, PaymentStatusChange, Rates, Session
from headgate.limits import US_PER_DAY

START = datetime(2026, 3, 1, tzinfo=UTC)
STAMP = pa.timestamp("ms", "UTC")


def payments(**changes: list[Any]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {
        "tx_id": ["t1", "t2", "t3"],
        "ts": [START + timedelta(hours=hour) for hour in (0, 1, 2)],
        "payer": ["a", "b", "c"],
        "payee": ["b", "c", "a"],
        "amount": [12.5, 0.0, 99.99],
        "currency": ["EUR", "EUR", "EUR"],
        "channel": ["app", "app", "web"],
    }
    return {**columns, **changes}


def write(folder: Path, name: str, columns: dict[str, Any]) -> None:
    arrays = {
        key: pa.array(value, STAMP)
        if key in ("ts", "known_at") and isinstance(value, list) and isinstance(value[0], datetime | None)
        else value
        for key, value in columns.items()
    }
    pq.write_table(pa.table(arrays), folder / f"{name}.parquet")


def read(folder: Path, **changes: list[Any]) -> Dataset:
    write(folder, "transactions", payments(**changes))
    return read_dataset(folder)


def test_payments_become_entries_in_order_with_amounts_in_minor_units(tmp_path: Path) -> None:
    dataset = read(tmp_path)
    entries = list(dataset.entries())
    assert [(entry.seq, entry.tx_id, entry.amount_minor) for entry in entries if isinstance(entry, Payment)] == [
        (0, "t1", 1250),
        (1, "t2", 0),
        (2, "t3", 9999),
    ]
    assert dataset.reference_currency == "EUR"
    assert check_journal(dataset.blocks()).sound


def test_all_side_files_become_entries_of_their_kinds(tmp_path: Path) -> None:
    write(
        tmp_path,
        "accounts",
        {
            "account_id": ["a", "b"],
            "party_id": ["p1", None],
            "opened_at": pa.array([START - timedelta(days=900), START + timedelta(hours=1)], STAMP),
            "account_type": ["current", "business"],
            "country_code": ["DE", "FR"],
            "owner_gender": ["x", "y"],
        },
    )
    write(tmp_path, "sessions", {"session_id": ["s1"], "ts": [START], "account": ["a"], "event": ["device_changed"]})
    write(tmp_path, "rates", {"ts": [START], "base": ["EUR"], "currency": ["USD"], "rate": ["0.9"]})
    write(
        tmp_path,
        "statuses",
        {"ts": [START + timedelta(hours=3)], "tx_id": ["t1"], "new_status": ["returned"], "reason": ["AC04"]},
    )
    write(tmp_path, "labels", {"tx_id": ["t1", "t2"], "label": pa.array([1, 0], pa.int8())})
    dataset = read(tmp_path)
    kinds = [type(entry) for entry in dataset.entries()]
    assert {Account, Session, Rates, PaymentStatusChange, Outcome, Payment} == set(kinds)
    opened = {entry.account: entry.clock_us for entry in dataset.entries() if isinstance(entry, Account)}
    assert opened["b"] - opened["a"] == US_PER_DAY // 24
    assert any("owner_gender" in sentence and "gender" in sentence for sentence in dataset.set_apart)
    assert check_journal(dataset.blocks()).sound


def test_labels_become_outcomes_when_they_are_known_and_never_before(tmp_path: Path) -> None:
    known = [START + timedelta(days=3), None, START + timedelta(days=5)]
    write(tmp_path, "labels", {"tx_id": ["t1", "t2", "t3"], "label": pa.array([1, 1, 0], pa.int8()), "known_at": known})
    dataset = read(tmp_path)
    outcomes = [entry for entry in dataset.entries() if isinstance(entry, Outcome)]
    assert [(entry.tx_id, entry.outcome) for entry in outcomes] == [("t1", "fraud"), ("t3", "fine")]
    assert outcomes[0].clock_us - outcomes[0].payment_clock_us == 3 * US_PER_DAY
    assert dataset.labels == {"t1": 1, "t2": 1, "t3": 0}
    assert "t2" not in dataset.known_at_us


def test_without_known_at_a_label_is_known_after_the_delay(tmp_path: Path) -> None:
    write(tmp_path, "labels", {"tx_id": ["t1"], "label": pa.array([1], pa.int8())})
    write(tmp_path, "transactions", payments())
    dataset = read_dataset(tmp_path, label_delay_us=28 * US_PER_DAY)
    (outcome,) = [entry for entry in dataset.entries() if isinstance(entry, Outcome)]
    assert outcome.clock_us - outcome.payment_clock_us == 28 * US_PER_DAY


def test_columns_that_the_charter_refuses_are_set_apart_with_the_reason(tmp_path: Path) -> None:
    dataset = read(tmp_path, location=["L1", "L2", "L3"])
    (sentence,) = dataset.set_apart
    assert "'location'" in sentence
    assert "location trail" in sentence


def test_an_exact_duplicate_is_removed_with_a_warning_and_a_different_one_is_refused(tmp_path: Path) -> None:
    twice = payments()
    write(tmp_path, "transactions", {name: [*values, values[0]] for name, values in twice.items()})
    assert read_dataset(tmp_path).warnings == ("1 exact duplicates of payments were removed.",)
    write(tmp_path, "transactions", {**payments(), "tx_id": ["t1", "t1", "t3"]})
    with pytest.raises(ConflictError, match="'t1' comes twice"):
        read_dataset(tmp_path)


def test_a_currency_that_is_not_stated_becomes_xxx_with_a_warning(tmp_path: Path) -> None:
    dataset = read(tmp_path, currency=[None, None, None])
    assert dataset.reference_currency == "XXX"
    assert "No currency is stated" in dataset.warnings[0]


def test_digits_beyond_the_minor_unit_are_rounded_with_a_warning(tmp_path: Path) -> None:
    dataset = read(tmp_path, amount=[1.005, 2.0, 3.0])
    assert "1 amounts have more decimals" in dataset.warnings[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"amount": [1.0, float("nan"), 2.0]}, r"not a finite number.*row 2"),
        ({"amount": [1.0, -3.0, 2.0]}, r"-3.0 is negative.*row 2"),
        ({"amount": [1.0, 1e17, 2.0]}, r"overflows.*row 2"),
        ({"amount": ["1", "2", "3"]}, r"The amounts have type string"),
        ({"amount": [1.0, None, 2.0]}, r"None is missing.*row 2"),
        ({"currency": ["EUR", "EUX", "EUR"]}, r"no currency 'EUX'.*row 2"),
        ({"currency": ["EUR", None, "EUR"]}, r"is missing.*'currency', row 2"),
        ({"payee": ["b", "b", "a"]}, r"'b' is its own payee.*row 2"),
        ({"payer": ["a", "", "c"]}, r"is empty.*row 2"),
        ({"payer": ["a", None, "c"]}, r"is missing.*row 2"),
        ({"payer": ["a", "x" * 200, "c"]}, r"longer than 128.*row 2"),
        ({"payer": [1.5, 2.5, 3.5]}, r"A text column has type double"),
        ({"ts": [1, 2, 3]}, r"A column of times has type int64"),
        ({"ts": [START, None, START]}, r"is missing.*row 2"),
        ({"ts": [datetime(1970, 1, 20, tzinfo=UTC)] * 3}, r"seconds that were stored as milliseconds"),
        ({"amount": [Decimal("1.00"), Decimal("-3.00"), Decimal("2.00")]}, r"The value -3\.00 is negative.*row 2"),
        (
            {"ts": [START, datetime(2200, 1, 1, tzinfo=UTC), START]},
            r"value 2200-01-01 00:00:00\+00:00 is outside 1970 to 2100.*row 2",
        ),
        ({"status": ["submitted", "sent", "declined"]}, r"'sent' is not known.*row 2"),
    ],
)
def test_a_bad_value_is_named_with_its_row_and_a_repair(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    with pytest.raises(FieldError, match=words) as caught:
        read(tmp_path, **change)
    assert caught.value.repair


def test_a_missing_column_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    columns = payments()
    columns["payor"] = columns.pop("payer")
    write(tmp_path, "transactions", columns)
    with pytest.raises(DatasetError, match="Did you mean 'payor'"):
        read_dataset(tmp_path)


@pytest.mark.parametrize(
    ("name", "columns", "words"),
    [
        ("labels", {"tx_id": ["t9"], "label": pa.array([1], pa.int8())}, "names payment 't9'"),
        ("labels", {"tx_id": ["t1"], "label": pa.array([3], pa.int8())}, "3 is not a label"),
        ("labels", {"tx_id": ["t1"]}, "column 'label' is missing"),
        (
            "labels",
            {"tx_id": ["t2"], "label": pa.array([1], pa.int8()), "known_at": [START]},
            "known before the payment",
        ),
        ("sessions", {"session_id": ["s"], "ts": [START], "account": ["a"], "event": ["chat"]}, "'chat' is not known"),
        ("rates", {"ts": [START], "base": ["EUR"], "currency": ["USD"], "rate": ["1,2"]}, "not a decimal number"),
        ("rates", {"ts": [START], "base": ["EUR"], "currency": ["ABC"], "rate": ["1"]}, "no currency 'ABC'"),
        ("statuses", {"ts": [START], "tx_id": ["t9"], "new_status": ["returned"]}, "names payment 't9'"),
        ("statuses", {"ts": [START], "tx_id": ["t2"], "new_status": ["returned"]}, "is before its payment"),
        ("statuses", {"ts": [START], "tx_id": ["t1"], "new_status": ["lost"]}, "'lost' is not known"),
        ("accounts", {"party_id": ["p"]}, "column 'account_id' is missing"),
    ],
)
def test_a_bad_side_file_is_refused_in_words(tmp_path: Path, name: str, columns: dict[str, Any], words: str) -> None:
    write(tmp_path, name, columns)
    with pytest.raises(HeadgateError, match=words):
        read(tmp_path)


def test_broken_empty_and_missing_files_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such folder"):
        read_dataset(tmp_path / "nowhere")
    with pytest.raises(DatasetError, match=r"no transactions\.parquet"):
        read_dataset(tmp_path)
    (tmp_path / "transactions.parquet").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(FileError, match="cannot be read as Parquet"):
        read_dataset(tmp_path)
    write(tmp_path, "transactions", {name: pa.array([], pa.utf8()) for name in payments()})
    with pytest.raises(DatasetError, match="no payments"):
        read_dataset(tmp_path)
