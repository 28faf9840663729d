"""Columns of a dataset file as exact values: text, times in microseconds, amounts in minor units.

Takes Arrow columns of whatever type the file has; says row and column of the first value that is wrong.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headgate.charter.charter import Charter
from headgate.errors import DatasetError, FieldError, FileError, nearest
from headgate.journal.currency import MINOR_DIGITS, check_currency
from headgate.journal.validation import MAX_AMOUNT_MINOR
from headgate.limits import MAX_CLOCK_US, MAX_ID_CHARS, MIN_CLOCK_US

# Seconds since 1970 of the years 2001 to 2040, read as milliseconds: they land in January 1970.
_SECONDS_READ_AS_MILLISECONDS = range(10**9 * 1000, 22 * 10**8 * 1000)


def read_parquet(path: Path) -> pa.Table:
    """Return the table of a Parquet file. Raises FileError when it is missing or broken."""
    try:
        return pq.read_table(path)
    except FileNotFoundError:
        raise FileError("The file does not exist", where=str(path), repair="Check the path.") from None
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise FileError(
            f"The file cannot be read as Parquet: {str(error).splitlines()[0][:200]}",
            where=str(path),
            repair="It is damaged or of another format: write it again, or use `headgate import` for CSV.",
        ) from None


def column(table: pa.Table, name: str, where: str) -> pa.ChunkedArray:
    """Return a column. Raises DatasetError with the nearest name where it is missing."""
    if name not in table.column_names:
        raise DatasetError(
            f"The column {name!r} is missing",
            where=where,
            repair=f"{nearest(name, table.column_names)}The file has: {', '.join(table.column_names)}. "
            "`headgate import` maps other names.",
        )
    return table.column(name)


def text(table: pa.Table, name: str, where: str, *, optional: bool = False) -> pa.ChunkedArray:
    """Return a column as utf8. Nulls and empty or overlong ids are refused unless optional."""
    values = column(table, name, where)
    kind = values.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind)):
        if not pa.types.is_null(kind):
            raise FieldError(
                f"A text column has type {values.type}",
                where=f"{where}, column {name!r}",
                repair="Give it as strings (or whole numbers).",
            )
    values = pc.cast(values, pa.utf8())
    if not optional:
        refuse(pc.is_null(values), values, "is missing", "Every row needs one.", f"{where}, column {name!r}")
        refuse(
            pc.equal(pc.utf8_length(values), 0), values, "is empty", "Every row needs one.", f"{where}, column {name!r}"
        )
    long = pc.greater(pc.fill_null(pc.utf8_length(values), 0), MAX_ID_CHARS)
    refuse(long, values, f"is longer than {MAX_ID_CHARS} characters", "Shorten it.", f"{where}, column {name!r}")
    return values


def shown(value: pa.Scalar) -> str:
    """Return a value as a message shows it: text in quotes, the rest as it is written."""
    plain = value.as_py()
    return repr(plain) if isinstance(plain, str) else str(plain)


def set_apart(table: pa.Table, used: Collection[str | None], file: str, charter: Charter) -> list[str]:
    """Return a sentence for each column that is not used: the charter's reason, or that no fact needs it."""
    return [
        f"{file}, column {name!r} is set apart: {charter.refusal(name) or 'No fact uses it.'}"
        for name in table.column_names
        if name not in used
    ]


def refuse(mask: pa.ChunkedArray, values: pa.ChunkedArray, what: str, repair: str, where: str) -> None:
    """Raise FieldError for the first row where the mask is true."""
    bad = pc.index(pc.fill_null(mask, False), True).as_py()
    if bad >= 0:
        count = pc.sum(pc.fill_null(mask, False)).as_py()
        more = f" (and {count - 1} more rows)" if count > 1 else ""
        raise FieldError(f"The value {shown(values[bad])} {what}{more}", where=f"{where}, row {bad + 1}", repair=repair)


