"""The guard in front of every route: who is asking, may they, and was a form really ours.

It stands around each endpoint when the application is put together, so no endpoint can forget it. Endpoints that are
plain functions run in a thread, because they wait for the store.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Collection
from typing import Final, TypeAlias
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Message, Receive

from headgate.errors import AuthError, ForbiddenError, LimitError, ScopeError, UnknownFieldError, nearest
from headgate.limits import MAX_ID_CHARS, MAX_REQUEST_BYTES
from headgate.service.auth import Caller
from headgate.service.csrf import FIELD
from headgate.service.observed import KEY, ROUTE
from headgate.service.parts import parts_of
from headgate.service.roles import MATRIX, Rule

Endpoint: TypeAlias = Callable[[Request], Response] | Callable[[Request], Awaitable[Response]]

_MOST_FIELDS: Final = 20


def guarded(
    method: str, path: str, endpoint: Endpoint, scope: str = "", query: Collection[str] | None = None
) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint behind its rule of the matrix; KeyError when the matrix does not know the route.

    scope: the name by which a key may be bound to this operation. query: the parameters that it takes; any where None.
    """
    rule = MATRIX[(method, path)]
    waits = not inspect.iscoroutinefunction(endpoint)

    async def enter(asked: Request) -> Response:
        asked.scope[ROUTE] = path
        request = Request(asked.scope, bounded(asked.receive))
        _check_length(request)
        caller = await _caller(request, rule)
        if caller is None and rule.door == "session":
            return _to_login(request)
        _require(caller, rule, scope)
        request.state.caller = caller
        if caller is not None and rule.door == "key":
            asked.scope[KEY] = caller.name
            parts_of(request).buckets.request(caller.name)
        if method == "POST" and rule.door != "key":
            await _read_form(request, caller)
        if query is not None and request.scope["query_string"]:
            _check_query(request, query)
        if waits:
            return await run_in_threadpool(endpoint, request)  # type: ignore[arg-type]
        answer: Response = await endpoint(request)  # type: ignore[misc]
        return answer

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
            raise _too_long(most)
        return message

    return receive_bounded


def count_entries(request: Request, count: int) -> None:
    """Count what a request holds against the rate of its key; RateError when it has sent too much before."""
    parts_of(request).buckets.entries(caller_of(request).name, count)


async def _caller(request: Request, rule: Rule) -> Caller | None:
    """Who is asking. Only a key that was seen a moment ago is known without waiting for the store."""
    parts = parts_of(request)
    if rule.door == "key":
        header = request.headers.get("authorization")
        return parts.auth.of_key_at_hand(header) or await run_in_threadpool(parts.auth.of_key, header)
    token = request.cookies.get(parts.cookies.session)
    return await run_in_threadpool(parts.auth.of_session, token) if token else None


def _check_length(request: Request) -> None:
    """Refuse a body that says itself that it is too long, before any of it is read."""
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said) > MAX_REQUEST_BYTES:
        raise _too_long(MAX_REQUEST_BYTES)


def _check_query(request: Request, known: Collection[str]) -> None:
    for name in request.query_params:
        if name not in known:
            raise UnknownFieldError(
                f"There is no query parameter {name[:MAX_ID_CHARS]!r}",
                where="query",
                repair=f"{nearest(name, tuple(known))}"
                + (f"There are {', '.join(known)}." if known else "This takes none."),
            )


def _too_long(most: int) -> LimitError:
    return LimitError("The request is too long", repair=f"Send at most {most} bytes: split the list.")


def _require(caller: Caller | None, rule: Rule, scope: str) -> None:
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
    if caller.scopes and scope not in caller.scopes:
        raise ScopeError(
            f"The key {caller.name!r} was not made for {scope!r}",
            where="header Authorization",
            repair=f"It may {', '.join(caller.scopes)}. Make a key with `--scope {scope}`.",
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
