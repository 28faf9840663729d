"""AMLworld: synthetic transfers with laundering patterns, by IBM. `*_Trans.csv`, `*_Patterns.txt`, `*_accounts.csv`.

Source: Altman et al., "Realistic Synthetic Financial Transactions for Anti-Money Laundering Models", NeurIPS 2023.
"""

from __future__ import annotations

from collections import defaultdict, deque
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headgate.connectors.public.described import Converted, Described
from headgate.connectors.public.folder import Column, converted, numbered
from headgate.connectors.public.raw import Raw, only_file, read_raw
from headgate.errors import DatasetError

DESCRIBED = Described(
    name="amlworld",
    title="AMLworld (IBM Transactions for Anti Money Laundering)",
    kind="bank transfers, synthetic, eight laundering patterns",
    licence="CDLA-Sharing-1.0 (Community Data License Agreement, Sharing)",
    where="Kaggle: ealtman2019/ibm-transactions-for-anti-money-laundering-aml",
    files="HI-Small_Trans.csv (or another of the six), with its _Patterns.txt and _accounts.csv beside it",
    never_used=("Is Laundering", "Entity Name", "Bank Name"),
    caveats=(
        "The last days hold little but laundering; `headgate evaluate` says so. Published results cut them off.",
        "The amount paid and its currency are used; what was received in another currency is not.",
        "Amounts in Bitcoin become thousandths of a bitcoin in the currency XXX, at about 20 euros each.",
    ),
)
_HEADER = (
    "Timestamp,From Bank,From Account,To Bank,To Account,Amount Received,Receiving Currency,Amount Paid,"
    "Payment Currency,Payment Format,Is Laundering"
).split(",")
_CURRENCIES = {
    "US Dollar": "USD", "Euro": "EUR", "Yuan": "CNY", "Shekel": "ILS", "Rupee": "INR", "UK Pound": "GBP",
    "Ruble": "RUB", "Yen": "JPY", "Brazil Real": "BRL", "Australian Dollar": "AUD", "Mexican Peso": "MXN",
    "Swiss Franc": "CHF", "Canadian Dollar": "CAD", "Saudi Riyal": "SAR", "Bitcoin": "XXX",
}  # fmt: skip
_BITCOIN = {"XXX": "20"}  # euros for a thousandth of a bitcoin, about the rate of September 2022
_BEGIN, _END = "BEGIN LAUNDERING ATTEMPT - ", "END LAUNDERING ATTEMPT"
# What names a payment in the patterns file; one of equal content stands for each line that repeats it.
_KEY = ("Timestamp", "From Bank", "From Account", "To Bank", "To Account", "Amount Paid", "Payment Currency")


def convert(raw: Path) -> Converted:
    """Return the tables of a dataset folder; patterns and parties where their files lie beside the payments."""
    path = only_file(raw, "*_Trans.csv", "*_Trans.csv.gz", "*_Trans.parquet")
    payments = read_raw(path, header=_HEADER)
    currency = payments.words("Payment Currency", _CURRENCIES, "currency")
    scale = np.where(pc.equal(currency, "XXX").to_numpy(), 1000.0, 1.0)
    amount = payments.amounts("Amount Paid").to_numpy() * scale
    columns = {
        "tx_id": numbered("A", len(payments)),
        "payer": _account(payments.ids("From Bank"), payments.ids("From Account")),
        "payee": _account(payments.ids("To Bank"), payments.ids("To Account")),
        "amount": pa.array(amount),
        "currency": currency,
        "channel": payments.column("Payment Format"),
    }
    return converted(
        columns,
        payments.times("Timestamp", "%Y/%m/%d %H:%M"),
        payments.flags("Is Laundering"),
        patterns=_patterns(payments, path),
        extra=_accounts(path),
        rates=_BITCOIN if pc.any(pc.equal(currency, "XXX")).as_py() else None,
    )


def _account(bank: Column, account: Column) -> Column:
    """Accounts are numbered within their bank; one file pads banks with zeros and another does not."""
    return pc.binary_join_element_wise(pc.utf8_ltrim(bank, "0"), account, "-")


def _beside(path: Path, ending: str) -> Path | None:
    other = path.parent / f"{path.name.partition('_Trans')[0]}_{ending}"
    return other if other.is_file() else None


def _patterns(payments: Raw, path: Path) -> dict[str, Column] | None:
    found = _beside(path, "Patterns.txt")
    if found is None:
        return None
    laundering = np.flatnonzero(payments.flags("Is Laundering").to_numpy())
    keys = payments.table.select(_KEY).take(pa.array(laundering)).to_pylist()
    rows: dict[tuple[str, ...], deque[int]] = defaultdict(deque)
    for row, key in zip(laundering.tolist(), keys, strict=True):
        rows[_key([key[name] for name in _KEY])].append(row)
    scheme = np.full(len(payments), None, dtype=object)
    kind = scheme.copy()
    number, name = 0, ""
    for line, text in enumerate(found.read_text("utf-8").splitlines(), start=1):
        if text.startswith(_BEGIN):
            number, name = number + 1, text.removeprefix(_BEGIN).partition(":")[0].strip().lower()
        elif text.strip() and not text.startswith(_END):
            cells = text.split(",")
            waiting = rows.get(_key([cells[_HEADER.index(field)] for field in _KEY])) if len(cells) == 11 else None
            if not waiting:
                raise DatasetError(
                    "A payment of a pattern is not among the laundering payments",
                    where=f"{found.name}, line {line}",
                    repair=f"{found.name} and {path.name} must be of the same download.",
                )
            scheme[waiting[0]], kind[waiting[0]] = f"{name}-{number}", name
            if len(waiting) > 1:
                waiting.popleft()
    rest = [row for row in laundering.tolist() if kind[row] is None]
    kind[rest] = "outside a listed pattern"
    return {"pattern_id": pa.array(scheme, pa.utf8()), "pattern_type": pa.array(kind, pa.utf8())}


def _key(cells: list[str]) -> tuple[str, ...]:
    """What is equal for one payment in both files: banks are padded with zeros and times are written in two ways."""
    moment = "".join(character for character in cells[0] if character.isdigit())[:12]
    return (moment, cells[1].lstrip("0"), cells[2], cells[3].lstrip("0"), cells[4], f"{float(cells[5]):.2f}", cells[6])


def _accounts(path: Path) -> dict[str, pa.Table]:
    found = _beside(path, "accounts.csv")
    if found is None:
        return {}
    accounts = read_raw(found)
    ids = _account(accounts.ids("Bank ID"), accounts.ids("Account Number"))
    table = pa.table({"account_id": ids, "party_id": accounts.ids("Entity ID")})
    kept = table.group_by("account_id", use_threads=False).aggregate([("party_id", "first")])
    return {"accounts": kept.rename_columns(["account_id", "party_id"])}
