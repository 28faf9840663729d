"""The columns of the journal: one flat Arrow schema over all entry kinds, derived from the values themselves.

A block is a slice of entries of all kinds; a column that a kind does not have is null in its rows. Columns are
only ever added, so that a stored journal stays readable.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import pyarrow as pa

from headgate.errors import FieldError, UnknownFieldError, nearest
from headgate.journal.entries import KINDS, Entry, kind_of

SCHEMA_VERSION = "1"


def _arrow_type(annotation: Any) -> pa.DataType:
    origin = typing.get_origin(annotation)
    if origin in (types.UnionType, typing.Union):
        inner = [part for part in typing.get_args(annotation) if part is not type(None)]
        return _arrow_type(inner[0])
    if origin is Literal:
        return pa.utf8()
    if origin is tuple:
        return pa.list_(pa.utf8())
    return {int: pa.int64(), str: pa.utf8(), bool: pa.bool_()}[annotation]


def _schema() -> pa.Schema:
    columns: dict[str, pa.DataType] = {"seq": pa.int64(), "clock_us": pa.int64(), "kind": pa.utf8()}
    for entry_type in KINDS.values():
        for field in msgspec.structs.fields(entry_type):
            arrow = _arrow_type(field.type)
            assert columns.setdefault(field.name, arrow) == arrow, f"{field.name} has two types"
    required = {"seq", "clock_us", "kind"}
    fields = [pa.field(name, kind, nullable=name not in required) for name, kind in columns.items()]
    return pa.schema(fields, metadata={b"headgate.journal": SCHEMA_VERSION.encode()})


BLOCK_SCHEMA: pa.Schema = _schema()

FIELDS: dict[str, tuple[str, ...]] = {
    kind: tuple(field.name for field in msgspec.structs.fields(entry_type)) for kind, entry_type in KINDS.items()
}

_DEFAULTS: dict[str, dict[str, Any]] = {
    kind: {
        field.name: field.default
        for field in msgspec.structs.fields(entry_type)
        if field.default is not msgspec.NODEFAULT
    }
    for kind, entry_type in KINDS.items()
}


def to_block(entries: Sequence[Entry]) -> pa.RecordBatch:
    """Return the entries as one record batch of `BLOCK_SCHEMA`, in the same order."""
    columns: dict[str, list[Any]] = {name: [None] * len(entries) for name in BLOCK_SCHEMA.names}
    for row, entry in enumerate(entries):
        kind = kind_of(entry)
        columns["kind"][row] = kind
        for name in FIELDS[kind]:
            value = getattr(entry, name)
            columns[name][row] = list(value) if isinstance(value, tuple) else value
    arrays = [pa.array(columns[field.name], field.type) for field in BLOCK_SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=BLOCK_SCHEMA)


def check_columns(block: pa.RecordBatch | pa.Table) -> None:
    """Raise FieldError or UnknownFieldError unless the columns are those of the journal."""
    for field in () if block.schema.equals(BLOCK_SCHEMA) else block.schema:
        if field.name not in BLOCK_SCHEMA.names:
            raise UnknownFieldError(
                "The journal has no such column",
                where=f"column {field.name!r}",
                repair=f"{nearest(field.name, BLOCK_SCHEMA.names)}Remove it or rename it.",
            )
        wanted = BLOCK_SCHEMA.field(field.name).type
        if field.type != wanted:
            raise FieldError(
                f"A journal column has type {field.type}",
                where=f"column {field.name!r}",
                repair=f"Give it as {wanted}.",
            )
    for name in ("seq", "clock_us", "kind"):
        if name not in block.schema.names or block.column(name).null_count:
            raise FieldError(
                "A journal entry lacks a required value",
                where=f"column {name!r}",
                repair="Give every entry a seq, a clock in microseconds and a kind.",
            )


def from_block(block: pa.RecordBatch | pa.Table, first_row: int = 0) -> list[Entry]:
    """Return the entries of a block as values. Raises FieldError where the columns or a kind are wrong.

    first_row: the row at which the block began that this is a slice of, for errors.
    """
    check_columns(block)
    columns = {name: block.column(name).to_pylist() for name in block.schema.names}
    entries: list[Entry] = []
    for row, kind in enumerate(columns["kind"]):
        if kind not in KINDS:
            raise FieldError(
                f"There is no entry kind {kind!r}",
                where=f"row {first_row + row}, column 'kind'",
                repair=f"{nearest(str(kind), list(KINDS))}Use one of: {', '.join(KINDS)}.",
            )
        entries.append(_entry(kind, row, columns, first_row))
    return entries


def _entry(kind: str, row: int, columns: dict[str, list[Any]], first_row: int) -> Entry:
    defaults = _DEFAULTS[kind]
    values: dict[str, Any] = {}
    for name in FIELDS[kind]:
        cell = columns[name][row] if name in columns else None
        if cell is None and name not in defaults:
            raise FieldError(
                f"A {kind} entry lacks a required value",
                where=f"row {first_row + row}, column {name!r}",
                repair="Give the value; only optional fields may be null.",
            )
        if cell is not None:
            values[name] = tuple(cell) if isinstance(cell, list) else cell
    return KINDS[kind](**values)
