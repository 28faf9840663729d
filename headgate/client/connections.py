"""Connections of a client: a few kept open and used again by any thread. Bytes go out and come in."""

from __future__ import annotations

import http.client
import ssl
import threading
from typing import NamedTuple
from urllib.parse import urlsplit

from headgate.errors import FieldError

_KEPT = 16


class Answer(NamedTuple):
    """An answer of the service."""

    status: int
    retry_after: str
    body: bytes


class Connections:
    """Connections to one address. timeout_seconds: for connecting, and for each part of an answer."""

    def __init__(self, url: str, timeout_seconds: float, context: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
            raise FieldError(
                f"{url!r} is no address of a service",
                where="url",
                repair="Give it like http://127.0.0.1:8321 or https://headgate.bank.example.",
            )
        self._host, self._port = parts.hostname, parts.port
        self._context = (context or ssl.create_default_context()) if parts.scheme == "https" else None
        self._timeout_seconds = timeout_seconds
        self._idle: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()

    def ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        """Return the answer to one request. Raises OSError or http.client.HTTPException where there is none."""
        with self._lock:
            connection = self._idle.pop() if self._idle else self._new()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = Answer(response.status, response.getheader("retry-after", ""), response.read())
        except BaseException:
            connection.close()
            raise
        self._keep(connection)
        return answer

    def close(self) -> None:
        """Close what is kept open."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _keep(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            if len(self._idle) < _KEPT:
                self._idle.append(connection)
                return
        connection.close()

    def _new(self) -> http.client.HTTPConnection:
        if self._context is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_seconds)
        return http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout_seconds, context=self._context)
