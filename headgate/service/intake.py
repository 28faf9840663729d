"""The intake: bytes of a request become values, or an error that says which field, why, and what to do.

Nothing passes that is not well formed, known, allowed by the charter and within its limits; nothing is changed here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

from headgate.charter.charter import Charter
from headgate.errors import FieldError, LimitError, MalformedError, RefusedFieldError, UnknownFieldError, nearest
from headgate.journal.entries import Account, Payment, Session
from headgate.limits import MAX_PAYMENTS_PER_REQUEST
from headgate.service.entering import account_of, payment_of, session_of
from headgate.service.wire import (
    AccountIn,
    Accounts,
    ListChangeIn,
    OutcomeIn,
    Outcomes,
    PaymentIn,
    Payments,
    ReasonIn,
    RevealIn,
    SessionIn,
    Sessions,
    Statuses,
    StatusIn,
)

T = TypeVar("T")
Decoder = msgspec.json.Decoder[Any]

_PAYMENTS: Final[Decoder] = msgspec.json.Decoder(Payments)
_OUTCOMES: Final[Decoder] = msgspec.json.Decoder(Outcomes)
_STATUSES: Final[Decoder] = msgspec.json.Decoder(Statuses)
_SESSIONS: Final[Decoder] = msgspec.json.Decoder(Sessions)
_ACCOUNTS: Final[Decoder] = msgspec.json.Decoder(Accounts)
_LIST_CHANGE: Final[Decoder] = msgspec.json.Decoder(ListChangeIn)
_REASON: Final[Decoder] = msgspec.json.Decoder(ReasonIn)
_REVEAL: Final[Decoder] = msgspec.json.Decoder(RevealIn)
_PLACE: Final = re.compile(r" - at `\$\.?(?P<place>.*)`$")
_UNKNOWN: Final = re.compile(r"^Object contains unknown field `(?P<name>.*)`$", re.DOTALL)


class Intake:
    """Decodes requests under a charter; `charter` gives the one in force."""

    def __init__(self, charter: Callable[[], Charter]) -> None:
        self._charter = charter

    def payments(self, body: bytes) -> tuple[bool, list[Payment]]:
        """Return whether one object came (not a list), and the payments, with seq and clock still 0.

        Raises MalformedError, UnknownFieldError, RefusedFieldError, FieldError or LimitError; the place says which
        one of a list it is.
        """
        single, found = _as_list(self._decode(_PAYMENTS, body, PaymentIn))
        return single, [payment_of(given, _at(number, single)) for number, given in enumerate(found)]

    def outcomes(self, body: bytes) -> tuple[bool, list[OutcomeIn]]:
        """Return whether one object came (not a list), and the outcomes. Errors as for payments."""
        return _as_list(self._decode(_OUTCOMES, body, OutcomeIn))

    def statuses(self, body: bytes) -> tuple[bool, list[StatusIn]]:
        """Return whether one object came (not a list), and the statuses. Errors as for payments."""
        return _as_list(self._decode(_STATUSES, body, StatusIn))

    def sessions(self, body: bytes) -> tuple[bool, list[Session]]:
        """Return whether one object came (not a list), and the events. The charter may refuse a signal."""
        single, found = _as_list(self._decode(_SESSIONS, body, SessionIn))
        for number, given in enumerate(found):
            self._check_signal(given, _at(number, single))
        return single, [session_of(given, _at(number, single)) for number, given in enumerate(found)]

    def accounts(self, body: bytes) -> tuple[bool, list[Account]]:
        """Return whether one object came (not a list), and the facts of accounts. Errors as for payments."""
        single, found = _as_list(self._decode(_ACCOUNTS, body, AccountIn))
        return single, [account_of(given, _at(number, single)) for number, given in enumerate(found)]

    def reason(self, body: bytes) -> ReasonIn:
        """Return the reason of an action. Errors as for payments."""
        given: ReasonIn = self._decode(_REASON, body, ReasonIn)
        return given

    def list_change(self, body: bytes) -> ListChangeIn:
        """Return a change of a list. Errors as for payments."""
        given: ListChangeIn = self._decode(_LIST_CHANGE, body, ListChangeIn)
        return given

    def reveal(self, body: bytes) -> RevealIn:
        """Return which name is asked for. Errors as for payments."""
        given: RevealIn = self._decode(_REVEAL, body, RevealIn)
        return given

    def _check_signal(self, given: SessionIn, at: str) -> None:
        """A signal is a field by another way: its name has to stand before the charter too."""
        if (given.signal is not None) != (given.event == "signal"):
            raise FieldError(
                "A signal has a name, and no other event has one",
                where=f"{at}signal",
                repair="Give `signal` exactly where `event` is `signal`.",
            )
        if given.signal and (why := self._charter().refusal(given.signal)):
            raise RefusedFieldError(
                f"The charter refuses the signal {given.signal!r}",
                where=f"{at}signal",
                repair=f"{why} Leave the event out.",
            )

    def _decode(self, decoder: Decoder, body: bytes, shape: type[msgspec.Struct]) -> Any:
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
        if not where and what.startswith("Expected `array` of length <="):
            return LimitError("The list is too long", repair=f"Send at most {MAX_PAYMENTS_PER_REQUEST} at a time.")
        return FieldError(
            what.replace("`", "'").replace("'str'", "text"),
            where=where,
            repair="Compare the field with /openapi.json.",
        )

    def _unknown(self, name: str, where: str, shape: type[msgspec.Struct]) -> UnknownFieldError | RefusedFieldError:
        place = f"{where}.{name}".lstrip(".")
        if why := self._charter().refusal(name):
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
