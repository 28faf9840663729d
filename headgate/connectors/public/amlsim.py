"""AMLSim: output of IBM's simulator. `transactions.csv`, with `alert_transactions.csv` beside it.

Source: Suzumura and Kanezashi, AMLSim, GitHub project IBM/AMLSim.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headgate.connectors.public.described import Converted, Described
from headgate.connectors.public.folder import Column, constant, converted, place_in_group, prefixed, where
from headgate.connectors.public.raw import Raw, beside, only_file, read_raw
from headgate.limits import US_PER_DAY, US_PER_SECOND

DESCRIBED = Described(
    name="amlsim",
    title="AMLSim output",
    kind="bank transfers, simulated by the user, alert typologies",
    licence="the simulator is Apache-2.0; what it makes is the user's",
    where="GitHub: IBM/AMLSim (run it, or its wiki page Download-Example-Data-Set)",
    files="transactions.csv (or .csv.gz), with alert_transactions.csv beside it",
    never_used=("is_sar", "alert_id", "alert_type", "isFraud", "alertID", "prior_sar_count"),
    caveats=(
        "Laundering runs over pairs of accounts that rarely pay each other otherwise: a shortcut.",
        "The simulator has one step a day; payments of a day keep the order of the file.",
        "The account table is not read: it counts past reports of the very alerts that are to be found.",
        "No currency is stated: USD is assigned.",
    ),
)
_DAY = r"^\d{4}-\d{2}-\d{2}"
_ORIGIN_US = 17_167 * US_PER_DAY  # 2017-01-01, the simulator's own default


def convert(raw: Path) -> Converted:
    """Return the tables of a dataset folder; typologies where alert_transactions.csv lies beside the payments."""
    path = only_file(raw, "transactions.csv", "transactions.csv.gz", "tx_log.csv")
    payments = read_raw(path)
    label = payments.flags("is_sar")
    columns = {
        "tx_id": payments.ids("tran_id"),
        "payer": prefixed("a", payments.ids("orig_acct")),
        "payee": prefixed("a", payments.ids("bene_acct")),
        "amount": payments.amounts("base_amt"),
        "currency": constant("USD", len(payments)),
        "channel": payments.column("tx_type"),
    }
    return converted(columns, _clock(payments), label, patterns=_patterns(payments, path, label))


def _clock(payments: Raw) -> np.ndarray:
    """Days as dates or as steps; the payments of a day stand in the order of the file, spread over its seconds."""
    stamps = payments.ids("tran_timestamp")
    if pc.all(pc.match_substring_regex(stamps, _DAY)).as_py():
        day = payments.times("tran_timestamp", "%Y-%m-%d", first=10) // US_PER_DAY
    else:
        day = payments.numbers("tran_timestamp").to_numpy().astype(np.int64) + _ORIGIN_US // US_PER_DAY
    place, size = place_in_group(np.asarray(day))
    return np.asarray(day * US_PER_DAY + place * (US_PER_DAY // US_PER_SECOND) // size * US_PER_SECOND)


def _patterns(payments: Raw, path: Path, label: Column) -> dict[str, Column]:
    alert = pc.utf8_trim_whitespace(payments.column("alert_id"))
    suspicious = pc.cast(label, pa.bool_())
    kind: Column = constant("alert", len(payments))
    found = beside(path, "alert_transactions.csv", "alert_transactions.csv.gz")
    if found is not None:
        alerts = read_raw(found)
        place = pc.index_in(alert, value_set=alerts.ids("alert_id").combine_chunks())
        kind = pc.fill_null(pc.take(alerts.column("alert_type"), place), "alert")
    return {"pattern_id": where(suspicious, prefixed("alert-", alert)), "pattern_type": where(suspicious, kind)}
