"""Whether amounts of several currencies stand in one unit already, where a dataset states no rates.

Some sources label amounts with currencies but never convert them: the same sum is passed on from a EUR to a JPY account
as the same number. To convert those by market rates would tear every chain of payments apart. The amounts tell: where
people pay about the same sums in every currency as they stand, and not when they are converted, they are at par.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log2
from statistics import fmean, median

import numpy as np
import pyarrow as pa

from headgate.connectors.rows import constant, journal_rows
from headgate.journal.currency import FALLBACK_PER_EUR, MINOR_DIGITS

FEWEST_PAYMENTS = 100  # of a currency, for its median to count
CLEARLY = 2  # as converted, the medians must be at least so many times further apart


def rates_at_par(payments: pa.Table, reference: str) -> tuple[pa.Table, list[str]]:
    """Return `rates` rows that take amounts as they stand, with a warning; no rows where they are to be converted.

    payments: rows of the journal. Looks at amounts and currencies alone, never at labels.
    """
    medians = _medians(payments)
    found = len(medians) > 1 and CLEARLY * _apart(medians, 0) < _apart(medians, 1)
    if not found:
        return journal_rows({"kind": constant("rates", 0)}, 0), []
    codes = [code for code in payments.column("currency").unique().to_pylist() if code != reference]
    columns = {
        "clock_us": pa.array([int(payments.column("clock_us").to_numpy().min())] * len(codes), pa.int64()),
        "kind": constant("rates", len(codes)),
        "base": constant(reference, len(codes)),
        "currency": pa.array(codes, pa.utf8()),
        "rate": constant("1", len(codes)),
    }
    return journal_rows(columns, len(codes)), [_warning(medians, reference)]


def _medians(payments: pa.Table) -> dict[str, float]:
    """The median amount of each currency that has enough payments, in major units."""
    currency = payments.column("currency").combine_chunks().dictionary_encode()
    places, amounts = currency.indices.to_numpy(), payments.column("amount_minor").to_numpy()
    found = {}
    for place, code in enumerate(currency.dictionary.to_pylist()):
        own = amounts[places == place]
        middle = float(np.median(own)) if len(own) >= FEWEST_PAYMENTS else 0.0
        if middle > 0 and code in FALLBACK_PER_EUR:
            found[code] = middle / 10 ** MINOR_DIGITS[code]
    return found


def _apart(medians: Mapping[str, float], converted: int) -> float:
    """How far medians lie apart, in doublings."""
    logs = [log2(middle) - converted * log2(float(FALLBACK_PER_EUR[code])) for code, middle in medians.items()]
    centre = median(logs)
    return fmean(abs(value - centre) for value in logs)


def _warning(medians: Mapping[str, float], reference: str) -> str:
    shown = ", ".join(f"{middle:,.0f} {code}" for code, middle in sorted(medians.items())[:4])
    return (
        f"The amounts of {len(medians)} currencies are taken as they stand, at par with {reference}: payments are "
        f"about as large in each as they stand (medians {shown}), and not when converted. Add "
        "rates.parquet to convert them."
    )
