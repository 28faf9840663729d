"""The short way of a request to an operation of the API whose address has no parameter: a look into one table.

What guards an operation, how errors are said, headers and figures are the same as on the way through all routes. What
is unusual (another host, another method, an address that is not in the table) goes that way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

Enter: TypeAlias = Callable[[Request], Awaitable[Response]]
Say: TypeAlias = Callable[[Request, Any], Awaitable[Response]]

_ANY: Final = "*"


class Direct:
    """ASGI middleware in front of an application.

    table: (method, path) to the guarded endpoint. hosts: names of the service; those with a wildcard go the long way.
    says: class of an error to what answers it, the most special first. app: the way of everything else.
    """

    def __init__(
        self,
        app: ASGIApp,
        table: Mapping[tuple[str, str], Enter],
        hosts: Iterable[str],
        says: Mapping[type[Exception], Say],
    ) -> None:
        self._app = app
        self._table = dict(table)
        self._hosts = frozenset(host.encode() for host in hosts)
        self._any_host = _ANY.encode() in self._hosts
        self._says = tuple(says.items())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        enter = self._table.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if enter is None or not self._is_ours(scope):
            await self._app(scope, receive, send)
            return
        scope["app"], scope["path_params"] = self._app, {}
        request = Request(scope, receive)
        broken: Exception | None = None
        try:
            response = await enter(request)
        except Exception as error:
            response, broken = await self._said(request, error)
        await response(scope, receive, send)
        if broken is not None:
            raise broken

    def _is_ours(self, scope: Scope) -> bool:
        for name, value in scope["headers"]:
            if name == b"host":
                return self._any_host or value.partition(b":")[0] in self._hosts
        return False

    async def _said(self, request: Request, error: Exception) -> tuple[Response, Exception | None]:
        """What answers an error; one that nobody foresaw goes on to the server after its answer."""
        for kind, say in self._says:
            if isinstance(error, kind):
                return await say(request, error), error if kind is Exception else None
        raise error
