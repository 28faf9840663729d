"""The Fraud Detection Handbook's simulated card payments, as one CSV or Parquet file of all its days.

Source: Le Borgne, Siblini, Lebichot and Bontempi, "Reproducible Machine Learning for Credit Card Fraud Detection:
Practical Handbook", ULB 2022.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc

from headgate.connectors.public.described import Converted, Described
from headgate.connectors.public.folder import constant, converted, prefixed, where
from headgate.connectors.public.raw import only_file, read_raw
from headgate.errors import FileError

DESCRIBED = Described(
    name="handbook",
    title="Fraud Detection Handbook, simulated card payments",
    kind="card payments, simulated, three fraud scenarios",
    licence="the data repository states none; the handbook's code is GPL-3.0, its prose CC BY-SA 4.0",
    where="GitHub: Fraud-Detection-Handbook/simulated-data-raw (or run the notebook of chapter 3)",
    files="one CSV or Parquet file with TRANSACTION_ID … TX_FRAUD_SCENARIO, written from the daily pickles",
    never_used=("TX_FRAUD", "TX_FRAUD_SCENARIO"),
    caveats=(
        "Scenario 1 is every amount above 220; scenario 2 a terminal for 28 days; scenario 3 a card for 14 days.",
        "A terminal cannot be known as compromised before its first frauds are: outcomes with delay do most here.",
        "The source names no currency: EUR is assigned. Amounts of 0 occur.",
    ),
)
_SCENARIOS = {"0": "", "1": "1", "2": "2", "3": "3"}
_PICKLES = (
    "These are pickles, which can run code when they are read, so headgate does not read them. Write one CSV: "
    "python -c \"import pandas, glob; pandas.concat(map(pandas.read_pickle, sorted(glob.glob('*.pkl'))))"
    ".to_csv('handbook.csv', index=False)\""
)


def convert(raw: Path) -> Converted:
    """Return the tables of a dataset folder. FileError for pickles, with how to write the CSV."""
    if raw.suffix == ".pkl" or (raw.is_dir() and any(raw.glob("*.pkl")) and not any(raw.glob("*.csv*"))):
        raise FileError("The folder holds pickles", where=str(raw), repair=_PICKLES)
    payments = read_raw(only_file(raw, "*.csv", "*.csv.gz", "*.parquet"))
    rows = len(payments)
    card, terminal = payments.ids("CUSTOMER_ID"), payments.ids("TERMINAL_ID")
    scenario = payments.words("TX_FRAUD_SCENARIO", _SCENARIOS, "scenario")
    card_id, terminal_id = prefixed("C", card), prefixed("T", terminal)
    columns = {
        "tx_id": prefixed("H", payments.ids("TRANSACTION_ID")),
        "payer": card_id,
        "payee": terminal_id,
        "amount": payments.amounts("TX_AMOUNT"),
        "currency": constant("EUR", rows),
        "channel": constant("card", rows),
    }
    third = pc.equal(scenario, "3")
    scheme = pc.if_else(pc.equal(scenario, "2"), terminal_id, where(third, card_id))
    patterns = {
        "pattern_id": scheme,
        "pattern_type": where(pc.not_equal(scenario, ""), prefixed("scenario ", scenario)),
    }
    clock_us = payments.times("TX_DATETIME", "%Y-%m-%d %H:%M:%S")
    return converted(columns, clock_us, payments.flags("TX_FRAUD"), patterns=patterns)
