"""One attempt to tell one subscriber one announcement.

A signed HTTP request goes out; either the subscriber took it (any 2xx answer) or a NotTakenError says why. Redirects
are not followed, the body of the answer is not read, and the whole attempt ends when its time is over.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from headgate import __version__
from headgate.cases.announcement import Announcement
from headgate.service.webhooks.address import Target, resolved
from headgate.service.webhooks.signature import headers
from headgate.service.webhooks.subscribers import Subscriber


class NotTakenError(Exception):
    """A subscriber did not take an announcement: why, and how long it asks to wait (seconds, 0 where it does not)."""

    def __init__(self, why: str, wait_seconds: float = 0.0) -> None:
        super().__init__(why)
        self.wait_seconds = wait_seconds


def send(subscriber: Subscriber, announcement: Announcement, now_seconds: float) -> None:
    """Tell a subscriber. Raises NotTakenError. now_seconds: Unix time."""
    body = body_of(announcement)
    signed = headers(subscriber.keys, id_of(announcement), int(now_seconds), body)
    signed |= {"content-type": "application/json", "user-agent": f"headgate/{__version__}"}
    try:
        answer = _answered(subscriber, body, signed)
    except (OSError, http.client.HTTPException) as error:
        raise NotTakenError(str(error) or type(error).__name__) from error
    if not 200 <= answer.status < 300:
        raise NotTakenError(f"it answered {answer.status}", _seconds(answer.getheader("retry-after", "")))


def id_of(announcement: Announcement) -> str:
    """Return the id of a webhook: the same for every attempt and every subscriber, without a dot."""
    return f"hg-{announcement.seq}-{announcement.place}"


def body_of(announcement: Announcement) -> bytes:
    """Return the JSON body: `type`, `timestamp` and `data`. It holds no id of an account."""
    time = datetime.fromtimestamp(announcement.clock_us // 1_000_000, UTC)
    data = msgspec.to_builtins(announcement)
    return msgspec.json.encode({"type": data.pop("kind"), "timestamp": f"{time:%Y-%m-%dT%H:%M:%SZ}", "data": data})


def _answered(subscriber: Subscriber, body: bytes, signed: dict[str, str]) -> http.client.HTTPResponse:
    settings, target = subscriber.settings, subscriber.target
    address = resolved(target, private_networks=settings.private_networks)
    line = _Line(target, address, settings.timeout_seconds)
    end = threading.Timer(settings.timeout_seconds, line.cut)
    end.daemon = True
    end.start()
    try:
        line.request("POST", target.path, body, signed)
        return line.getresponse()
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, TimeoutError) or line.is_over:
            raise TimeoutError(f"no answer within {settings.timeout_seconds:g} seconds") from error
        raise
    finally:
        end.cancel()
        line.close()


class _Line(http.client.HTTPConnection):
    """A connection to an address that was checked, under the name of the url."""

    def __init__(self, target: Target, address: str, timeout_seconds: float) -> None:
        super().__init__(target.host, target.port, timeout=timeout_seconds)
        self._target = target
        self._address = address
        self.is_over = False

    def connect(self) -> None:
        """Connect to the address, and let TLS check the name."""
        self.sock = socket.create_connection((self._address, self._target.port), self.timeout)
        if self._target.secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self._target.host)
        if self.is_over:
            raise TimeoutError

    def cut(self) -> None:
        """End an attempt whose time is over, however slowly its answer drips."""
        self.is_over = True
        line = self.sock
        if line is not None:
            with suppress(OSError):  # it may have ended by itself meanwhile
                line.shutdown(socket.SHUT_RDWR)


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0.0
