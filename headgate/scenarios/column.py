"""A condition over a batch of facts, as arrays.

The same tree as for one payment, read over Arrow columns: a value is an array and which rows of it are known, a
statement is the rows where it is true or where it is false. A column that the condition needs must be there.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headgate.errors import ConditionError
from headgate.scenarios.tree import (
    OPPOSITE,
    Among,
    Arithmetic,
    AsNumber,
    Compare,
    Constant,
    Every,
    Fact,
    Holds,
    IsNull,
    Not,
    Some,
    Statement,
    Type,
    Value,
)

Mask = npt.NDArray[np.bool_]
_DTYPES: dict[Type, Any] = {"integer": np.int64, "number": np.float64, "truth": np.bool_, "text": np.object_}
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}


class Known(NamedTuple):
    """The values of all rows, and which of them are known."""

    values: npt.NDArray[Any]
    valid: Mask


class Columns:
    """Evaluates statements over one batch; each column is converted once.

    `rows` reads the batch's length; `test` gives a mask of that length.
    """

    def __init__(self, batch: pa.RecordBatch | pa.Table) -> None:
        self._batch = batch
        self._rows = batch.num_rows
        self._facts: dict[str, Known] = {}

    def test(self, statement: Statement, truth: bool = True) -> Mask:
        """Return the rows where the statement is true (or, with truth=False, is false)."""
        match statement:
            case Every(parts) | Some(parts):
                join = np.logical_and if isinstance(statement, Every) is truth else np.logical_or
                return np.asarray(join.reduce([self.test(part, truth) for part in parts]), np.bool_)
            case Not(part):
                return self.test(part, not truth)
            case Compare(op, left, right):
                return self._compare(op if truth else OPPOSITE[op], left, right)
            case Among(value, constants):
                return self._among(self.read(value), constants, truth)
            case IsNull(value):
                return np.asarray(self.read(value).valid ^ truth, np.bool_)
            case Holds(value):
                known = self.read(value)
                return np.asarray(known.valid & (known.values == truth), np.bool_)

    def read(self, value: Value) -> Known:
        """Return a value for all rows."""
        match value:
            case Fact(name, type):
                if name not in self._facts:
                    self._facts[name] = self._column(name, type)
                return self._facts[name]
            case Constant(constant, type):
                return Known(np.full(self._rows, constant, dtype=_DTYPES[type]), np.ones(self._rows, np.bool_))
            case AsNumber(of):
                known = self.read(of)
                return Known(known.values.astype(np.float64), known.valid)
            case Arithmetic(op, left, right):
                return self._arithmetic(op, self.read(left), self.read(right))

    def _compare(self, op: str, left: Value, right: Value) -> Mask:
        one, two = self.read(left), self.read(right)
        both = one.valid & two.valid
        return both & np.asarray(_COMPARE[op](one.values, two.values), dtype=np.bool_)

    def _among(self, known: Known, constants: tuple[Constant, ...], truth: bool) -> Mask:
        found = np.zeros(self._rows, np.bool_)
        for constant in constants:
            found |= np.asarray(known.values == constant.value, dtype=np.bool_)
        return np.asarray(known.valid & (found == truth), np.bool_)

    def _arithmetic(self, op: str, one: Known, two: Known) -> Known:
        both = one.valid & two.valid
        if op == "/":
            both &= two.values != 0.0
        with np.errstate(all="ignore"):
            values = _ARITHMETIC[op](one.values, two.values)
        return Known(values, both & ~np.isnan(values))

    def _column(self, name: str, type: Type) -> Known:
        if name not in self._batch.schema.names:
            raise ConditionError(
                f"The facts have no column {name!r}, which the condition needs",
                repair="Compute the facts again with this name among those that are asked for.",
            )
        column = self._batch.column(name)
        whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        return _known(_cast(whole, name, type), type)


def _cast(column: pa.Array, name: str, type: Type) -> pa.Array:
    wanted = {"integer": pa.int64(), "number": pa.float64(), "truth": pa.bool_(), "text": pa.utf8()}[type]
    try:
        return column.cast(wanted)
    except pa.ArrowInvalid as error:
        raise ConditionError(
            f"The column {name!r} holds {column.type}, where the fact is a {type}",
            repair="Compute the facts again; do not change the types of their columns.",
        ) from error


def _known(column: pa.Array, type: Type) -> Known:
    valid = pc.is_valid(column).to_numpy(zero_copy_only=False)
    if type == "text":
        return Known(column.to_numpy(zero_copy_only=False), valid)
    values = column.fill_null(False if type == "truth" else 0).to_numpy(zero_copy_only=False)
    return Known(values, valid & ~np.isnan(values) if type == "number" else valid)
