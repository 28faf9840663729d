"""Validation of entries at the door: every bound with an error for people, before anything changes.

Pure functions over values. Unknown and refused fields are the door's own matter (they need its names).
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from headgate.errors import FarFutureError, FieldError
from headgate.journal.currency import MINOR_DIGITS, check_currency
from headgate.journal.entries import Entry, Outcome, Payment, PaymentStatusChange, Rates, kind_of
from headgate.journal.schema import FIELDS
from headgate.limits import (
    MAX_AHEAD_US,
    MAX_CLOCK_US,
    MAX_ID_CHARS,
    MAX_NOTE_CHARS,
    MAX_TEXT_CHARS,
    MIN_CLOCK_US,
)

MAX_AMOUNT_MINOR = 2**53 - 1

_IDS = frozenset(
    {
        "tx_id",
        "payer",
        "payee",
        "outcome_id",
        "account",
        "party",
        "session_id",
        "event_id",
        "action_id",
        "supersedes",
        "actor",
    }
)
_NOTE = ("action", "reason")  # the only text that a person writes in sentences


def check_entry(entry: Entry) -> None:
    """Raise FieldError unless every value of the entry is within its limits."""
    if isinstance(entry, Payment) and _is_plain(entry):
        return
    kind = kind_of(entry)
    for name in FIELDS[kind]:
        value = getattr(entry, name)
        if isinstance(value, str):
            _check_text(name, value, kind)
        elif value is not None and name.endswith("_us"):
            _check_time(name, value, kind)
    if isinstance(entry, Payment | PaymentStatusChange | Outcome):
        _check_money(entry, kind)
    if isinstance(entry, Rates):
        _check_rate(entry)


def _is_plain(payment: Payment) -> bool:
    """Whether a payment is within all limits, told at once; False leaves it to the checks that say what is wrong."""
    tx_id, payer, payee, rail, channel = payment.tx_id, payment.payer, payment.payee, payment.rail, payment.channel
    text = f"{tx_id}{payer}{payee}{rail}{channel}"
    return (
        (payment.merchant_category is payment.remittance_type is payment.authentication is None)
        and 0 < len(tx_id) <= MAX_ID_CHARS
        and 0 < len(payer) <= MAX_ID_CHARS
        and 0 < len(payee) <= MAX_ID_CHARS
        and len(text) <= MAX_TEXT_CHARS
        and text.isprintable()
        and payer != payee
        and payment.currency in MINOR_DIGITS
        and 0 <= payment.amount_minor <= MAX_AMOUNT_MINOR
        and MIN_CLOCK_US <= payment.ts_us < MAX_CLOCK_US
        and MIN_CLOCK_US <= payment.clock_us < MAX_CLOCK_US
    )


def check_ahead(payment: Payment, clock_us: int) -> None:
    """Raise FarFutureError when the payment's own time is more than five minutes ahead of the clock."""
    if payment.ts_us > clock_us + MAX_AHEAD_US:
        ahead = (payment.ts_us - clock_us) // 1_000_000
        raise FarFutureError(
            f"The payment's time is {ahead} seconds ahead of the clock",
            where=f"payment {payment.tx_id!r}, field 'ts'",
            repair="At most 300 seconds are allowed: set the sender's clock, and send times in UTC.",
        )


def _check_text(name: str, value: str, kind: str) -> None:
    longest = MAX_ID_CHARS if name in _IDS else MAX_NOTE_CHARS if (kind, name) == _NOTE else MAX_TEXT_CHARS
    if name in _IDS and not value:
        raise FieldError(f"The {name} is empty", where=f"{kind}, field {name!r}", repair="Give an id.")
    if len(value) > longest:
        raise FieldError(
            f"The {name} has {len(value)} characters",
            where=f"{kind}, field {name!r}",
            repair=f"At most {longest} characters are allowed.",
        )
    if not value.isprintable():
        raise FieldError(
            f"The {name} holds a character that cannot be printed",
            where=f"{kind}, field {name!r}",
            repair="Remove control characters and line breaks.",
        )


def _check_time(name: str, value: int, kind: str) -> None:
    if name == "opened_us" and value < MIN_CLOCK_US:
        return
    if not MIN_CLOCK_US <= value < MAX_CLOCK_US:
        raise FieldError(
            f"The time {value} is outside 1970 to 2100",
            where=f"{kind}, field {name!r}",
            repair="Times are microseconds since 1970-01-01 UTC: check the unit.",
        )


def _check_money(entry: Payment | PaymentStatusChange | Outcome, kind: str) -> None:
    where = f"{kind} {entry.tx_id!r}"
    check_currency(entry.currency, f"{where}, field 'currency'")
    if not 0 <= entry.amount_minor <= MAX_AMOUNT_MINOR:
        raise FieldError(
            f"The amount is {entry.amount_minor} minor units",
            where=f"{where}, field 'amount_minor'",
            repair=f"Amounts are from 0 to {MAX_AMOUNT_MINOR}; send a refund as a payment the other way.",
        )
    if entry.payer == entry.payee:
        raise FieldError(
            "The payer is its own payee",
            where=f"{where}, field 'payee'",
            repair="A payment moves money between two accounts: correct the ids or leave this row out.",
        )


def _check_rate(entry: Rates) -> None:
    check_currency(entry.base, "rates, field 'base'")
    check_currency(entry.currency, "rates, field 'currency'")
    try:
        rate = Decimal(entry.rate)
    except InvalidOperation:
        rate = Decimal(0)
    if not rate.is_finite() or not Decimal("1e-9") <= rate <= Decimal("1e9"):
        raise FieldError(
            f"The rate {entry.rate!r} is not a decimal number above zero",
            where=f"rates {entry.currency}, field 'rate'",
            repair='Write it with a point, for instance "0.8571".',
        )
