"""PaySim: simulated mobile money of one month. One file, `PS_20174392719_1491204439457_log.csv`.

Source: Lopez-Rojas, Elmir and Axelsson, "PaySim: A financial mobile money simulator for fraud detection", EMSS 2016.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from headgate.connectors.public.described import Converted, Described
from headgate.connectors.public.folder import constant, converted, numbered, place_in_group
from headgate.connectors.public.raw import only_file, read_raw
from headgate.limits import US_PER_DAY, US_PER_HOUR

DESCRIBED = Described(
    name="paysim",
    title="PaySim",
    kind="mobile money, simulated",
    licence="stated on its page; read it there before use",
    where="Kaggle: ealaxi/paysim1 (also ntnu-testimon/paysim1)",
    files="PS_20174392719_1491204439457_log.csv",
    never_used=(
        "isFraud", "isFlaggedFraud", "oldbalanceOrg", "newbalanceOrig", "oldbalanceDest", "newbalanceDest",
    ),
    caveats=(
        "Frauds were cancelled and their balances never moved, so the balance columns tell the label: never used.",
        "Nearly every payer pays once: there is little past to learn from.",
        "One step is an hour, put at 2026-01-01 plus the step; payments of an hour keep the order of the file.",
        "A cash-in moves money from nameDest to nameOrig. The currency is not stated: XXX.",
    ),
)  # fmt: skip
_ORIGIN_US = 20_454 * US_PER_DAY  # 2026-01-01; only differences matter
_TYPES = ("CASH_IN", "CASH_OUT", "DEBIT", "PAYMENT", "TRANSFER")


def convert(raw: Path) -> Converted:
    """Return the tables of a dataset folder."""
    payments = read_raw(only_file(raw, "PS_*.csv", "*.csv", "*.csv.gz", "*.parquet"))
    steps = payments.numbers("step")
    outside = pc.or_(pc.less(steps, 0), pc.greater(steps, 100_000))
    payments.refuse(pc.or_(outside, pc.not_equal(pc.floor(steps), steps)), "step", "is not a step from 0 to 100000")
    channel = payments.words("type", {name: name for name in _TYPES} | {"CASH-IN": "CASH_IN"}, "type")
    inwards = pc.equal(channel, "CASH_IN")
    one, other = payments.ids("nameOrig"), payments.ids("nameDest")
    columns = {
        "tx_id": numbered("P", len(payments)),
        "payer": pc.if_else(inwards, other, one),
        "payee": pc.if_else(inwards, one, other),
        "amount": payments.amounts("amount"),
        "currency": constant("XXX", len(payments)),
        "channel": channel,
    }
    return converted(columns, _spread(steps.to_numpy().astype(np.int64)), payments.flags("isFraud"))


def _spread(steps: np.ndarray) -> np.ndarray:
    """The clock of each row: its hour, and within the hour its place in the file, spread evenly."""
    place, size = place_in_group(steps)
    return np.asarray(_ORIGIN_US + steps * US_PER_HOUR + place * US_PER_HOUR // size)
