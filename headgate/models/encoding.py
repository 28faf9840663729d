"""Facts as the numbers that the learner sees: a column for a block, a buffer for one payment, the same values.

Numbers stay what they are, bool becomes 0 or 1, a text becomes its place in a vocabulary learnt on the training
period; a text never seen there, null and NaN are missing. Nothing here guesses a value that is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headgate.errors import ModelError, nearest
from headgate.facts.values import FactValue
from headgate.kernel import _kernel as kernel
from headgate.limits import MAX_CATEGORIES

Kind: TypeAlias = Literal["number", "bool", "text"]
Usual: TypeAlias = float | bool | str | None


class FactColumn(msgspec.Struct, frozen=True, kw_only=True):
    """One fact as the model knows it.

    `usual` is its median (a number) or most frequent value (bool, text) in the training period, None where it was
    always missing. `vocabulary` holds the texts of the training period, the most frequent first.
    """

    name: str
    kind: Kind
    usual: Usual = None
    vocabulary: tuple[str, ...] = ()


def learn_columns(facts: pa.Table, names: Sequence[str]) -> tuple[FactColumn, ...]:
    """Return how to encode the facts `names`, learnt from the rows of `facts` (the training period only).

    ModelError for a name that is not a column and for a column that is neither number, bool nor text.
    """
    return tuple(_learn(facts, name) for name in names)


def _learn(facts: pa.Table, name: str) -> FactColumn:
    column = column_of(facts, name)
    kind = _kind(name, column.type)
    if kind == "number":
        return FactColumn(name=name, kind=kind, usual=_median(column))
    ranked = _by_frequency(column)
    usual = ranked[0] if ranked else None
    return FactColumn(name=name, kind=kind, usual=usual, vocabulary=_vocabulary(kind, ranked))


def _median(column: pa.ChunkedArray) -> float | None:
    values = column.cast(pa.float64()).to_numpy()
    known = values[~np.isnan(values)]
    return float(np.quantile(known, 0.5, method="lower")) if len(known) else None


def _vocabulary(kind: Kind, ranked: list[bool | str]) -> tuple[str, ...]:
    return tuple(str(value) for value in ranked[:MAX_CATEGORIES]) if kind == "text" else ()


def _by_frequency(column: pa.ChunkedArray) -> list[bool | str]:
    counted = [(row["values"], row["counts"]) for row in pc.value_counts(column).to_pylist()]
    known = [(value, count) for value, count in counted if value is not None]
    return [value for value, _ in sorted(known, key=lambda pair: (-pair[1], str(pair[0])))]


def _kind(name: str, type_: pa.DataType) -> Kind:
    if pa.types.is_boolean(type_):
        return "bool"
    if pa.types.is_integer(type_) or pa.types.is_floating(type_):
        return "number"
    if pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_dictionary(type_):
        return "text"
    raise ModelError(
        f"The fact {name!r} is of type {type_}, which a model cannot learn from",
        repair="Give numbers, true/false or short texts, or leave the column out.",
    )


def column_of(facts: pa.Table | pa.RecordBatch, name: str) -> pa.ChunkedArray:
    """Return a column; ModelError with the nearest name where it is missing."""
    if name not in facts.schema.names:
        hint = nearest(name, tuple(facts.schema.names))
        raise ModelError(
            f"The fact {name!r} is missing",
            repair=f"{hint}Compute the facts with the names that the model lists (`headgate models show`).",
        )
    column = facts.column(name)
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])


class Encoder:
    """Turns facts into what the learner reads: Arrow columns for a block, a row in the kernel for one payment."""

    def __init__(self, columns: tuple[FactColumn, ...]) -> None:
        self.columns = columns
        self.held = kernel.Row([column.name for column in columns], [_codes(column) for column in columns])

    @property
    def categorical(self) -> list[str]:
        """The names of the columns that are codes of texts."""
        return [column.name for column in self.columns if column.kind == "text"]

    def table(self, facts: pa.Table | pa.RecordBatch) -> pa.Table:
        """Return the encoded columns; missing is null or NaN. ModelError where a column is missing."""
        return pa.table({column.name: _encode(column, facts) for column in self.columns})

    def matrix(self, facts: pa.Table | pa.RecordBatch) -> np.ndarray:
        """Return the encoded facts as float64 of shape (rows, facts), missing as NaN."""
        return rows_of(self.table(facts))

    def fill(self, facts: Mapping[str, FactValue]) -> None:
        """Put one payment's facts as numbers into the row `held`; ModelError where a fact is missing altogether."""
        try:
            self.held.fill(facts)
        except KeyError as error:
            column_of(pa.table({name: [] for name in facts}), str(error.args[0]))
            raise

    def row(self, facts: Mapping[str, FactValue]) -> list[float]:
        """Return one payment's facts as numbers; ModelError where a fact is missing altogether."""
        self.fill(facts)
        return self.held.numbers()


def rows_of(encoded: pa.Table) -> np.ndarray:
    """Return encoded columns as float64 of shape (rows, columns), row by row, missing as NaN."""
    rows = np.empty((encoded.num_rows, encoded.num_columns), np.float64)
    for place, column in enumerate(encoded.columns):
        rows[:, place] = column.cast(pa.float64(), safe=False).to_numpy()
    return rows


def _codes(column: FactColumn) -> dict[str, float] | None:
    if column.kind != "text":
        return None
    return {text: float(code) for code, text in enumerate(column.vocabulary)}


def _encode(column: FactColumn, facts: pa.Table | pa.RecordBatch) -> pa.ChunkedArray:
    values = column_of(facts, column.name)
    if column.kind == "number":
        return values
    if column.kind == "bool":
        return values.cast(pa.int8())
    if pa.types.is_dictionary(values.type):
        values = values.cast(pa.string())
    codes = pc.index_in(values, value_set=pa.array(column.vocabulary, values.type), skip_nulls=True)
    return codes if isinstance(codes, pa.ChunkedArray) else pa.chunked_array([codes])
