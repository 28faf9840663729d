"""The intake: bytes of a request become values, or an error that says which field, why, and what to do.

Nothing passes that is not well formed, known, allowed by the charter and within its limits; nothing is changed here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, TypeVar

import msgspec

from headgate.charter.charter import Charter
from headgate.errors import FieldError, LimitError, MalformedError, RefusedFieldError, UnknownFieldError, nearest
from headgate.journal.currency import MINOR_DIGITS, check_currency
from headgate.journal.entries import Payment
from headgate.journal.validation import MAX_AMOUNT_MINOR, check_entry
from headgate.limits import MAX_PAYMENTS_PER_REQUEST
from headgate.service.wire import OutcomeIn, Outcomes, PaymentIn, Payments, ReasonIn

T = TypeVar("T")
_MOST_DECIMALS: Final = 30  # beyond it no exact arithmetic is tried

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PAYMENTS: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(Payments)
_OUTCOMES: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(Outcomes)
_REASON: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(ReasonIn)
_PLACE: Final = re.compile(r" - at `\$\.?(?P<place>.*)`$")
_UNKNOWN: Final = re.compile(r"^Object contains unknown field `(?P<name>.*)`$", re.DOTALL)


class Intake:
    """Decodes requests under a charter."""

    def __init__(self, charter: Charter) -> None:
        self._charter = charter

    def payments(self, body: bytes) -> tuple[bool, list[Payment]]:
        """Return whether one object came (not a list), and the payments, with seq and clock still 0.

        Raises MalformedError, UnknownFieldError, RefusedFieldError, FieldError or LimitError; the place says which
        one of a list it is.
        """
        single, found = _as_list(self._decode(_PAYMENTS, body, PaymentIn))
        return single, [_payment(given, _at(number, single)) for number, given in enumerate(found)]

    def outcomes(self, body: bytes) -> tuple[bool, list[OutcomeIn]]:
        """Return whether one object came (not a list), and the outcomes. Errors as for payments."""
        return _as_list(self._decode(_OUTCOMES, body, OutcomeIn))

    def reason(self, body: bytes) -> ReasonIn:
        """Return the reason of an action. Errors as for payments."""
        given: ReasonIn = self._decode(_REASON, body, ReasonIn)
        return given

    def _decode(self, decoder: msgspec.json.Decoder[Any], body: bytes, shape: type[msgspec.Struct]) -> Any:
        try:
            return decoder.decode(body)
        except msgspec.ValidationError as error:
            raise self._explained(str(error), shape) from error
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise MalformedError(
                f"The body is no JSON that can be read: {error}",
                repair="Send JSON in UTF-8. NaN and Infinity are no numbers in JSON.",
            ) from error

    def _explained(self, message: str, shape: type[msgspec.Struct]) -> FieldError | UnknownFieldError | LimitError:
        found = _PLACE.search(message)
        where = found["place"] if found else ""
        what = message[: found.start()] if found else message
        if unknown := _UNKNOWN.match(what):
            return self._unknown(unknown["name"], where, shape)  # type: ignore[return-value]
        if what.startswith("Expected `array` of length <="):
            return LimitError("The list is too long", repair=f"Send at most {MAX_PAYMENTS_PER_REQUEST} at a time.")
        return FieldError(
            what.replace("`", "'").replace("'str'", "text"),
            where=where,
            repair="Compare the field with /openapi.json.",
        )

    def _unknown(self, name: str, where: str, shape: type[msgspec.Struct]) -> UnknownFieldError | RefusedFieldError:
        place = f"{where}.{name}".lstrip(".")
        if why := self._charter.refusal(name):
            return RefusedFieldError(
                f"The charter refuses the field {name!r}", where=place, repair=f"{why} Leave the field out."
            )
        return UnknownFieldError(
            f"There is no field {name!r}",
            where=place,
            repair=f"{nearest(name, shape.__struct_fields__)}The fields are {', '.join(shape.__struct_fields__)}.",
        )


def _as_list(decoded: T | list[T]) -> tuple[bool, list[T]]:
    return (False, decoded) if isinstance(decoded, list) else (True, [decoded])


def _at(number: int, single: bool) -> str:
    return "" if single else f"[{number}]."


def _payment(given: PaymentIn, at: str) -> Payment:
    rest = {name: getattr(given, name) for name in _SAME}
    payment = Payment(
        seq=0, clock_us=0, ts_us=micros(given.ts), amount_minor=minor_units(given.amount, given.currency, at), **rest
    )
    try:
        check_entry(payment)
    except FieldError as error:
        error.where = f"{at}{_field_named_in(error.where)}"
        raise
    return payment


_SAME: Final = tuple(name for name in PaymentIn.__struct_fields__ if name not in ("ts", "amount"))


def _field_named_in(where: str) -> str:
    """The name in `payment 'P-1', field 'payee'`, in the words of the request."""
    return where.rpartition("field ")[2].strip("'").replace("_minor", "").replace("ts_us", "ts")


def micros(time: datetime) -> int:
    """Return a time with a zone as microseconds UTC."""
    return (time - _EPOCH) // timedelta(microseconds=1)


def minor_units(amount: Decimal, currency: str, at: str = "") -> int:
    """Return an amount in major units as an integer of minor units; FieldError unless it is exactly one."""
    check_currency(currency, f"{at}currency")
    where, digits = f"{at}amount", MINOR_DIGITS[currency]
    if not amount.is_finite():
        raise FieldError(f"The amount is {amount}", where=where, repair="Send a decimal number.")
    if amount < 0:
        raise FieldError(
            f"The amount {_short(amount)} is below zero",
            where=where,
            repair="Send a refund as a payment the other way.",
        )
    if amount.adjusted() > len(str(MAX_AMOUNT_MINOR)):
        raise FieldError(
            f"The amount {_short(amount)} is too large", where=where, repair="Check the unit of the amount."
        )
    exponent = amount.as_tuple().exponent
    assert isinstance(exponent, int)
    minor = Fraction(amount) * 10**digits if exponent > -_MOST_DECIMALS else Fraction(1, 2)
    if minor.denominator != 1:
        raise FieldError(
            f"The amount {_short(amount)} has more than {digits} decimals",
            where=where,
            repair=f"{currency} has {digits}: round it as your books do.",
        )
    return int(minor)


def _short(amount: Decimal) -> str:
    return f"{amount:.6g}" if len(str(amount)) > 24 else str(amount)


def places(entries: Sequence[object], single: bool) -> list[str]:
    """Return the place of each entry of a request, for the errors that are found later."""
    return [_at(number, single).rstrip(".") for number in range(len(entries))]
