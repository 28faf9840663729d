"""SAML-D: synthetic payments of eleven normal and seventeen suspicious typologies. One file, `SAML-D.csv`.

Source: Oztas et al., "Enhancing Anti-Money Laundering: Development of a Synthetic Transaction Monitoring Dataset",
ICEBE 2023.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from headgate.connectors.public.described import Converted, Described
from headgate.connectors.public.folder import converted, numbered, where
from headgate.connectors.public.raw import only_file, read_raw

DESCRIBED = Described(
    name="samld",
    title="SAML-D",
    kind="bank payments, synthetic, seventeen suspicious typologies",
    licence="stated on its page; read it there before use",
    where="Kaggle: berkanoztas/synthetic-transaction-monitoring-dataset-aml",
    files="SAML-D.csv",
    never_used=("Is_laundering", "Laundering_type", "Sender_bank_location", "Receiver_bank_location"),
    caveats=(
        "Laundering_type names the typology of honest payments too; it is kept for laundering only, for measuring.",
        "A typology has no number of its instance, so schemes are not measured.",
    ),
)
_CURRENCIES = {
    "UK pounds": "GBP", "Indian rupee": "INR", "Albanian lek": "ALL", "Swiss franc": "CHF", "Pakistani rupee": "PKR",
    "Naira": "NGN", "Yen": "JPY", "Euro": "EUR", "Dirham": "AED", "Mexican Peso": "MXN", "Turkish lira": "TRY",
    "US dollar": "USD", "Moroccan dirham": "MAD",
}  # fmt: skip
_RATES = {"ALL": "0.01"}  # euros for a lek, rounded; the others have fallback rates


def convert(raw: Path) -> Converted:
    """Return the tables of a dataset folder."""
    payments = read_raw(only_file(raw, "SAML-D.csv", "SAML-D*.csv*", "SAML-D*.parquet"))
    date, time = payments.ids("Date"), payments.ids("Time")
    stamped = payments.table.append_column("Date and Time", pc.binary_join_element_wise(date, time, " "))
    payments.table = stamped
    label = payments.flags("Is_laundering")
    currency = payments.words("Payment_currency", _CURRENCIES, "currency")
    columns = {
        "tx_id": numbered("S", len(payments)),
        "payer": payments.ids("Sender_account"),
        "payee": payments.ids("Receiver_account"),
        "amount": payments.amounts("Amount"),
        "currency": currency,
        "channel": payments.column("Payment_type"),
    }
    kind = where(pc.cast(label, pa.bool_()), payments.column("Laundering_type"))
    return converted(
        columns,
        payments.times("Date and Time", "%Y-%m-%d %H:%M:%S"),
        label,
        patterns={"pattern_type": kind},
        rates=_RATES if pc.any(pc.equal(currency, "ALL")).as_py() else None,
    )
