"""Rows of the journal from the columns that a file has; everything else is null."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headgate.journal.schema import BLOCK_SCHEMA

Columns = dict[str, "pa.ChunkedArray | pa.Array"]


def journal_rows(columns: Columns, rows: int) -> pa.Table:
    """Return a table of `BLOCK_SCHEMA` with the given columns and nulls elsewhere; seq is 0."""
    full = {"seq": pa.array(np.zeros(rows, dtype=np.int64)), **columns}
    arrays = [full.get(item.name, pa.nulls(rows, item.type)) for item in BLOCK_SCHEMA]
    return pa.Table.from_arrays(
        [
            array if array.type == item.type else pc.cast(array, item.type)
            for array, item in zip(arrays, BLOCK_SCHEMA, strict=True)
        ],
        schema=BLOCK_SCHEMA,
    )


def constant(value: str | bool, rows: int) -> pa.Array:
    """Return a column that holds the same value in every row."""
    return pa.repeat(pa.scalar(value), rows)
