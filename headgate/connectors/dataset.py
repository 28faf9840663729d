"""A dataset folder as a journal: payments, accounts, sessions, statuses, rates, and labels as outcomes.

Reads Parquet files by column names, keeps what the charter refuses outside and names it, orders everything by the
rules of time. It never drops a row in silence and computes no fact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from headgate.charter.charter import Charter, load_charter
from headgate.connectors.columns import read_parquet, set_apart
from headgate.connectors.labels import outcome_rows, read_labels, read_schemes
from headgate.connectors.par import rates_at_par
from headgate.connectors.payments import USED, payment_rows
from headgate.connectors.side_files import accounts, rates, sessions, statuses
from headgate.errors import DatasetError, FileError
from headgate.journal.entries import Entry
from headgate.journal.order import blocks_of, entries_of, order_table
from headgate.limits import US_PER_DAY

LABEL_DELAY_US = 7 * US_PER_DAY


@dataclass(frozen=True)
class Dataset:
    """What a dataset folder holds.

    journal: all entries in order (`BLOCK_SCHEMA`). labels: 1 fraud, 0 fine, for labelled payments. known_at_us: when a
    label became known; a label without it never did. schemes: the scheme instance (None where the source numbers none)
    and type of a payment. set_apart: sentences for the columns that reach no fact. warnings: what a reader of results
    must know.
    """

    folder: Path
    journal: pa.Table
    reference_currency: str
    labels: dict[str, int] = field(default_factory=dict)
    known_at_us: dict[str, int] = field(default_factory=dict)
    schemes: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    set_apart: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for whoever reads the data: the columns that reach no fact, and the warnings."""
        return (*self.set_apart, *self.warnings)

    @property
    def payments(self) -> int:
        """The number of payments in the journal."""
        count = pc.sum(pc.equal(self.journal.column("kind"), "payment")).as_py()
        return int(count or 0)

    def blocks(self, rows: int = 8192) -> Iterator[pa.RecordBatch]:
        """Yield the journal in blocks of at most `rows` entries."""
        return blocks_of(self.journal, rows)

    def entries(self) -> Iterator[Entry]:
        """Yield the journal's entries as values, in order."""
        return entries_of(self.journal)


def read_dataset(
    folder: Path,
    *,
    label_delay_us: int = LABEL_DELAY_US,
    reference_currency: str | None = None,
    charter: Charter | None = None,
) -> Dataset:
    """Read a dataset folder.

    label_delay_us: when a label counts as known after its payment, where the data has no `known_at`.
    reference_currency: default the single currency of the payments, or EUR where there are several.
    Raises FileError, DatasetError, FieldError or ConflictError with file, column and row.
    """
    path = folder / "transactions.parquet"
    if not folder.exists():
        raise FileError("There is no such folder", where=str(folder), repair="Name a folder with transactions.parquet.")
    if not path.is_file():
        raise DatasetError(
            "This is not a dataset folder: it has no transactions.parquet",
            where=str(folder),
            repair="Name a folder made by `headgate import` or `headgate simulate`.",
        )
    charter = charter or load_charter(None)
    table = read_parquet(path)
    if not len(table):
        raise DatasetError("The dataset has no payments", where=str(path), repair="Import at least one payment.")
    payments, warnings = payment_rows(table, path.name)
    reference = reference_currency or _reference_currency(payments)
    labels, known_at = read_labels(folder, payments, label_delay_us)
    side, apart = _side_files(folder, payments, charter)
    if not (folder / "rates.parquet").is_file():
        at_par, why = rates_at_par(payments, reference)
        side.append(at_par)
        warnings.extend(why)
    journal, removed = order_table(pa.concat_tables([payments, *side, outcome_rows(payments, labels, known_at)]))
    if removed:
        warnings.append(f"{removed} exact duplicates of payments were removed.")
    return Dataset(
        folder=folder,
        journal=journal,
        reference_currency=reference,
        labels=labels,
        known_at_us=known_at,
        schemes=read_schemes(folder),
        set_apart=(*set_apart(table, USED, path.name, charter), *apart),
        warnings=tuple(warnings),
    )


def _reference_currency(payments: pa.Table) -> str:
    codes = pc.unique(payments.column("currency")).to_pylist()
    return str(codes[0]) if len(codes) == 1 else "EUR"


def _side_files(folder: Path, payments: pa.Table, charter: Charter) -> tuple[list[pa.Table], list[str]]:
    first_us = pc.min(payments.column("clock_us")).as_py()
    tables: list[pa.Table] = []
    apart: list[str] = []
    if (path := folder / "accounts.parquet").is_file():
        table, sentences = accounts(read_parquet(path), path.name, first_us, charter)
        tables.append(table)
        apart.extend(sentences)
    for name, reader in (("sessions", sessions), ("rates", rates)):
        if (path := folder / f"{name}.parquet").is_file():
            tables.append(reader(read_parquet(path), path.name))
    if (path := folder / "statuses.parquet").is_file():
        tables.append(statuses(read_parquet(path), path.name, payments))
    return tables, apart
