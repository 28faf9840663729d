"""The exports of a home as columns: alerts and cases, in pseudonyms, for any tool that reads Parquet.

Values in, files out. A case is exported as it stands at the end; accounts are listed and never scored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from headgate.cases.case import Alert, Case

ALERT_SCHEMA: Final = pa.schema(
    [
        ("tx_id", pa.utf8()),
        ("seq", pa.int64()),
        ("clock_us", pa.int64()),
        ("case_id", pa.utf8()),
        ("action", pa.utf8()),
        ("payer", pa.utf8()),
        ("payee", pa.utf8()),
        ("amount_minor", pa.int64()),
        ("currency", pa.utf8()),
        ("reference_minor", pa.int64()),
        ("rank_score", pa.float64()),
        ("threshold", pa.float64()),
        ("typologies", pa.list_(pa.utf8())),
        ("reasons", pa.list_(pa.utf8())),
        ("evidence", pa.list_(pa.utf8())),
    ]
)
CASE_SCHEMA: Final = pa.schema(
    [
        ("case_id", pa.utf8()),
        ("state", pa.utf8()),
        ("opened_us", pa.int64()),
        ("updated_us", pa.int64()),
        ("rank_score", pa.float64()),
        ("value_minor", pa.int64()),
        ("alerts", pa.list_(pa.utf8())),
        ("accounts", pa.list_(pa.utf8())),
        ("typologies", pa.list_(pa.utf8())),
        ("related", pa.list_(pa.utf8())),
        ("merged_into", pa.utf8()),
    ]
)


def write_alerts(path: Path, alerts: Iterable[Alert], case_of: Mapping[str, str]) -> None:
    """Write alerts.parquet; `case_of` gives the case of each alert."""
    rows = [_alert_row(alert, case_of[alert.tx_id]) for alert in alerts]
    pq.write_table(pa.Table.from_pylist(rows, ALERT_SCHEMA), path)


def write_cases(path: Path, cases: Iterable[Case]) -> None:
    """Write cases.parquet."""
    pq.write_table(pa.Table.from_pylist(case_rows(cases), CASE_SCHEMA), path)


def case_rows(cases: Iterable[Case]) -> list[dict[str, Any]]:
    """Return one row of `CASE_SCHEMA` a case."""
    return [_case_row(case) for case in cases]


def _alert_row(alert: Alert, case_id: str) -> dict[str, Any]:
    payment, decision = alert.payment, alert.decision
    evidence = dict.fromkeys(paid.tx_id for witness in decision.evidence for paid in witness.payments)
    return {
        "tx_id": alert.tx_id,
        "seq": payment.seq,
        "clock_us": payment.clock_us,
        "case_id": case_id,
        "action": decision.action,
        "payer": payment.payer,
        "payee": payment.payee,
        "amount_minor": payment.amount_minor,
        "currency": payment.currency,
        "reference_minor": alert.reference_minor,
        "rank_score": decision.rank_score,
        "threshold": decision.threshold,
        "typologies": list(alert.typologies),
        "reasons": [*(fired.reason for fired in decision.fired), *decision.reasons],
        "evidence": list(evidence),
    }


def _case_row(case: Case) -> dict[str, Any]:
    return {
        "case_id": case.id,
        "state": case.state,
        "opened_us": case.opened_us,
        "updated_us": case.updated_us,
        "rank_score": case.rank_score,
        "value_minor": case.value_minor,
        "alerts": [alert.tx_id for alert in case.alerts],
        "accounts": [row.account for row in case.accounts],
        "typologies": list(case.typologies),
        "related": list(case.related),
        "merged_into": case.merged_into,
    }
