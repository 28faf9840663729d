"""Control totals for reconciliation with the source: count and sum by day, rail and currency.

Days are UTC days of the clock. Sums are exact integers in minor units.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from headgate.limits import US_PER_DAY

TOTALS_SCHEMA = pa.schema(
    [
        ("day", pa.date32()),
        ("rail", pa.utf8()),
        ("currency", pa.utf8()),
        ("status", pa.utf8()),
        ("payments", pa.int64()),
        ("sum_minor", pa.int64()),
    ]
)


def control_totals(journal: pa.Table) -> pa.Table:
    """Return one row a day, rail, currency and status (`TOTALS_SCHEMA`), in that order."""
    payments = journal.filter(pc.equal(journal.column("kind"), "payment"))
    day_number = pc.cast(pc.divide(payments.column("clock_us"), US_PER_DAY), pa.int32())
    rows = pa.table(
        {
            "day": pc.cast(day_number, pa.date32()),
            **{name: payments.column(name) for name in ("rail", "currency", "status", "amount_minor")},
        }
    )
    keys = ["day", "rail", "currency", "status"]
    totals = rows.group_by(keys).aggregate([("amount_minor", "count"), ("amount_minor", "sum")])
    totals = totals.rename_columns({"amount_minor_count": "payments", "amount_minor_sum": "sum_minor"})
    return totals.select(TOTALS_SCHEMA.names).sort_by([(key, "ascending") for key in keys]).cast(TOTALS_SCHEMA)
