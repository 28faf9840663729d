"""From checked raw columns to the tables of a dataset folder: what cannot be a payment is left out and counted.

Order, ids and types are settled here, once for all datasets. Nothing is read and nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headgate.connectors.public.described import Converted
from headgate.connectors.public.raw import Ints
from headgate.errors import DatasetError
from headgate.journal.currency import MINOR_DIGITS, RateTable
from headgate.journal.entries import Rates
from headgate.limits import MAX_REFERENCE_MINOR

Column: TypeAlias = "pa.ChunkedArray | pa.Array"
TIME = pa.timestamp("us", "UTC")
ITSELF = "payer and payee are the same account"
TOO_LARGE = "the amount is beyond the limit of a reference amount"


def converted(
    columns: Mapping[str, Column],
    clock_us: Ints,
    label: Column,
    *,
    patterns: Mapping[str, Column] | None = None,
    extra: Mapping[str, pa.Table] | None = None,
    rates: Mapping[str, str] | None = None,
) -> Converted:
    """Return the tables of a dataset folder.

    columns: tx_id, payer, payee, amount (float64, major units), currency and optional channel, one row a raw row.
    label: int8, null where nobody knows. patterns: pattern_type and optional pattern_id, null for payments of no
    scheme. rates: units of EUR for one unit of a currency, written as rates.parquet. Rows that cannot be payments are
    left out and counted; ids that come twice are refused.
    """
    read = len(clock_us)
    whole = pa.table({**columns, "ts": pa.array(clock_us, pa.int64()), "label": label, **(patterns or {})})
    keep, left_out = _payments(whole, rates or {})
    table = whole.filter(pa.array(keep)).combine_chunks()
    if not table.num_rows:
        raise DatasetError("None of the rows is a payment", repair="Check that the raw file is the published one.")
    _refuse_twice(table.column("tx_id"))
    table = table.take(pc.sort_indices(table, sort_keys=[("ts", "ascending"), ("tx_id", "ascending")]))
    given = ("tx_id", "ts", "payer", "payee", "amount", "currency", "channel")
    payments = table.select([name for name in given if name in table.column_names])
    place = payments.schema.get_field_index("ts")
    payments = payments.set_column(place, "ts", pc.cast(table.column("ts"), TIME))
    tables = {"transactions": payments, "labels": table.select(["tx_id", "label"]), **(extra or {})}
    if patterns is not None:
        names = ["tx_id", *(name for name in ("pattern_id", "pattern_type") if name in table.column_names)]
        tables["patterns"] = table.filter(pc.is_valid(table.column("pattern_type"))).select(names)
    if rates:
        tables["rates"] = _rates(rates, int(clock_us.min()))
    return Converted(tables=tables, rows_read=read, left_out=left_out)


def _payments(table: pa.Table, rates: Mapping[str, str]) -> tuple[np.ndarray, dict[str, int]]:
    itself = pc.equal(table.column("payer"), table.column("payee")).to_numpy(zero_copy_only=False)
    large = _too_large(table, rates)
    left_out = {ITSELF: int(itself.sum()), TOO_LARGE: int((large & ~itself).sum())}
    return ~(itself | large), {reason: count for reason, count in left_out.items() if count}


def _too_large(table: pa.Table, rates: Mapping[str, str]) -> np.ndarray:
    book = RateTable("EUR")
    for currency, rate in rates.items():
        book.observe(Rates(seq=0, clock_us=0, base="EUR", currency=currency, rate=rate))
    codes = pc.dictionary_encode(table.column("currency")).combine_chunks()
    names = codes.dictionary.to_pylist()
    alone = len(names) == 1  # then it is the reference currency itself
    minor = [float(10 ** MINOR_DIGITS[name] * (1 if alone else book.factor(name))) for name in names]
    reference = table.column("amount").to_numpy() * np.array(minor)[codes.indices.to_numpy()]
    return np.asarray(np.rint(reference) > MAX_REFERENCE_MINOR)


def _refuse_twice(ids: pa.ChunkedArray) -> None:
    counted = pc.value_counts(ids)
    twice = counted.filter(pc.greater(counted.field("counts"), 1))
    if len(twice):
        raise DatasetError(
            f"The payment id {twice[0]['values'].as_py()!r} comes {twice[0]['counts'].as_py()} times",
            repair="Ids must be unique: the raw files were joined or appended; use them as published.",
        )


def _rates(rates: Mapping[str, str], first_us: int) -> pa.Table:
    return pa.table(
        {
            "ts": pa.array([first_us] * len(rates), pa.int64()).cast(TIME),
            "base": ["EUR"] * len(rates),
            "currency": list(rates),
            "rate": list(rates.values()),
        }
    )


def numbered(prefix: str, rows: int) -> pa.Array:
    """Return ids `prefix000000001` … in the order of the rows."""
    width = max(9, len(str(rows)))
    return pa.array([f"{prefix}{row:0{width}d}" for row in range(1, rows + 1)], pa.utf8())


def constant(value: str | None, rows: int) -> pa.Array:
    """Return a column of one text (or of nulls)."""
    return pa.repeat(pa.scalar(value, pa.utf8()), rows)


def prefixed(prefix: str, values: Column) -> Column:
    """Return the values with a prefix, so that ids of two kinds never meet."""
    return pc.binary_join_element_wise(prefix, pc.cast(values, pa.utf8()), "")


def where(flag: Column, values: Column) -> Column:
    """Return the values where the flag is true, null elsewhere."""
    return pc.if_else(flag, values, pa.scalar(None, pa.utf8()))


def place_in_group(group: Ints) -> tuple[Ints, Ints]:
    """Return for each row its place among the rows of the same group, in the order of the file, and their number."""
    order = np.argsort(group, kind="stable")
    _, first, count = np.unique(group[order], return_index=True, return_counts=True)
    place, size = np.empty(len(group), np.int64), np.empty(len(group), np.int64)
    place[order] = np.arange(len(group)) - np.repeat(first, count)
    size[order] = np.repeat(count, count)
    return place, size
