"""Problem Details (RFC 9457): how the API says what went wrong, where, and what to do about it.

Errors of headgate come in, JSON answers go out. The `type` of a problem is stable; it is made from the `code` of the
class of the error. Nothing here shows a trace or a path of this machine.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response

from headgate.errors import (
    HeadgateError,
    MalformedError,
    MethodError,
    NotFoundError,
    RateError,
)
from headgate.settings.server import Server

RETRY_SECONDS = 5  # how long a caller should wait after a 503
MEDIA_TYPE = "application/problem+json"
_TYPE = "urn:headgate:problem:"


class Fallback(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller may do by itself while headgate cannot decide; set by the adopter in headgate.toml."""

    action: str
    sentence: str


def fallback_of(server: Server) -> Fallback:
    """Return the advice of the settings as it stands in a 503 answer."""
    return Fallback(action=server.fallback_action, sentence=server.fallback_sentence)


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One problem: `title` is the same for every problem of a `type`; the other texts are of this one."""

    type: str
    title: str
    status: int
    detail: str
    where: str = ""
    repair: str = ""
    fallback: Fallback | None = None


def problem_of(error: HeadgateError, fallback: Fallback | None = None) -> Problem:
    """Return the problem that describes an error."""
    return Problem(
        type=type_of(type(error)),
        title=title_of(type(error)),
        status=error.http_status,
        detail=error.what.rstrip(".") + ".",
        where=error.where,
        repair=error.repair,
        fallback=fallback,
    )


def type_of(kind: type[HeadgateError]) -> str:
    """Return the stable type of the problems of a class of errors."""
    return f"{_TYPE}{kind.code}"


def title_of(kind: type[HeadgateError]) -> str:
    """Return the title: the first line of the docstring of the class."""
    assert kind.__doc__ is not None
    return kind.__doc__.strip().splitlines()[0].rstrip(".")


def kinds(base: type[HeadgateError] = HeadgateError) -> Iterator[type[HeadgateError]]:
    """Yield every class of errors below `base`, in order of definition."""
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


def problem_response(error: HeadgateError, fallback: Fallback | None = None) -> Response:
    """Return the HTTP answer for an error."""
    body = msgspec.json.encode(problem_of(error, fallback))
    return Response(body, error.http_status, headers=_headers(error), media_type=MEDIA_TYPE)


def _headers(error: HeadgateError) -> dict[str, str]:
    if error.http_status == 401:
        return {"WWW-Authenticate": "Bearer"}
    if error.http_status == 503:
        return {"Retry-After": str(RETRY_SECONDS)}
    return {"Retry-After": str(error.retry_after_seconds)} if isinstance(error, RateError) else {}


def explained(error: HTTPException) -> HeadgateError:
    """Return the error of headgate that says in words what a bare HTTP error means."""
    if error.status_code == 404:
        return NotFoundError(
            "Nothing is at this address", repair="The addresses of the API are listed at /openapi.json."
        )
    if error.status_code == 405:
        return MethodError(
            "This address does not answer to this method", repair="See /openapi.json for what it answers to."
        )
    return MalformedError(str(error.detail), repair="Compare the request with /openapi.json.")
