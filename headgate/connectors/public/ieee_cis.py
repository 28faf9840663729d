"""IEEE-CIS Fraud Detection: card payments of an online shop, by Vesta. `train_transaction.csv`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from headgate.connectors.public.described import Converted, Described
from headgate.connectors.public.folder import constant, converted, prefixed
from headgate.connectors.public.raw import only_file, read_raw
from headgate.limits import US_PER_DAY, US_PER_SECOND

DESCRIBED = Described(
    name="ieee-cis",
    title="IEEE-CIS Fraud Detection",
    kind="card payments, real, six months",
    licence="the rules of the competition, to be accepted on its page; no commercial use, no redistribution",
    where="Kaggle competition: ieee-fraud-detection",
    files="train_transaction.csv",
    never_used=("isFraud", "P_emaildomain", "R_emaildomain", "addr1", "addr2", "dist1", "dist2"),
    caveats=(
        "A payer is the set of card1 to card6: some are one card, some are many. A payee is the product code.",
        "The label was spread over a card after its first reported fraud, so later payments of a card are easier.",
        "E-mail domains, addresses and distances stay outside; C, D, M and V columns have no stated meaning.",
        "Times count from a day that is not stated; 2017-12-01 is assumed.",
    ),
)
_ORIGIN_US = 17_501 * US_PER_DAY  # 2017-12-01
_CARD = tuple(f"card{n}" for n in range(1, 7))


def convert(raw: Path) -> Converted:
    """Return the tables of a dataset folder."""
    payments = read_raw(
        only_file(raw, "train_transaction.csv", "train_transaction.csv.gz", "train_transaction.parquet")
    )
    rows = len(payments)
    payments.ids("card1")
    seconds = payments.amounts("TransactionDT").to_numpy()
    columns = {
        "tx_id": payments.ids("TransactionID"),
        "payer": pc.binary_join_element_wise("card", *(payments.column(name) for name in _CARD), "-"),
        "payee": prefixed("product-", payments.ids("ProductCD")),
        "amount": payments.amounts("TransactionAmt"),
        "currency": constant("USD", rows),
        "channel": constant("card", rows),
    }
    clock_us = _ORIGIN_US + np.rint(seconds * US_PER_SECOND).astype(np.int64)
    return converted(columns, clock_us, payments.flags("isFraud"))
