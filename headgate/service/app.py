"""The application: every route behind its guard, errors in words, headers on every answer.

The parts of a service come in, an ASGI application goes out. A route that the matrix of roles does not know stops it
from being made.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from headgate.errors import HeadgateError, UnavailableError
from headgate.service.direct import Direct, Enter, Say
from headgate.service.guard import Endpoint, guarded
from headgate.service.headers import SecurityHeaders
from headgate.service.observed import Observed
from headgate.service.openapi import description
from headgate.service.operations import Operation, json_answer, operations
from headgate.service.parts import Parts, parts_of
from headgate.service.problems import explained, fallback_of, problem_of, problem_response
from headgate.service.web.render import STATIC

log = logging.getLogger("headgate.service")
_MACHINES = ("/v1/", "/healthz", "/readyz", "/metrics", "/openapi.json")


def make_app(parts: Parts) -> ASGIApp:
    """Return the application of a service."""
    says: dict[type[Exception], Say] = {HeadgateError: _say, HTTPException: _say_http, Exception: _say_broken}
    app = Starlette(
        routes=list(_routes()),
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=parts.settings.server.known_hosts, www_redirect=False)
        ],
        exception_handlers=says,
    )
    app.state.parts = parts
    direct = Direct(app, _table(), parts.settings.server.known_hosts, says)
    return Observed(SecurityHeaders(direct), parts.metrics, requests=parts.settings.log.requests)


def _table() -> dict[tuple[str, str], Enter]:
    """Operations whose address has no parameter."""
    return {(each.method, each.path): _guarded(each) for each in operations() if "{" not in each.path}


def _guarded(operation: Operation) -> Enter:
    query = tuple(each.name for each in operation.query)
    return guarded(operation.method, operation.path, operation.endpoint, operation.name, query)


def _routes() -> Iterator[BaseRoute]:
    for operation in operations():
        yield Route(operation.path, _guarded(operation), methods=[operation.method])
    for method, path, endpoint in (("GET", "/openapi.json", _openapi()), *_pages()):
        yield Route(path, guarded(method, path, endpoint), methods=[method])
    yield Mount("/static", StaticFiles(directory=STATIC), name="static")


def _pages() -> Iterator[tuple[str, str, Endpoint]]:
    package = importlib.import_module("headgate.service.web.pages")
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
        yield from importlib.import_module(f"{package.__name__}.{module.name}").PAGES


def _openapi() -> Callable[[Request], Response]:
    whole: dict[str, Any] = description(operations())

    def openapi(request: Request) -> Response:
        return json_answer(whole)

    return openapi


async def _say(request: Request, error: HeadgateError) -> Response:
    """Say what went wrong: as Problem Details to a program, as a page to a person."""
    parts = parts_of(request)
    parts.metrics.refused(error.code)
    if request.url.path.startswith(_MACHINES):
        return problem_response(error, fallback_of(parts.settings.server) if error.http_status == 503 else None)
    request.state.caller = getattr(request.state, "caller", None)
    heading = _HEADINGS.get(error.http_status, "This did not work")
    return parts.pages.show(request, "error.html", error.http_status, heading=heading, problem=problem_of(error))


async def _say_http(request: Request, error: HTTPException) -> Response:
    return await _say(request, explained(error))


async def _say_broken(request: Request, error: Exception) -> Response:
    """Something that nobody foresaw: the log has the trace, the caller gets none of it."""
    log.error("A request failed in a way that was not foreseen", exc_info=error)
    said = UnavailableError(
        "Something went wrong that was not foreseen", repair="Try again; if it stays, the log of the service says more."
    )
    return await _say(request, said)


_HEADINGS = {
    403: "You may not do this",
    404: "There is nothing here",
    405: "This cannot be asked like this",
    409: "Somebody was faster",
    413: "This is too much at once",
    422: "Something is missing or wrong",
    429: "Too many attempts",
    503: "Not possible at the moment",
}
