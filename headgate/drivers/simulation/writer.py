"""Writes the dataset folder: one Parquet file a table, row group by row group, the truth in files of its own.

Only columns that a bank would have go to `transactions.parquet`. Labels, patterns and twins lie apart. The
same rows give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from headgate.drivers.simulation.draws import Ints
from headgate.errors import FileError

_ROW_GROUP = 65_536
_TS = pa.timestamp("us", tz="UTC")
_TEXT = pa.string()
_CODES = pa.dictionary(pa.int32(), pa.string())

SCHEMAS: dict[str, pa.Schema] = {
    "transactions": pa.schema(
        [
            ("tx_id", _TEXT),
            ("ts", _TS),
            ("payer", _TEXT),
            ("payee", _TEXT),
            ("amount", pa.decimal128(14, 2)),
            ("currency", _TEXT),
            ("channel", _TEXT),
            ("rail", _TEXT),
            ("status", _TEXT),
            ("direction", _TEXT),
            ("merchant_category", _TEXT),
            ("remittance_type", _TEXT),
            ("authentication", _TEXT),
            ("sim_swapped_72h", pa.bool_()),
            ("device_new", pa.bool_()),
            ("remote_access", pa.bool_()),
        ]
    ),
    "labels": pa.schema([("tx_id", _TEXT), ("label", pa.int8()), ("known_at", _TS)]),
    "patterns": pa.schema([("tx_id", _TEXT), ("pattern_id", _TEXT), ("pattern_type", _TEXT)]),
    "twins": pa.schema([("tx_id", _TEXT), ("twin_id", _TEXT), ("twin_type", _TEXT)]),
    "sessions": pa.schema([("session_id", _TEXT), ("ts", _TS), ("account", _TEXT), ("event", _TEXT)]),
    "statuses": pa.schema([("ts", _TS), ("tx_id", _TEXT), ("new_status", _TEXT), ("reason", _TEXT)]),
    "rates": pa.schema([("ts", _TS), ("base", _TEXT), ("currency", _TEXT), ("rate", _TEXT)]),
    "accounts": pa.schema(
        [
            ("account_id", _TEXT),
            ("party_id", _TEXT),
            ("opened_at", _TS),
            ("account_type", _TEXT),
            ("country_code", _TEXT),
        ]
    ),
}


def texts(names: Sequence[str], codes: Ints) -> pa.Array:
    """Return the texts of codes; a negative code is null."""
    indices = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, _TEXT)).cast(_TEXT)


def money(minor: Ints) -> pa.Array:
    """Return minor units as decimal128(14, 2), without passing through floats."""
    words = np.column_stack([minor, minor >> 63]).astype("<i8")
    return pa.Array.from_buffers(pa.decimal128(14, 2), len(minor), [None, pa.py_buffer(words.tobytes())])


def moments(ts_us: Ints) -> pa.Array:
    """Return times in UTC; a negative number is null."""
    return pa.array(ts_us, pa.int64(), mask=ts_us < 0).cast(_TS)


def flags(codes: Ints) -> pa.Array:
    """Return true and false for 1 and 0; a negative number is null."""
    return pa.array(codes == 1, mask=codes < 0)


class Writer:
    """Collects rows of each table and writes them in groups. Use it as a context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, pq.ParquetWriter] = {}
        self._waiting: dict[str, list[pa.RecordBatch]] = {name: [] for name in SCHEMAS}
        self.rows: dict[str, int] = dict.fromkeys(SCHEMAS, 0)

    def __enter__(self) -> Writer:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for name, schema in SCHEMAS.items():
                self._files[name] = pq.ParquetWriter(self._folder / f"{name}.parquet", schema, compression="zstd")
        except OSError as error:
            raise FileError(
                f"The dataset folder cannot be written: {error.strerror}",
                where=str(self._folder),
                repair="Name a folder in a place where you may write.",
            ) from error
        return self

    def add(self, table: str, columns: Sequence[pa.Array | npt.NDArray[Any]]) -> None:
        """Add rows to a table, columns in the order of its schema."""
        batch = pa.RecordBatch.from_arrays(
            [
                pa.array(c, f.type) if isinstance(c, np.ndarray | list) else c
                for c, f in zip(columns, SCHEMAS[table], strict=True)
            ],
            schema=SCHEMAS[table],
        )
        self.rows[table] += batch.num_rows
        self._waiting[table].append(batch)
        if sum(b.num_rows for b in self._waiting[table]) >= _ROW_GROUP:
            self._flush(table)

    def _flush(self, table: str) -> None:
        waiting = self._waiting[table]
        if waiting:
            self._files[table].write_table(
                pa.Table.from_batches(waiting).combine_chunks(), row_group_size=2 * _ROW_GROUP
            )
            self._waiting[table] = []

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for table, file in self._files.items():
            self._flush(table)
            file.close()
