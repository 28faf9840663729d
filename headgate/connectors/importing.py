"""Import of source files into a dataset folder: every row is either written or named with its fault.

Order of effects: rows are read and checked in memory → files are written to FOLDER.partial → that folder is renamed to
FOLDER. A crash before the rename leaves FOLDER as it was; FOLDER.partial is replaced by the next run.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from headgate.connectors.column_map import ColumnMap, write_map
from headgate.connectors.row_values import (
    BadValue,
    amount_value,
    currency_value,
    label_value,
    text_value,
    time_reader,
)
from headgate.connectors.source_files import SourceRow, rows
from headgate.errors import DatasetError, FileError

_TEXT_FIELDS = ("channel", "rail", "merchant_category", "remittance_type", "authentication")
_CHOICES = {"status": ("submitted", "declined"), "direction": ("payer", "payee", "both")}
_TIME = pa.timestamp("us", "UTC")
_TYPES: dict[str, pa.DataType] = {
    "tx_id": pa.utf8(),
    "ts": _TIME,
    "payer": pa.utf8(),
    "payee": pa.utf8(),
    "amount": pa.decimal128(20, 4),
    "currency": pa.utf8(),
    **dict.fromkeys((*_TEXT_FIELDS, *_CHOICES), pa.utf8()),
}


class Reject(msgspec.Struct, frozen=True):
    """A row that was not written: where it stands and why."""

    file: str
    line: int
    column: str
    reason: str


class ImportReport(msgspec.Struct, kw_only=True):
    """What an import did; rows_read = written + rejects, always."""

    rows_read: int = 0
    written: int = 0
    labelled: int = 0
    rejects: list[Reject] = []
    warnings: list[str] = []


class Importer:
    """Reads rows by one column map and keeps what is good, with the reason for what is not.

    now_us: the time of the import, for the warning about payments in the future.
    """

    def __init__(self, column_map: ColumnMap, now_us: int) -> None:
        self.report = ImportReport()
        self._map = column_map
        self._now_us = now_us
        self._time = time_reader(column_map)
        self._payments: list[dict[str, Any]] = []
        self._labels: list[dict[str, Any]] = []
        self._schemes: list[dict[str, Any]] = []
        self._seen: dict[str, tuple[int, dict[str, Any]]] = {}
        self._future = 0

    def read(self, path: Path, tick: Callable[[int], None] = lambda rows: None) -> None:
        """Read one source file."""
        for row in rows(path):
            self.report.rows_read += 1
            try:
                self._take(row, path)
            except BadValue as bad:
                self.report.rejects.append(Reject(path.name, row.line, bad.column, bad.reason))
            if self.report.rows_read % 4096 == 0:
                tick(4096)

    def _take(self, row: SourceRow, path: Path) -> None:
        if row.fault is not None:
            raise BadValue("", row.fault)
        payment = self._payment(row, path)
        label = self._label(row, payment)
        scheme = self._scheme(row)
        before = self._seen.setdefault(payment["tx_id"], (row.line, payment))
        if before[1] is not payment:
            same = before[1] == payment
            how = "the same content: left out" if same else "other content: the first is kept, correct one of them"
            raise BadValue(self._map.columns.get("tx_id", ""), f"id of line {before[0]} comes again with {how}")
        self._payments.append(payment)
        if label is not None:
            self._labels.append({"tx_id": payment["tx_id"], **label})
        if scheme is not None:
            self._schemes.append({"tx_id": payment["tx_id"], **scheme})

    def _payment(self, row: SourceRow, path: Path) -> dict[str, Any]:
        columns, values = self._map.columns, row.values
        stated = columns.get("currency")
        currency = self._map.currency or currency_value(stated or "currency", values.get(stated or ""))
        payment = {
            "tx_id": text_value(columns["tx_id"], values[columns["tx_id"]])
            if "tx_id" in columns
            else f"{path.name.split('.')[0]}-{row.line:09d}",
            "ts": self._time(columns["ts"], values[columns["ts"]]),
            "payer": text_value(columns["payer"], values[columns["payer"]]),
            "payee": text_value(columns["payee"], values[columns["payee"]]),
            "amount": amount_value(columns["amount"], values[columns["amount"]], currency, self._map),
            "currency": currency,
            **self._extras(values),
        }
        if payment["payer"] == payment["payee"]:
            raise BadValue(columns["payee"], "the payer is its own payee")
        self._future += payment["ts"] > self._now_us
        return payment

    def _extras(self, values: dict[str, Any]) -> dict[str, Any]:
        extras: dict[str, Any] = {}
        for field in (*_TEXT_FIELDS, *_CHOICES):
            if (column := self._map.columns.get(field)) is None:
                continue
            value = values[column]
            extras[field] = None if value in (None, "") else text_value(column, value)
            allowed = _CHOICES.get(field)
            if allowed and extras[field] is not None and extras[field].lower() not in allowed:
                raise BadValue(column, f"{value!r} is not one of {', '.join(allowed)}")
        return extras

    def _label(self, row: SourceRow, payment: dict[str, Any]) -> dict[str, Any] | None:
        columns, values = self._map.columns, row.values
        if "label" not in columns:
            return None
        label: dict[str, Any] = {"label": label_value(columns["label"], values[columns["label"]], self._map)}
        self.report.labelled += label["label"] is not None
        if (column := columns.get("known_at")) is not None:
            given = values[column]
            label["known_at"] = None if given in (None, "") else self._time(column, given)
            if label["known_at"] is not None and label["known_at"] < payment["ts"]:
                raise BadValue(column, "the label is known before the payment")
        return label

    def _scheme(self, row: SourceRow) -> dict[str, Any] | None:
        scheme = {
            field: str(row.values[column])
            for field in ("pattern_id", "pattern_type")
            if (column := self._map.columns.get(field)) is not None and row.values[column] not in (None, "")
        }
        return scheme if len(scheme) == 2 else None

    def write(self, folder: Path, *, overwrite: bool) -> ImportReport:
        """Write the dataset folder and return the report. Raises DatasetError when no row is good."""
        self.report.written = len(self._payments)
        if self._future:
            self.report.warnings.append(f"{self._future} payments lie in the future: check the time unit and zone.")
        if not self._payments:
            first = self.report.rejects[0] if self.report.rejects else Reject("", 0, "", "the files have no rows")
            raise DatasetError(
                f"None of the {self.report.rows_read} rows could be imported; nothing was written",
                where=f"{first.file}, line {first.line}, column {first.column!r}",
                repair=f"The first reason is: {first.reason}. Correct the map or the file.",
            )
        write_folder(folder, self._write_files, overwrite=overwrite)
        return self.report

    def _write_files(self, folder: Path) -> None:
        self._payments.sort(key=lambda payment: (payment["ts"], payment["tx_id"]))
        _write(self._payments, folder / "transactions.parquet", _TYPES)
        label_types = {"tx_id": pa.utf8(), "label": pa.int8(), "known_at": _TIME}
        _write(self._labels, folder / "labels.parquet", label_types)
        scheme_types = {"tx_id": pa.utf8(), "pattern_id": pa.utf8(), "pattern_type": pa.utf8()}
        _write(self._schemes, folder / "patterns.parquet", scheme_types)
        (folder / "map.toml").write_text(write_map(self._map), "utf-8")
        with (folder / "rejects.csv").open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(Reject.__struct_fields__)
            writer.writerows(msgspec.structs.astuple(reject) for reject in self.report.rejects)


def _write(records: Sequence[dict[str, Any]], path: Path, types: dict[str, pa.DataType]) -> None:
    if not records:
        return
    columns = {
        name: pa.array([record[name] for record in records], kind) for name, kind in types.items() if name in records[0]
    }
    pq.write_table(pa.table(columns), path)


def require_free(folder: Path, *, overwrite: bool) -> None:
    """Raise FileError where a folder would be overwritten without having been told to."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())) and not overwrite:
        raise FileError("The folder is not empty", where=str(folder), repair="Choose another, or say --overwrite.")


def write_folder(folder: Path, fill: Callable[[Path], None], *, overwrite: bool) -> None:
    """Fill FOLDER.partial and rename it to FOLDER. Raises FileError where that is not possible."""
    require_free(folder, overwrite=overwrite)
    partial = folder.with_name(folder.name + ".partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        fill(partial)
        if folder.exists():
            shutil.rmtree(folder)
        partial.rename(folder)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise FileError(
            f"The folder cannot be written: {error.strerror or error}",
            where=str(folder),
            repair="Check its permissions and the free space of the disk.",
        ) from None
