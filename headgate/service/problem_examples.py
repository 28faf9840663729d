"""One example of each problem of the API, as it really reads, for the description and the documentation."""

from __future__ import annotations

from typing import Final

from headgate.errors import (
    AuthError,
    ConflictError,
    ExpiredKeyError,
    FarFutureError,
    FieldError,
    ForbiddenError,
    HeadgateError,
    LimitError,
    MalformedError,
    NotFoundError,
    RateError,
    RefusedFieldError,
    ScopeError,
    UnavailableError,
    UnknownFieldError,
)
from headgate.service.problems import Fallback, Problem, problem_of

_KEY: Final = "header Authorization"
_EXAMPLES: Final[tuple[HeadgateError, ...]] = (
    AuthError(
        "There is no good key in the request",
        where=_KEY,
        repair="Send 'Authorization: Bearer KEY'; `headgate users key NAME --role ROLE` makes one.",
    ),
    ExpiredKeyError(
        "The key 'core-banking' has expired",
        where=_KEY,
        repair="`headgate users key NAME --role ROLE --days N` makes a new one.",
    ),
    ForbiddenError(
        "The role 'gateway' does not allow this",
        repair="It needs the role analyst or supervisor; an administrator gives roles.",
    ),
    ScopeError(
        "The key 'core-banking' was not made for 'reportOutcomes'",
        where=_KEY,
        repair="It may decidePayments. Make a key with `--scope reportOutcomes`.",
    ),
    RateError(
        "The key 'core-banking' sends more than 5000 requests a second",
        where=_KEY,
        repair="Wait as long as Retry-After says, and send it again.",
    ),
    MalformedError("The body is no JSON that can be read: Input data was truncated", repair="Send JSON in UTF-8."),
    FieldError("The amount -3 is below zero", where="[1].amount", repair="Send a refund as a payment the other way."),
    UnknownFieldError("There is no field 'amont'", where="amont", repair="Did you mean 'amount'?"),
    RefusedFieldError(
        "The charter refuses the field 'religion'",
        where="religion",
        repair="Religion and belief are special categories of personal data (GDPR art. 9): no payment is judged by "
        "them. Leave the field out.",
    ),
    FarFutureError(
        "The payment's time is 4000 seconds ahead of the clock",
        where="payment 'P-2025-000017', field 'ts'",
        repair="At most 300 seconds are allowed: set the sender's clock, and send times in UTC.",
    ),
    ConflictError(
        "Payment 'P-2025-000017' came before with other content",
        where="tx_id",
        repair="Ids must be unique: send another payment under another id. Nothing was changed.",
    ),
    LimitError("The list is too long", repair="Send at most 1000 at a time."),
    NotFoundError("There is no payment 'P-2025-000071'", where="tx_id", repair="Check the id of the payment."),
    UnavailableError(
        "1024 requests are waiting already",
        repair="Use your own fallback for now, and send the request again in a moment.",
    ),
)
_FALLBACK: Final = Fallback(action="step_up", sentence="Apply your own limits and ask the payer to confirm.")


def example_of(kind: type[HeadgateError]) -> Problem:
    """Return a problem of a class of errors as it really reads."""
    error = next(each for each in _EXAMPLES if type(each) is kind)
    return problem_of(error, _FALLBACK if kind is UnavailableError else None)
