"""The rules of time: the order of files, the live clock, and duplicates.

Files: by (ts, kinds other than payment first, id), clock = ts. Live: order of arrival, clock = max(previous clock,
time of arrival). Duplicates are removed before the journal; the same id with other content is a conflict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headgate.errors import ConflictError
from headgate.journal.entries import Entry
from headgate.journal.schema import BLOCK_SCHEMA, from_block, to_block
from headgate.limits import MAX_AHEAD_US, MAX_BLOCK_ROWS

# What names an entry within its kind; the first column that is not null counts.
_ID_COLUMNS = (
    "outcome_id", "session_id", "action_id", "subject", "tx_id", "account", "currency",
)  # fmt: skip


def entry_ids(table: pa.Table | pa.RecordBatch) -> pa.Array:
    """Return the id of each entry within its kind (utf8, one a row)."""
    return pc.coalesce(*[table.column(name) for name in _ID_COLUMNS], "")


def order_table(table: pa.Table) -> tuple[pa.Table, int]:
    """Return a journal table in file order with `seq` from 0, and the number of exact duplicates removed.

    table: `BLOCK_SCHEMA` with `clock_us` set to the entry's own time; `seq` is ignored. Raises ConflictError for a
    payment id that comes twice with other content.
    """
    keyed = table.select(["clock_us"]).append_column("other", pc.equal(table.column("kind"), "payment"))
    keyed = keyed.append_column("other_rank", pc.cast(keyed.column("other"), pa.int8()))
    keyed = keyed.append_column("id", entry_ids(table)).append_column("row", pa.array(range(len(table)), pa.int64()))
    order = pc.sort_indices(
        keyed,
        sort_keys=[(name, "ascending") for name in ("clock_us", "other_rank", "id", "row")],
    )
    ordered = table.take(order)
    ordered, removed = _without_duplicates(ordered)
    seq = pa.array(np.arange(len(ordered)), pa.int64())
    position = ordered.schema.get_field_index("seq")
    return ordered.set_column(position, BLOCK_SCHEMA.field("seq"), seq).combine_chunks(), removed


def _without_duplicates(table: pa.Table) -> tuple[pa.Table, int]:
    is_payment = pc.equal(table.column("kind"), "payment")
    ids = table.filter(is_payment).column("tx_id")
    if pc.count_distinct(ids).as_py() == len(ids):
        return table, 0
    counts = ids.combine_chunks().value_counts()
    repeated = counts.filter(pc.greater(counts.field("counts"), 1)).field("values")
    mask = pc.and_(is_payment, pc.is_in(table.column("tx_id"), value_set=repeated))
    rows = np.flatnonzero(mask.to_numpy(zero_copy_only=False))
    drop = _repeated_rows(table.take(pa.array(rows)), rows)
    keep = np.ones(len(table), dtype=bool)
    keep[drop] = False
    return table.filter(pa.array(keep)), len(drop)


def _repeated_rows(suspects: pa.Table, rows: np.ndarray) -> list[int]:
    first: dict[str, dict[str, object]] = {}
    drop: list[int] = []
    for row, values in zip(rows, suspects.drop_columns(["seq"]).to_pylist(), strict=True):
        before = first.setdefault(values["tx_id"], values)
        if before is values:
            continue
        differing = [name for name, value in values.items() if value != before[name]]
        if differing:
            raise ConflictError(
                f"Payment {values['tx_id']!r} comes twice with other content",
                where=f"fields {', '.join(sorted(differing))}",
                repair="Ids must be unique: correct one of the two, or remove the one that is wrong.",
            )
        drop.append(int(row))
    return drop


def stamp(entries: Iterable[Entry]) -> list[Entry]:
    """Return entries in file order with `seq` from 0; each entry's `clock_us` is its own time."""
    ordered, _ = order_table(pa.Table.from_batches([to_block(list(entries))]))
    return list(entries_of(ordered))


def blocks_of(table: pa.Table, rows: int = 8192) -> Iterator[pa.RecordBatch]:
    """Yield the table as record batches of at most `rows` entries."""
    assert 0 < rows <= MAX_BLOCK_ROWS
    yield from table.combine_chunks().to_batches(max_chunksize=rows)


def entries_of(table: pa.Table, rows: int = 8192) -> Iterator[Entry]:
    """Yield the entries of a journal table as values, in order."""
    for block in blocks_of(table, rows):
        yield from from_block(block)


class LiveClock:
    """The clock of a live journal: never smaller than before. State: the last clock in microseconds."""

    def __init__(self, last_us: int = 0) -> None:
        self.last_us = last_us

    def stamp(self, arrival_us: int) -> int:
        """Return the clock for an entry that arrives at `arrival_us`."""
        self.last_us = max(self.last_us, arrival_us)
        return self.last_us

    @staticmethod
    def is_late(ts_us: int, clock_us: int) -> bool:
        """Whether a payment's own time lies more than five minutes before its clock."""
        return ts_us < clock_us - MAX_AHEAD_US
