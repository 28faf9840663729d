"""Rows of source files as text, with the place of each row: CSV (also .gz) and Parquet.

Yields every row, the malformed ones too; what is wrong with a row is said by who reads it.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from headgate.errors import FileError

# Longest text of one field: a stray quotation mark otherwise swallows the rest of the file.
_MAX_FIELD_CHARS = 65_536


class SourceRow(NamedTuple):
    """One row of a source file: its line (CSV) or row number (Parquet), from 1, and its values by column."""

    line: int
    values: dict[str, Any]
    fault: str | None


def is_parquet(path: Path) -> bool:
    """Whether the name says Parquet."""
    return path.suffix.lower() in (".parquet", ".pq")


def column_names(path: Path) -> list[str]:
    """Return the column names of a source file. Raises FileError where it cannot be read or is empty."""
    if is_parquet(path):
        return list(_parquet(path).schema_arrow.names)
    with _open_csv(path) as stream:
        names = next(_reader(stream, path), None)
    if not names:
        raise FileError("The file is empty", where=str(path), repair="Give a file with a header line.")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise FileError(
            f"The header names {', '.join(map(repr, repeated))} more than once",
            where=f"{path}, line 1",
            repair="Every column needs its own name.",
        )
    return names


def rows(path: Path) -> Iterator[SourceRow]:
    """Yield all rows of a source file in order."""
    yield from _parquet_rows(path) if is_parquet(path) else _csv_rows(path)


def _parquet(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise FileError(
            f"The file cannot be read as Parquet: {str(error).splitlines()[0][:200]}",
            where=str(path),
            repair="It is missing, damaged or of another format: write it again.",
        ) from None


def _parquet_rows(path: Path) -> Iterator[SourceRow]:
    number = 0
    for batch in _parquet(path).iter_batches(batch_size=16_384):
        for values in batch.to_pylist():
            number += 1
            yield SourceRow(number, values, None)


def _open_csv(path: Path) -> io.TextIOWrapper:
    try:
        raw: Any = gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")
        return io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
    except OSError as error:
        raise FileError(
            f"The file cannot be opened: {error.strerror}", where=str(path), repair="Check the path."
        ) from None


def _reader(stream: io.TextIOWrapper, path: Path) -> Iterator[list[str]]:
    csv.field_size_limit(_MAX_FIELD_CHARS)
    try:
        sample = stream.read(65_536)
    except (UnicodeDecodeError, OSError, EOFError) as error:
        raise FileError(
            f"The file is not text in UTF-8 or is damaged: {error}", where=str(path), repair="Save it as UTF-8 CSV."
        ) from None
    first = sample.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    stream.seek(0)
    return csv.reader(stream, delimiter=delimiter, strict=True)


def _csv_rows(path: Path) -> Iterator[SourceRow]:
    with _open_csv(path) as stream:
        reader = _reader(stream, path)
        names = next(reader)
        while True:
            line = reader.line_num + 1  # type: ignore[attr-defined]
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield SourceRow(line, {}, f"malformed CSV: {error}")
                continue
            except (UnicodeDecodeError, OSError, EOFError) as error:
                raise FileError(
                    f"The file breaks off or is not UTF-8: {error}",
                    where=f"{path}, line {line}",
                    repair="Save it again.",
                ) from None
            if cells:
                fault = None if len(cells) == len(names) else f"{len(cells)} fields instead of {len(names)}"
                yield SourceRow(line, dict(zip(names, cells, strict=False)), fault)
