"""Values of requests become entries of the journal: times in microseconds, amounts in minor units, every bound checked.

Pure functions; seq and clock are still 0. An error names the field as the request has it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, Inexact
from typing import Final, TypeVar

import msgspec

from headgate.errors import FieldError
from headgate.journal.currency import MINOR_DIGITS, check_currency
from headgate.journal.entries import Account, Entry, Payment, Session
from headgate.journal.validation import MAX_AMOUNT_MINOR, check_entry
from headgate.service.wire import AccountIn, PaymentIn, SessionIn

AnyEntry = TypeVar("AnyEntry", bound=Entry)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MOST_DIGITS: Final = len(str(MAX_AMOUNT_MINOR))
_EXACT: Final = Context(prec=50, traps=[Inexact])  # an amount that needs more digits is no amount


def payment_of(given: PaymentIn, at: str = "") -> Payment:
    """Return the entry of a payment. at: the place in a list, such as `[3].`. FieldError names the field."""
    rest = msgspec.structs.asdict(given)
    ts, amount = rest.pop("ts"), rest.pop("amount")
    amount_minor = minor_units(amount, given.currency, at)
    return _checked(Payment(seq=0, clock_us=0, ts_us=micros(ts), amount_minor=amount_minor, **rest), at)


def session_of(given: SessionIn, at: str = "") -> Session:
    """Return the entry of an event of a session."""
    rest = {name: getattr(given, name) for name in SessionIn.__struct_fields__}
    return _checked(Session(seq=0, clock_us=0, **rest), at)


def account_of(given: AccountIn, at: str = "") -> Account:
    """Return the entry with the facts of an account."""
    for party in given.joint_parties:
        if not party.isprintable():
            raise FieldError(
                "A party holds a character that cannot be printed",
                where=f"{at}joint_parties",
                repair="Remove control characters and line breaks.",
            )
    return _checked(
        Account(
            seq=0,
            clock_us=0,
            account=given.account,
            party=given.party,
            joint_parties=given.joint_parties,
            opened_us=None if given.opened_at is None else micros(given.opened_at),
            account_type=given.account_type,
            account_country=given.account_country,
        ),
        at,
    )


def _checked(entry: AnyEntry, at: str) -> AnyEntry:
    try:
        check_entry(entry)
    except FieldError as error:
        error.where = f"{at}{_field_named_in(error.where)}"
        raise
    return entry


def _field_named_in(where: str) -> str:
    """The name in `payment 'P-1', field 'payee'`, in the words of the request."""
    return (
        where.rpartition("field ")[2]
        .strip("'")
        .replace("_minor", "")
        .replace("ts_us", "ts")
        .replace("opened_us", "opened_at")
    )


def micros(time: datetime) -> int:
    """Return a time with a zone as microseconds UTC."""
    return (time - _EPOCH) // _MICROSECOND


def minor_units(amount: Decimal, currency: str, at: str = "") -> int:
    """Return an amount in major units as an integer of minor units; FieldError unless it is exactly one."""
    if currency not in MINOR_DIGITS:
        check_currency(currency, f"{at}currency")
    if amount.is_finite() and amount >= 0 and amount.adjusted() <= _MOST_DIGITS:
        minor = _shifted(amount, MINOR_DIGITS[currency])
        if minor is not None:
            return minor
    raise _no_amount(amount, currency, f"{at}amount")


def _no_amount(amount: Decimal, currency: str, where: str) -> FieldError:
    if not amount.is_finite():
        return FieldError(f"The amount is {amount}", where=where, repair="Send a decimal number.")
    if amount < 0:
        return FieldError(
            f"The amount {_short(amount)} is below zero",
            where=where,
            repair="Send a refund as a payment the other way.",
        )
    if amount.adjusted() > _MOST_DIGITS:
        return FieldError(
            f"The amount {_short(amount)} is too large", where=where, repair="Check the unit of the amount."
        )
    digits = MINOR_DIGITS[currency]
    return FieldError(
        f"The amount {_short(amount)} has more than {digits} decimals",
        where=where,
        repair=f"{currency} has {digits}: round it as your books do.",
    )


def _shifted(amount: Decimal, digits: int) -> int | None:
    """An amount with its point so many digits further on, None where that is no integer."""
    try:
        shifted = _EXACT.scaleb(amount, digits)
    except Inexact:
        return None
    minor = int(shifted)
    return minor if minor == shifted else None


def _short(amount: Decimal) -> str:
    return f"{amount:.6g}" if len(str(amount)) > 24 else str(amount)
