"""Around every request: a name for it, the time it took, one line in the log, and the figures.

The name comes from the caller's `X-Request-Id` where that is short and plain, and goes back in the answer. Routes are
named by their template; nothing of the path, the query or the body is looked at here.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from headgate.service.metrics import Metrics

ROUTE: Final = "headgate.route"  # where the guard writes the template of the route into the scope
KEY: Final = "headgate.key"  # where it writes the name of a program's key
_GIVEN: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
log = logging.getLogger("headgate.request")


class Observed:
    """ASGI middleware that watches. requests: whether good answers are lines in the log."""

    def __init__(self, app: ASGIApp, metrics: Metrics, *, requests: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._level = logging.INFO if requests else logging.DEBUG

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, name, status = time.perf_counter(), _name(scope), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", name)]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._note(scope, name, status, time.perf_counter() - began)

    def _note(self, scope: Scope, name: bytes, status: int, seconds: float) -> None:
        route = scope.get(ROUTE, "other")
        self._metrics.answered(route, status, seconds)
        level = self._level if status < 400 else logging.INFO if status < 500 else logging.WARNING
        if log.isEnabledFor(level):
            fields = {"request_id": name.decode(), "method": scope["method"], "route": route, "status": status}
            key = {"key": scope[KEY]} if KEY in scope else {}
            log.log(level, "request", extra={"fields": {**fields, "seconds": round(seconds, 6), **key}})


def _name(scope: Scope) -> bytes:
    for header, value in scope["headers"]:
        if header == b"x-request-id" and _GIVEN.fullmatch(value):
            return bytes(value)
    return secrets.token_hex(8).encode()
