"""NATS JetStream as a stream: a durable consumer for each subject that is read, and publishing that is acknowledged.

Messages that came in are acknowledged after everything they caused is kept by the server. What a crash in between
leaves is published again under the same `Nats-Msg-Id`, which a JetStream stream drops within its duplicate window;
beyond that window a reader sees two equal messages under one id. Bytes and positions only; nothing is decided here.

The client lives in a thread of its own, so that it answers the server while nobody calls; a call is one hop a batch.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from nats.errors import Error as NatsError

from headgate.connectors.nats_session import AGAIN, Session
from headgate.connectors.stream import Message, Out
from headgate.errors import BrokerError
from headgate.limits import BROKER_SECONDS
from headgate.settings.nats import Nats

T = TypeVar("T")


class NatsStream:
    """One reader of the durable consumers. log: hears what the client says about trouble."""

    def __init__(self, settings: Nats, log: Callable[[str], None]) -> None:
        """Connect, and make the durable consumers where they are missing.

        Raises BrokerError when no server can be reached or no stream holds a subject that is read.
        """
        self._settings = settings
        self._log = log
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="headgate-nats", daemon=True)
        self._thread.start()
        self._session = Session(_options(settings), settings, log)
        try:
            self._call(self._session.open(), "connect")
        except BrokerError:
            self.close()
            raise

    def poll(self, wait_seconds: float) -> list[Message]:
        """Return the next messages, at most a batch; an empty list when none came within the time."""
        return self._call(self._session.gather(wait_seconds), "read", wait_seconds)

    def publish(self, out: Sequence[Out], done: Sequence[Message] = ()) -> None:
        """Publish `out`, wait until the server keeps all of it, then acknowledge `done`."""
        self._call(self._session.settle(out, done), "write")

    def rest(self) -> None:
        """Tell the server that what was polled is still being worked on."""
        self._call(self._session.progress(), "wait")

    def behind(self) -> int:
        """Return how many messages lie behind the last one polled, by what the server said with it."""
        return self._session.behind

    def close(self) -> None:
        """Give back what was polled and not settled, and leave."""
        try:
            self._call(self._session.leave(), "close")
        except BrokerError as error:
            self._log(error.what)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def _call(self, work: Coroutine[Any, Any, T], what: str, more_seconds: float = 0) -> T:
        bounded = asyncio.wait_for(work, BROKER_SECONDS + more_seconds)
        try:
            return asyncio.run_coroutine_threadsafe(bounded, self._loop).result()
        except (NatsError, OSError, TimeoutError) as error:
            said = str(error) or type(error).__name__
            raise BrokerError(f"NATS could not {what}: {said}", where="[nats]", repair=AGAIN) from error


def _options(given: Nats) -> dict[str, Any]:
    named = {"user": given.user, "password": given.password, "token": given.token}
    named["user_credentials"] = given.credentials_file
    return {
        "servers": [server.strip() for server in given.servers.split(",")],
        "name": "headgate",
        "allow_reconnect": False,  # the stream is opened anew: one way to begin again
        "tls": _tls(given),
        **{name: value for name, value in named.items() if value},
    }


def _tls(settings: Nats) -> ssl.SSLContext | None:
    if not (settings.ssl_ca_file or settings.ssl_certificate_file):
        return None
    context = ssl.create_default_context(cafile=settings.ssl_ca_file or None)
    if settings.ssl_certificate_file:
        context.load_cert_chain(settings.ssl_certificate_file, settings.ssl_key_file or None)
    return context
