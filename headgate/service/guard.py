"""The guard in front of every route: who is asking, may they, and was a form really ours.

It stands around each endpoint when the application is put together, so no endpoint can forget it. Endpoints that are
plain functions run in a thread, because they wait for the store.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Message, Receive

from headgate.errors import AuthError, ForbiddenError, LimitError
from headgate.limits import MAX_REQUEST_BYTES
from headgate.service.auth import Caller
from headgate.service.csrf import FIELD
from headgate.service.parts import parts_of
from headgate.service.roles import MATRIX, Rule

Endpoint: TypeAlias = Callable[[Request], Response] | Callable[[Request], Awaitable[Response]]

_MOST_FIELDS: Final = 20


def guarded(method: str, path: str, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint behind its rule of the matrix; KeyError when the matrix does not know the route."""
    rule = MATRIX[(method, path)]

    async def enter(asked: Request) -> Response:
        request = Request(asked.scope, bounded(asked.receive))
        caller = await run_in_threadpool(_caller, request, rule)
        if caller is None and rule.door == "session":
            return _to_login(request)
        _require(caller, rule)
        request.state.caller = caller
        if method == "POST" and rule.door != "key":
            await _read_form(request, caller)
        if inspect.iscoroutinefunction(endpoint):
            answer: Response = await endpoint(request)
            return answer
        return await run_in_threadpool(endpoint, request)  # type: ignore[arg-type]

    return enter


def caller_of(request: Request) -> Caller:
    """Return who is asking, on a route that is not open to everybody."""
    caller = request.state.caller
    assert isinstance(caller, Caller)
    return caller


def field_of(request: Request, name: str) -> str:
    """Return a field of the form, or an empty text."""
    value = request.state.form.get(name, "")
    return value if isinstance(value, str) else ""


def bounded(receive: Receive, most: int = MAX_REQUEST_BYTES) -> Receive:
    """Return a source of a request's body that raises LimitError when more than `most` bytes have come."""
    come = 0

    async def receive_bounded() -> Message:
        nonlocal come
        message = await receive()
        come += len(message.get("body", b""))
        if come > most:
            raise LimitError("The request is too long", repair=f"Send at most {most} bytes: split the list.")
        return message

    return receive_bounded


def _caller(request: Request, rule: Rule) -> Caller | None:
    parts = parts_of(request)
    if rule.door == "key":
        return parts.auth.of_key(request.headers.get("authorization"))
    return parts.auth.of_session(request.cookies.get(parts.cookies.session))


def _require(caller: Caller | None, rule: Rule) -> None:
    if rule.door == "open":
        return
    if caller is None:
        raise AuthError(
            "There is no good key in the request",
            where="header Authorization",
            repair="Send 'Authorization: Bearer KEY'; `headgate users key NAME --role ROLE` makes one.",
        )
    if caller.role not in rule.roles:
        raise ForbiddenError(
            f"The role {caller.role!r} does not allow this",
            repair=f"It needs the role {' or '.join(sorted(rule.roles))}; an administrator gives roles.",
        )


def _to_login(request: Request) -> Response:
    """A person whose session is over goes to the login, and comes back to the page after it."""
    back = request.url.path if request.method == "GET" else "/"
    address = f"/login?next={quote(back)}"
    if "hx-request" in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


async def _read_form(request: Request, caller: Caller | None) -> None:
    parts = parts_of(request)
    request.state.form = await request.form(max_files=0, max_fields=_MOST_FIELDS)
    secret = caller.secret if caller else request.cookies.get(parts.cookies.visit)
    parts.csrf.check(request, secret, request.state.form.get(FIELD))
