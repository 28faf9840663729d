"""The ULB card payments of two days of September 2013. One file, `creditcard.csv`.

Source: Dal Pozzolo, Caelen, Johnson and Bontempi, "Calibrating Probability with Undersampling for Unbalanced
Classification", CIDM 2015.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from headgate.connectors.public.described import Converted, Described
from headgate.connectors.public.folder import constant, converted, numbered
from headgate.connectors.public.raw import only_file, read_raw
from headgate.limits import US_PER_DAY, US_PER_SECOND

DESCRIBED = Described(
    name="ulb-cards",
    title="ULB credit card fraud (September 2013)",
    kind="card payments, real, two days, components of an analysis in place of columns",
    licence="DbCL 1.0 (Open Data Commons Database Contents License)",
    where="Kaggle: mlg-ulb/creditcardfraud",
    files="creditcard.csv",
    never_used=("Class",),
    caveats=(
        "It names no card and no merchant: each payment gets a payer of its own, so that no fact of the past exists.",
        "V1 to V28 have no meaning that a sentence could give; no fact uses them. Expect nearly nothing here.",
        "It spans two days: use `--label-delay 0`.",
    ),
)
_ORIGIN_US = 15_949 * US_PER_DAY  # 2013-09-01; the true days are not stated


def convert(raw: Path) -> Converted:
    """Return the tables of a dataset folder."""
    payments = read_raw(only_file(raw, "creditcard.csv", "*.csv", "*.csv.gz", "*.parquet"))
    rows = len(payments)
    seconds = payments.amounts("Time").to_numpy()
    columns = {
        "tx_id": numbered("U", rows),
        "payer": numbered("card-", rows),
        "payee": constant("merchants", rows),
        "amount": payments.amounts("Amount"),
        "currency": constant("EUR", rows),
        "channel": constant("card", rows),
    }
    clock_us = _ORIGIN_US + np.rint(seconds * US_PER_SECOND).astype(np.int64)
    return converted(columns, clock_us, payments.flags("Class"))
