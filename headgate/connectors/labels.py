"""Labels of a dataset folder: what became known of which payment, and when; and the schemes for measuring."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headgate.connectors.columns import column, read_parquet, refuse, text, time_us
from headgate.connectors.rows import constant, journal_rows
from headgate.errors import DatasetError

_SCHEME_FILES = ("patterns.parquet", "scenarios.parquet")  # the latter as the Handbook's simulator calls its kinds


def read_labels(folder: Path, payments: pa.Table, delay_us: int) -> tuple[dict[str, int], dict[str, int]]:
    """Return the label of each labelled payment (1 fraud, 0 fine) and when it became known.

    delay_us: added to the payment's time where the file has no `known_at`.
    """
    path = folder / "labels.parquet"
    if not path.is_file():
        return {}, {}
    table = read_parquet(path)
    ids = text(table, "tx_id", path.name)
    label = pc.cast(column(table, "label", path.name), pa.int64())
    wrong = pc.invert(pc.is_in(label, value_set=pa.array([0, 1, None], pa.int64())))
    refuse(
        wrong,
        label,
        "is not a label",
        "Use 1 for fraud, 0 for fine, null for not labelled.",
        f"{path.name}, column 'label'",
    )
    joined = dict(zip(payments.column("tx_id").to_pylist(), payments.column("clock_us").to_pylist(), strict=True))
    labels = {tx: value for tx, value in zip(ids.to_pylist(), label.to_pylist(), strict=True) if value is not None}
    missing = next((tx for tx in labels if tx not in joined), None)
    if missing is not None:
        raise DatasetError(
            f"A label names payment {missing!r}, which is not in transactions.parquet",
            where=path.name,
            repair="Labels and payments must come from the same extract.",
        )
    if "known_at" not in table.column_names:
        return labels, {tx: joined[tx] + delay_us for tx in labels}
    micros = time_us(table, "known_at", path.name, optional=True).to_pylist()
    known = {tx: at for tx, at in zip(ids.to_pylist(), micros, strict=True) if at is not None and tx in labels}
    early = next((tx for tx, at in known.items() if at < joined[tx]), None)
    if early is not None:
        raise DatasetError(
            f"The label of payment {early!r} is known before the payment",
            where=f"{path.name}, column 'known_at'",
            repair="known_at is the time at which the outcome became known: after the payment.",
        )
    return labels, known


def outcome_rows(payments: pa.Table, labels: dict[str, int], known_at: dict[str, int]) -> pa.Table:
    """Return one `outcome` row for each label that became known, a microsecond after its payment at the earliest.

    At one clock the journal's order puts a payment last, so a label known at once would be read by its own payment.
    """
    ids = payments.column("tx_id").to_pylist()
    rows = np.array([row for row, tx in enumerate(ids) if tx in known_at], dtype=np.int64)
    chosen = payments.take(pa.array(rows))
    order = chosen.column("tx_id").to_pylist()
    asked = np.array([known_at[tx] for tx in order], dtype=np.int64)
    clock_us = np.maximum(asked, chosen.column("clock_us").to_numpy() + 1)
    columns = {
        **{name: chosen.column(name) for name in ("tx_id", "payer", "payee", "amount_minor", "currency")},
        "clock_us": pa.array(clock_us, pa.int64()),
        "kind": constant("outcome", len(order)),
        "outcome_id": pa.array([f"label:{tx}" for tx in order], pa.utf8()),
        "payment_clock_us": chosen.column("clock_us"),
        "outcome": pa.array(["fraud" if labels[tx] else "fine" for tx in order], pa.utf8()),
        "source": constant("label", len(order)),
    }
    return journal_rows(columns, len(order))


def read_schemes(folder: Path) -> dict[str, tuple[str | None, str]]:
    """Return scheme instance and type by payment id, from patterns.parquet or scenarios.parquet where there is one.

    A source that numbers no instances leaves `pattern_id` out or null; a row without a type is of no scheme.
    """
    path = next((folder / name for name in _SCHEME_FILES if (folder / name).is_file()), None)
    if path is None:
        return {}
    table = read_parquet(path)
    ids = text(table, "tx_id", path.name).to_pylist()
    kinds = text(table, "pattern_type", path.name, optional=True).to_pylist()
    named = "pattern_id" in table.column_names
    schemes = text(table, "pattern_id", path.name, optional=True).to_pylist() if named else [None] * len(ids)
    return {tx: (scheme, kind) for tx, scheme, kind in zip(ids, schemes, kinds, strict=True) if kind is not None}