def time_us(table: pa.Table, name: str, where: str, *, optional: bool = False) -> pa.ChunkedArray:
    """Return a column of times as int64 microseconds UTC; times without zone are taken as UTC."""
    values = column(table, name, where)
    place = f"{where}, column {name!r}"
    if pa.types.is_date(values.type):
        values = pc.cast(values, pa.timestamp("us"))
    if not pa.types.is_timestamp(values.type):
        raise FieldError(
            f"A column of times has type {values.type}",
            where=place,
            repair="Give timestamps; `headgate import` turns numbers and text into them (unit and format in the map).",
        )
    micros = pc.cast(pc.cast(values, pa.timestamp("us", values.type.tz), safe=False), pa.int64())
    if not optional:
        refuse(pc.is_null(micros), values, "is missing", "Every row needs a time.", place)
    _refuse_seconds(micros, place)
    outside = pc.or_(pc.less(micros, MIN_CLOCK_US), pc.greater_equal(micros, MAX_CLOCK_US))
    refuse(outside, values, "is outside 1970 to 2100", "Check the unit and the year.", place)
    return micros


def _refuse_seconds(micros: pa.ChunkedArray, place: str) -> None:
    ends = pc.min_max(micros).as_py()
    seconds = _SECONDS_READ_AS_MILLISECONDS
    if ends["min"] is not None and ends["min"] in seconds and ends["max"] in seconds:
        raise FieldError(
            "All times lie in January 1970: they are seconds that were stored as milliseconds",
            where=place,
            repair='Multiply them by 1000, or import the source again with `unit = "s"` in the map.',
        )


def currencies(table: pa.Table, where: str) -> tuple[pa.ChunkedArray, list[str]]:
    """Return the currency of each row and warnings; a column that is missing or wholly null becomes XXX."""
    stated = table.column("currency") if "currency" in table.column_names else None
    if stated is None or stated.null_count == len(stated):
        unstated = pa.chunked_array([pa.array(["XXX"] * len(table), pa.utf8())])
        return unstated, ["No currency is stated: amounts are taken as units of XXX with two decimals."]
    values = text(table, "currency", where)
    for code in pc.unique(values).to_pylist():
        if code not in MINOR_DIGITS:
            row = pc.index(values, code).as_py() + 1
            check_currency(code, f"{where}, column 'currency', row {row}")
    return values, []


def amount_minor(table: pa.Table, currency: pa.ChunkedArray, where: str) -> tuple[pa.ChunkedArray, list[str]]:
    """Return amounts in minor units (int64) and warnings; digits beyond the minor unit are rounded half-even."""
    values = column(table, "amount", where)
    place = f"{where}, column 'amount'"
    kind = values.type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
        raise FieldError(f"The amounts have type {kind}", where=place, repair="Give numbers in major units.")
    major = pc.cast(values, pa.float64(), safe=False)
    refuse(pc.is_null(major), values, "is missing", "Every payment needs an amount.", place)
    refuse(pc.invert(pc.is_finite(major)), values, "is not a finite number", "Correct or leave out the row.", place)
    refuse(pc.less(major, 0), values, "is negative", "Give a refund as a payment the other way.", place)
    dictionary = currency.combine_chunks().dictionary_encode()
    scales = np.array([10.0 ** MINOR_DIGITS[code] for code in dictionary.dictionary.to_pylist()])
    exact = major.to_numpy() * scales[dictionary.indices.to_numpy()]
    minor = np.rint(exact)
    refuse(pa.chunked_array([minor > MAX_AMOUNT_MINOR]), values, "overflows", "Check the unit of the amounts.", place)
    rounded = int(np.count_nonzero(np.abs(exact - minor) > 1e-3))
    warnings = [f"{rounded} amounts have more decimals than their currency: rounded half-even."] if rounded else []
    return pa.chunked_array([pa.array(minor.astype(np.int64))]), warnings
