"""How a client asks: a request, sent again where it was not answered, until the patience ends.

Every request may be sent twice without harm: ids make a repetition do nothing, and what has no id changes nothing. A
name that is asked for twice is twice on record.
"""

from __future__ import annotations

import http.client
import random
import ssl
import time
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import msgspec

from headgate.client.connections import Answer, Connections
from headgate.client.raising import error_of, unreached

T = TypeVar("T")
_AGAIN: Final = (429, 502, 503, 504)
_FIRST_WAIT_SECONDS: Final = 0.05


class Asking:
    """Requests to one service. Threads may share it; it is closed by `with` or `close`.

    url: such as `https://headgate.bank.example`. key: made by `headgate users key`. timeout_seconds: how long one
    attempt may wait for the network. patience_seconds: how long it tries again after 429, 503 or no answer, before it
    raises. context: for TLS with an authority of your own.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout_seconds: float = 5.0,
        patience_seconds: float = 2.0,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._connections = Connections(url, timeout_seconds, context)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._patience_seconds = patience_seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._connections.close()

    def _get(self, path: str, shape: type[T]) -> T:
        return msgspec.json.decode(self._asked("GET", path, None), type=shape)

    def _post(self, path: str, value: Any, shape: type[T]) -> T:
        return msgspec.json.decode(self._asked("POST", path, msgspec.json.encode(value)), type=shape)

    def _asked(self, method: str, path: str, body: bytes | None) -> bytes:
        """The body of a good answer; the error of a bad one, after trying again as long as the patience lasts."""
        until, attempt = time.monotonic() + self._patience_seconds, 0
        while True:
            try:
                answer = self._connections.ask(method, path, body, self._headers)
                if answer.status < 400:
                    return answer.body
                error: Exception = error_of(answer)
                wait_seconds = _wait(answer, attempt) if answer.status in _AGAIN else None
            except (OSError, http.client.HTTPException) as broken:
                error, wait_seconds = unreached(broken), _wait(None, attempt)
            if wait_seconds is None or time.monotonic() + wait_seconds > until:
                raise error
            time.sleep(wait_seconds)
            attempt += 1


def _wait(answer: Answer | None, attempt: int) -> float:
    """Seconds until the next attempt: as long as the service asks for, or doubling with a share of chance."""
    if answer is not None and answer.retry_after.isdigit():
        return float(answer.retry_after)
    return random.uniform(0.5, 1.0) * _FIRST_WAIT_SECONDS * 2.0**attempt
