"""The client of nats-py with a short way for many messages: plain functions hear them, and one write sends a batch.

The client makes an object, a queue and a task's turn of each message that comes, and checks and writes each that goes;
that is most of what a stream costs. Here what comes is handed on as bytes, and what goes is joined. All else is the
client's: connecting, the parser, keeping the connection alive, errors. The names of it that are used here without its
promise are held by a test of this file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeAlias

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import MaxPayloadError

Heard: TypeAlias = Callable[[bytes, bytes, bytes], None]
"""Hears the subject, the subject to answer to (empty for none) and the body of a message."""

_AT_ONCE: Final = 1 << 18  # bytes handed to the client in one piece; it keeps at most 2 MB


class ManyClient(Client):
    """A client for many messages at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._plainly: dict[int, Heard] = {}

    async def hear(self, subject: str, heard: Heard) -> Subscription:
        """Subscribe; an error that `heard` raises is the client's, as that of any callback."""
        subscription = await self.subscribe(subject, cb=_never)
        self._plainly[subscription._id] = heard
        return subscription

    async def hear_no_more(self, subscription: Subscription) -> None:
        """End a subscription; what the server sent before it hears of this is still handed on."""
        await subscription.unsubscribe()

    async def send(self, commands: Iterable[bytes]) -> None:
        """Send commands in their order; see `publication` and `answer`."""
        held: list[bytes] = []
        size = 0
        for command in commands:
            held.append(command)
            size += len(command)
            if size >= _AT_ONCE:
                await self._send_command(b"".join(held))
                held, size = [], 0
        if held:
            await self._send_command(b"".join(held))
        await self._flush_pending()

    def publication(self, subject: str, reply: str, headers: Sequence[tuple[str, str]], body: bytes) -> bytes:
        """Return the command that publishes a message. Headers are without line breaks. Raises MaxPayloadError."""
        if len(body) > self.max_payload:
            raise MaxPayloadError
        said = "".join([f"{name}: {value}\r\n" for name, value in headers])
        assert said.count("\n") == len(headers), "a line break in a header would be a command of its own"
        head = f"NATS/1.0\r\n{said}\r\n".encode()
        line = f"HPUB {subject} {reply} {len(head)} {len(head) + len(body)}\r\n".encode()
        return b"%b%b%b\r\n" % (line, head, body)

    async def _process_msg(self, sid: int, subject: Any, reply: Any, data: Any, headers: Any) -> None:
        heard = self._plainly.get(sid)
        if heard is None:
            await super()._process_msg(sid, subject, reply, data, headers)
            return
        try:
            heard(subject, reply, data)
        except Exception as error:
            await self._error_cb(error)


def answer(to: bytes, word: bytes) -> bytes:
    """Return the command that publishes a word without headers."""
    return b"PUB %b  %d\r\n%b\r\n" % (to, len(word), word)


async def _never(msg: Msg) -> None:
    raise AssertionError("messages of this subscription are heard by a plain function")
