"""A dataset as it would be if outcomes had come otherwise: later, earlier, or with other labels.

The payments stay what they are; only the outcome entries of the journal are made anew and put in order.
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from headgate.connectors.dataset import Dataset
from headgate.connectors.labels import outcome_rows
from headgate.journal.order import order_table


def with_outcomes(dataset: Dataset, labels: dict[str, int], known_at_us: dict[str, int]) -> Dataset:
    """Return the dataset with these labels, each known from its clock on."""
    kind = dataset.journal.column("kind")
    payments = dataset.journal.filter(pc.equal(kind, "payment"))
    rest = dataset.journal.filter(pc.not_equal(kind, "outcome"))
    journal, _ = order_table(pa.concat_tables([rest, outcome_rows(payments, labels, known_at_us)]))
    return replace(dataset, journal=journal, labels=labels, known_at_us=known_at_us)


def with_delay(dataset: Dataset, delay_us: int) -> Dataset:
    """Return the dataset as if each label had become known `delay_us` after its payment."""
    payments = dataset.journal.filter(pc.equal(dataset.journal.column("kind"), "payment"))
    clocks = zip(payments.column("tx_id").to_pylist(), payments.column("clock_us").to_pylist(), strict=True)
    known = {tx: clock + delay_us for tx, clock in clocks if tx in dataset.labels}
    return with_outcomes(dataset, dataset.labels, known)
