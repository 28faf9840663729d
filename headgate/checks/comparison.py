"""How two engines, or two runs of one, are compared: fact by fact, payment by payment, floats by their bits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias

import numpy as np
import pyarrow as pa

from headgate.errors import LawError
from headgate.facts.values import FactValue, Witness
from headgate.journal.entries import Entry
from headgate.journal.schema import to_block


class FactsEngine(Protocol):
    """What the laws of fold 1 need of an engine; `headgate.facts.engine.Engine` is one."""

    names: tuple[str, ...]
    schema: pa.Schema

    def observe(self, block: pa.RecordBatch) -> pa.RecordBatch:
        """Take a block of the journal; return the facts of its payments."""
        ...

    def observe_one(self, entry: Entry) -> Mapping[str, FactValue] | None:
        """Take one entry; return the facts of a payment."""
        ...

    def evidence(self, name: str) -> Witness:
        """Return the payments behind a fact of the last payment."""
        ...

    def sizes(self) -> dict[str, int]:
        """Return how much is remembered, by kind."""
        ...


Make: TypeAlias = Callable[[], FactsEngine]


def facts_of(engine: FactsEngine, entries: Sequence[Entry], rows: int = 4096) -> pa.Table:
    """Return the facts of all payments of a journal, folded in blocks of `rows` entries."""
    return facts_of_blocks(engine, (entries[start : start + rows] for start in range(0, len(entries), rows)))


def facts_of_blocks(engine: FactsEngine, blocks: Iterable[Sequence[Entry]]) -> pa.Table:
    """Return the facts of all payments of a journal, folded in these blocks."""
    return pa.Table.from_batches([engine.observe(to_block(block)) for block in blocks], engine.schema)


def require_same(law: str, expected: pa.Table, got: pa.Table, repair: str) -> None:
    """Raise LawError at the first payment and fact in which two tables of facts differ by a bit."""
    if expected.column_names != got.column_names or len(expected) != len(got):
        raise LawError(
            f"The law {law!r} is broken: {len(expected)} payments with {len(expected.column_names)} columns became "
            f"{len(got)} with {len(got.column_names)}",
            where=law,
            repair=repair,
        )
    for name in expected.column_names:
        if _same(expected.column(name), got.column(name)):
            continue
        rows = np.flatnonzero(_bits(expected.column(name)) != _bits(got.column(name)))
        if len(rows):
            row = int(rows[0])
            raise LawError(
                f"The law {law!r} is broken: {expected.column(name)[row].as_py()!r} became "
                f"{got.column(name)[row].as_py()!r}",
                where=f"payment {expected.column('tx_id')[row].as_py()!r}, fact {name!r}",
                repair=repair,
            )


def _same(one: pa.ChunkedArray, other: pa.ChunkedArray) -> bool:
    """Whether two columns have one type and the same nulls and bits; `_bits` finds where they have not."""
    if one.type == pa.float64() == other.type:
        one, other = (column.combine_chunks().view(pa.int64()) for column in (one, other))
    return bool(one.equals(other)) and one.type == other.type


def _bits(column: pa.ChunkedArray) -> np.ndarray:
    """Return values that are equal only where type, null and bits are."""
    values = column.to_pylist()
    if pa.types.is_floating(column.type):
        values = [None if value is None else value.hex() for value in values]
    return np.array([(str(column.type), value) for value in values], dtype=[("type", object), ("value", object)])
