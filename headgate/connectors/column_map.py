"""The column map of an import: which source column means what, guessed from names or read from map.toml.

A map says for every source column either the field that it fills or why it is set apart; nothing is dropped unsaid.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from headgate.charter.charter import Charter
from headgate.errors import DatasetError, FieldError, FileError, RefusedFieldError, UnknownFieldError, nearest
from headgate.journal.currency import check_currency

TimeUnit = Literal["s", "ms", "us", "ns"]

# Field of a dataset folder: names that sources commonly use, normalised (lower case, letters and digits only).
SYNONYMS: dict[str, tuple[str, ...]] = {
    "tx_id": tuple("txid transactionid tranid paymentid endtoendid uetr id reference txnid".split()),
    "ts": tuple("ts timestamp time datetime date txdatetime bookingdate transactiondate step trantimestamp".split()),
    "payer": tuple(
        (
            "payer source sender from fromaccount debtor debtoraccount origin origacct nameorig customerid "
            "senderaccount payeraccount account"
        ).split()
    ),
    "payee": tuple(
        (
            "payee target receiver to toaccount creditor creditoraccount beneficiary beneacct namedest "
            "terminalid receiveraccount payeeaccount account1 merchant"
        ).split()
    ),
    "amount": tuple("amount txamount amountpaid baseamt value sum transactionamount amountreceived".split()),
    "currency": tuple("currency ccy paymentcurrency currencycode transactioncurrency".split()),
    "channel": tuple("channel type txtype paymentformat paymenttype transactiontype".split()),
    "rail": tuple("rail scheme clearingsystem network".split()),
    "status": tuple("status paymentstatus state".split()),
    "direction": tuple("direction".split()),
    "merchant_category": tuple("merchantcategory mcc merchantcategorycode categorycode".split()),
    "remittance_type": tuple("remittancetype purposecode purpose".split()),
    "authentication": tuple("authentication auth authmethod scamethod".split()),
    "label": tuple("label labels isfraud fraud txfraud islaundering class issuspicious".split()),
    "known_at": tuple("knownat labelknownat reportedat".split()),
    "pattern_id": tuple("patternid schemeid".split()),
    "pattern_type": tuple("patterntype schemetype typology".split()),
}

REQUIRED = ("ts", "payer", "payee", "amount")


class TimeFormat(msgspec.Struct, forbid_unknown_fields=True):
    """How times are written: numbers of `unit` since `origin` (ISO date), or text in `format` (strptime)."""

    unit: TimeUnit | None = None
    origin: str = "1970-01-01"
    format: str | None = None
    zone: str = "UTC"


class LabelValues(msgspec.Struct, forbid_unknown_fields=True):
    """Which source values mean fraud, fine and not labelled."""

    fraud: list[str] = msgspec.field(default_factory=lambda: ["1", "true", "fraud", "yes"])
    fine: list[str] = msgspec.field(default_factory=lambda: ["0", "false", "fine", "genuine", "no", "legit"])
    unlabelled: list[str] = msgspec.field(default_factory=lambda: [""])


class ColumnMap(msgspec.Struct, forbid_unknown_fields=True):
    """Field to source column, and how values are read.

    columns: field of a dataset folder to the source's column name. tx_id may be absent: ids are then made from file
    name and row. currency: the code for all rows where the source states none. decimal: the decimal mark of amounts.
    amount_in: whether amounts are in major or minor units.
    """

    columns: dict[str, str]
    time: TimeFormat = msgspec.field(default_factory=TimeFormat)
    label: LabelValues = msgspec.field(default_factory=LabelValues)
    currency: str | None = None
    decimal: Literal[".", ","] = "."
    amount_in: Literal["major", "minor"] = "major"


def _normal(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def guess_map(names: Sequence[str], charter: Charter) -> ColumnMap:
    """Return the map that the column names suggest; columns that the charter refuses are never used."""
    usable = [name for name in names if charter.refusal(name) is None or _normal(name) in SYNONYMS["label"]]
    columns: dict[str, str] = {}
    for field, synonyms in SYNONYMS.items():
        taken = set(columns.values())
        for synonym in (_normal(field), *synonyms):
            match = next((name for name in usable if _normal(name) == synonym and name not in taken), None)
            if match is not None:
                columns[field] = match
                break
    return ColumnMap(columns=columns)


def read_map(path: Path) -> ColumnMap:
    """Read map.toml. Raises FileError or UnknownFieldError with what to correct."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), ColumnMap)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FileError(
            f"The column map cannot be read: {error}", where=str(path), repair="Write it as TOML."
        ) from None
    except msgspec.ValidationError as error:
        known = "columns, currency, decimal, amount_in, time.unit, time.origin, time.format, label.fraud, label.fine"
        raise UnknownFieldError(
            f"The column map is not understood: {error}", where=str(path), repair=f"It may hold: {known}."
        ) from None


def write_map(column_map: ColumnMap) -> str:
    """Return the map as TOML text that `read_map` understands."""
    quote = msgspec.json.encode
    lines = [f"currency = {quote(column_map.currency).decode()}"] if column_map.currency else []
    lines += [f'decimal = "{column_map.decimal}"', f'amount_in = "{column_map.amount_in}"', "", "[columns]"]
    lines += [f"{field} = {quote(name).decode()}" for field, name in column_map.columns.items()]
    lines += ["", "[time]"]
    lines += [
        f"{name} = {quote(value).decode()}"
        for name, value in msgspec.structs.asdict(column_map.time).items()
        if value is not None
    ]
    if "label" in column_map.columns:
        values = msgspec.structs.asdict(column_map.label).items()
        lines += ["", "[label]", *(f"{name} = {quote(value).decode()}" for name, value in values)]
    return "\n".join(lines) + "\n"


def check_map(column_map: ColumnMap, names: Sequence[str], where: str, charter: Charter) -> None:
    """Raise unless the map fits the source: known fields, existing columns, nothing that the charter refuses."""
    for field, name in column_map.columns.items():
        if field not in SYNONYMS:
            raise UnknownFieldError(
                f"The map names the field {field!r}, which a dataset does not have",
                where="map, [columns]",
                repair=f"{nearest(field, list(SYNONYMS))}Fields: {', '.join(SYNONYMS)}.",
            )
        if name not in names:
            raise DatasetError(
                f"The source has no column {name!r}",
                where=where,
                repair=f"{nearest(name, list(names))}It has: {', '.join(names)}.",
            )
        why = charter.refusal(name)
        if why is not None and field not in ("label", "known_at", "pattern_id", "pattern_type"):
            raise RefusedFieldError(f"The charter refuses the column {name!r}", where=where, repair=why)
    for field in REQUIRED:
        if field not in column_map.columns:
            raise DatasetError(
                f"No column was found for {field!r}",
                where=where,
                repair=f"Name it in map.toml under [columns]. The source has: {', '.join(names)}.",
            )
    if column_map.currency is not None:
        check_currency(column_map.currency, "map, currency")
    elif "currency" not in column_map.columns:
        raise FieldError(
            "No currency column was found and the map states none",
            where=where,
            repair='Write `currency = "EUR"` at the top of map.toml, or `--currency EUR`; XXX where it is not known.',
        )
