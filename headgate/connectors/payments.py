"""Payments from the transactions file of a dataset folder, as rows of the journal."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from headgate.connectors.columns import amount_minor, currencies, refuse, text, time_us
from headgate.connectors.rows import Columns, constant, journal_rows

_TEXT = ("rail", "channel", "merchant_category", "remittance_type", "authentication")
_FLAGS = ("sim_swapped_72h", "device_new", "remote_access")
_CHOICES = {"direction": ("payer", "payee", "both"), "status": ("submitted", "declined")}
_REQUIRED = ("tx_id", "ts", "payer", "payee", "amount", "currency")

USED = frozenset({*_REQUIRED, *_TEXT, *_FLAGS, *_CHOICES})


def payment_rows(table: pa.Table, where: str) -> tuple[pa.Table, list[str]]:
    """Return the payments as journal rows in the order of the file, and warnings."""
    rows = len(table)
    currency, warnings = currencies(table, where)
    minor, more = amount_minor(table, currency, where)
    micros = time_us(table, "ts", where)
    payer, payee = text(table, "payer", where), text(table, "payee", where)
    refuse(
        pc.equal(payer, payee),
        payer,
        "is its own payee",
        "A payment moves money between two accounts: correct the ids or leave the row out.",
        f"{where}, column 'payee'",
    )
    columns = {
        "clock_us": micros,
        "kind": constant("payment", rows),
        "tx_id": text(table, "tx_id", where),
        "ts_us": micros,
        "payer": payer,
        "payee": payee,
        "amount_minor": minor,
        "currency": currency,
        "late": constant(False, rows),
        **_optional(table, where),
    }
    return journal_rows(columns, rows), [*warnings, *more]


def _optional(table: pa.Table, where: str) -> Columns:
    rows = len(table)
    columns: Columns = {
        "rail": constant("", rows),
        "channel": constant("", rows),
        "direction": constant("both", rows),
        "status": constant("submitted", rows),
    }
    for name in _TEXT:
        if name in table.column_names:
            values = text(table, name, where, optional=True)
            columns[name] = pc.fill_null(values, "") if name in columns else values
    for name, allowed in _CHOICES.items():
        if name in table.column_names:
            values = pc.fill_null(
                text(table, name, where, optional=True), allowed[-1] if name == "direction" else allowed[0]
            )
            wrong = pc.invert(pc.is_in(values, value_set=pa.array(allowed)))
            refuse(wrong, values, "is not known", f"Use one of: {', '.join(allowed)}.", f"{where}, column {name!r}")
            columns[name] = values
    for name in _FLAGS:
        if name in table.column_names:
            columns[name] = pc.cast(table.column(name), pa.bool_())
    return columns
