"""Payments as columns of numbers, the same for both sides, and as blocks of the journal.

Clocks are whole seconds from the first payment, because the other side returns zeros beyond 2^31; amounts are minor
units of one currency; accounts are numbers.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headgate.journal.schema import BLOCK_SCHEMA
from headgate.limits import US_PER_DAY, US_PER_SECOND

START_US = 20_000 * US_PER_DAY
CURRENCY = "EUR"


class Columns(NamedTuple):
    """One row a payment, in order. seq: int64. seconds, payer, payee, amount_minor: int64."""

    seq: np.ndarray
    seconds: np.ndarray
    payer: np.ndarray
    payee: np.ndarray
    amount_minor: np.ndarray


def columns_of(journal: pa.Table, payments: int) -> tuple[Columns, int]:
    """Return the first payments of a journal, and how many to oneself were left out: only one side counts them."""
    table = journal.filter(pc.equal(journal.column("kind"), "payment"))
    between = table.filter(pc.not_equal(table.column("payer"), table.column("payee"))).slice(0, payments)
    names = pa.chunked_array([*between.column("payer").chunks, *between.column("payee").chunks], pa.utf8())
    numbers = names.combine_chunks().dictionary_encode().indices.to_numpy().astype(np.int64)
    seconds = between.column("clock_us").to_numpy() // US_PER_SECOND
    rows = len(between)
    amounts = between.column("amount_minor").to_numpy()
    found = Columns(np.arange(rows), seconds - seconds[0], numbers[:rows], numbers[rows:], amounts)
    return found, len(table) - len(between) if rows < payments else 0


def save(columns: Columns, path: Path) -> None:
    """Write them as the edges that the other side takes: id, source, target, seconds, amount, all float64."""
    edges = (columns.seq, columns.payer, columns.payee, columns.seconds, columns.amount_minor)
    np.save(path, np.column_stack(edges).astype(np.float64))


def load(path: Path | str, payments: int) -> Columns:
    """Return the first payments of what `save` wrote."""
    seq, payer, payee, seconds, amount_minor = np.load(path)[:payments].astype(np.int64).T
    return Columns(seq, seconds, payer, payee, amount_minor)


def block(columns: Columns) -> pa.RecordBatch:
    """Return them as one block of the journal."""
    rows = len(columns.seq)
    clock = pa.array(START_US + columns.seconds * US_PER_SECOND, pa.int64())
    given = {
        "seq": pa.array(columns.seq, pa.int64()),
        "clock_us": clock,
        "ts_us": clock,
        "kind": pa.repeat("payment", rows),
        "tx_id": _named("t", columns.seq),
        "payer": _named("account-", columns.payer),
        "payee": _named("account-", columns.payee),
        "amount_minor": pa.array(columns.amount_minor, pa.int64()),
        "currency": pa.repeat(CURRENCY, rows),
        "rail": pa.repeat("", rows),
        "channel": pa.repeat("", rows),
        "direction": pa.repeat("both", rows),
        "status": pa.repeat("submitted", rows),
        "late": pa.repeat(False, rows),
    }
    arrays = [given[field.name] if field.name in given else pa.nulls(rows, field.type) for field in BLOCK_SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=BLOCK_SCHEMA)


def blocks(columns: Columns, rows: int) -> list[pa.RecordBatch]:
    """Return them as blocks of at most `rows` payments."""
    whole = block(columns)
    return [whole.slice(start, rows) for start in range(0, whole.num_rows, rows)]


def part(columns: Columns, start: int, stop: int) -> Columns:
    """Return the payments from `start` up to `stop`."""
    return Columns(*(column[start:stop] for column in columns))


def _named(prefix: str, numbers: np.ndarray) -> pa.Array:
    return pc.binary_join_element_wise(prefix, pc.cast(pa.array(numbers, pa.int64()), pa.utf8()), "")
