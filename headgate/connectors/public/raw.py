"""Raw files as columns of text, checked column by column: the first wrong value is named by file, line and column.

CSV (also .gz) with commas, and Parquet. Nothing is guessed and nothing is dropped in silence.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from headgate.connectors.columns import shown
from headgate.errors import DatasetError, FieldError, FileError, nearest

Ints = npt.NDArray[np.int64]
_AGAIN = "The file is damaged or is not the published one: get it again from its source."


class Raw:
    """One raw file. All columns are text; `path.name` and the line of a row stand in every error."""

    def __init__(self, path: Path, table: pa.Table, header_lines: int) -> None:
        self.path = path
        self.table = table
        self._header_lines = header_lines

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def has(self, name: str) -> bool:
        """Whether the file has a column."""
        return name in self.table.column_names

    def column(self, name: str) -> pa.ChunkedArray:
        """Return a column of text. Raises DatasetError with the nearest name where it is missing."""
        if not self.has(name):
            names = self.table.column_names
            raise DatasetError(
                f"The column {name!r} is missing",
                where=self.path.name,
                repair=f"{nearest(name, names)}The file has: {', '.join(names[:40])}. "
                "`headgate import` reads files of other shapes with a map.",
            )
        return self.table.column(name)

    def refuse(self, wrong: pa.ChunkedArray, name: str, what: str, repair: str = _AGAIN) -> None:
        """Raise FieldError for the first row where `wrong` is true, with its line."""
        wrong = pc.fill_null(wrong, False)
        row = pc.index(wrong, True).as_py()
        if row >= 0:
            more = pc.sum(wrong).as_py() - 1
            also = f" (and {more} more rows)" if more else ""
            raise FieldError(
                f"The value {shown(self.column(name)[row])} {what}{also}",
                where=f"{self.path.name}, line {row + 1 + self._header_lines}, column {name!r}",
                repair=repair,
            )

    def ids(self, name: str) -> pa.ChunkedArray:
        """Return a column of ids, none of them empty."""
        values = pc.utf8_trim_whitespace(self.column(name))
        self.refuse(pc.equal(pc.fill_null(values, ""), ""), name, "is empty")
        return values

    def numbers(self, name: str) -> pa.ChunkedArray:
        """Return a column of finite numbers, float64."""
        values = pc.utf8_trim_whitespace(self.column(name))
        shape = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
        self.refuse(pc.invert(pc.match_substring_regex(pc.fill_null(values, ""), shape)), name, "is not a number")
        return pc.cast(values, pa.float64())

    def amounts(self, name: str) -> pa.ChunkedArray:
        """Return a column of amounts from 0, float64."""
        values = self.numbers(name)
        self.refuse(pc.less(values, 0), name, "is negative")
        return values

    def flags(self, name: str, true: Sequence[str] = ("1", "true"), false: Sequence[str] = ("0", "false")) -> pa.Array:
        """Return a label column as int8: 1, 0. Any case is read."""
        values = pc.utf8_lower(pc.utf8_trim_whitespace(self.column(name)))
        yes, no = (pc.is_in(values, value_set=pa.array(list(given))) for given in (true, false))
        said = "/".join((*true, *false))
        self.refuse(pc.invert(pc.or_(yes, no)), name, f"is not one of {said}")
        return pc.cast(yes, pa.int8())

    def times(self, name: str, layout: str, *, first: int | None = None) -> Ints:
        """Return microseconds since 1970, UTC, of texts in the strptime `layout` (to the second).

        first: read so many characters and leave what follows, such as a fraction of a second; a `T` is read as a space.
        """
        values = pc.utf8_trim_whitespace(self.column(name))
        if first is not None:
            values = pc.replace_substring(pc.utf8_slice_codeunits(values, 0, first), "T", " ")
        parsed = pc.strptime(values, format=layout, unit="us", error_is_null=True)
        self.refuse(pc.is_null(parsed), name, f"is not a time like {layout}")
        return np.asarray(pc.cast(parsed, pa.int64()).to_numpy(), dtype=np.int64)

    def words(self, name: str, meaning: dict[str, str], what: str) -> pa.ChunkedArray:
        """Return a column of words as what they mean; a word that is not known is refused with its line."""
        values = pc.utf8_trim_whitespace(self.column(name))
        known = pa.array(list(meaning))
        place = pc.index_in(values, value_set=known)
        self.refuse(pc.is_null(place), name, f"is no known {what}", f"Known are: {', '.join(meaning)}. {_AGAIN}")
        return pc.take(pa.array(list(meaning.values())), place)


def read_raw(path: Path, *, header: Sequence[str] | None = None, widest: int | None = None) -> Raw:
    """Read one raw file, all columns as text.

    header: the column names where the file has no header line, or in place of those that it has when their number
    is the same and `widest` is not given. widest: keep the first columns only.
    FileError for a file that is missing or broken, with the number of the broken line.
    """
    if not path.is_file():
        raise FileError("The file does not exist", where=str(path), repair="Check the path; see `headgate datasets`.")
    if path.suffix.lower() == ".parquet":
        return Raw(path, _parquet(path), 0)
    first = _first_line(path)
    headless = header is not None and widest is not None
    names = [name.strip().strip('"') for name in first.split(",")]
    if headless:
        names = [*(header or ()), *(f"_{n}" for n in range(len(header or ()), len(names)))]
    elif header is not None and len(header) == len(names):
        names = list(header)
    _check_names(names, path)
    return Raw(path, _csv(path, names, 0 if headless else 1, names[:widest] if widest else names), 0 if headless else 1)


def _check_names(names: list[str], path: Path) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FileError(
            f"The header names {', '.join(map(repr, twice))} more than once",
            where=f"{path.name}, line 1",
            repair=_AGAIN,
        )


def _first_line(path: Path) -> str:
    opened = gzip.open(path, "rt", encoding="utf-8-sig") if path.suffix == ".gz" else path.open(encoding="utf-8-sig")
    try:
        with opened as stream:
            line = stream.readline(1_000_000)
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise FileError(f"The file cannot be read: {error}", where=str(path), repair=_AGAIN) from None
    if not line.strip():
        raise FileError("The file is empty", where=str(path), repair=_AGAIN)
    return line.rstrip("\r\n")


def _csv(path: Path, names: list[str], skip: int, keep: Sequence[str]) -> pa.Table:
    broken: list[pcsv.InvalidRow] = []

    def note(row: pcsv.InvalidRow) -> str:
        broken.append(row)
        return "skip"

    try:
        table = pcsv.read_csv(
            path,
            read_options=pcsv.ReadOptions(column_names=names, skip_rows=skip, use_threads=False),
            parse_options=pcsv.ParseOptions(invalid_row_handler=note),
            convert_options=pcsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), include_columns=list(keep), strings_can_be_null=False
            ),
        )
    except (pa.ArrowInvalid, OSError) as error:
        raise FileError(f"The file cannot be read as CSV: {error}", where=str(path), repair=_AGAIN) from None
    if broken:
        row = broken[0]
        place = f", line {row.number}" if row.number else ""
        more = f" ({len(broken)} lines are broken)" if len(broken) > 1 else ""
        raise FileError(
            f"A line has {row.actual_columns} fields instead of {row.expected_columns}{more}: {row.text[:120]!r}",
            where=f"{path.name}{place}",
            repair=_AGAIN,
        )
    return table


def _parquet(path: Path) -> pa.Table:
    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise FileError(f"The file cannot be read as Parquet: {error}", where=str(path), repair=_AGAIN) from None
    return pa.table({name: _as_text(table.column(name)) for name in table.column_names})


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        return pc.strftime(pc.cast(column, pa.timestamp("s"), safe=False), format="%Y-%m-%d %H:%M:%S")
    return pc.fill_null(pc.cast(column, pa.string()), "")


def only_file(raw: Path, *patterns: str) -> Path:
    """Return `raw` itself, or the one file in the folder `raw` that matches the first pattern that matches any.

    FileError where there is none or more than one.
    """
    if not raw.is_dir():
        return raw
    for pattern in patterns:
        found = sorted(raw.glob(pattern))
        if len(found) == 1:
            return found[0]
        if found:
            raise FileError(
                f"{len(found)} files match {pattern}: {', '.join(path.name for path in found[:5])}",
                where=str(raw),
                repair="Name one of them instead of the folder.",
            )
    raise FileError(
        f"The folder has no {' or '.join(patterns)}", where=str(raw), repair="See `headgate datasets` for its files."
    )


def beside(path: Path, *names: str) -> Path | None:
    """Return the first of the files `names` in the folder of `path`, where there is one."""
    return next((found for name in names if (found := path.parent / name).is_file()), None)
