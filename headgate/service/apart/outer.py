"""The end of the wire in the process that answers requests: what stands there for the writer and what is beside it.

Commands that come up in one round of the event loop leave in one frame. Only the loop touches the socket; any thread
may put a command.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from itertools import count
from pathlib import Path
from typing import Any, cast

from headgate.errors import UnavailableError
from headgate.limits import MAX_QUEUE
from headgate.service.apart.frames import Answered, Frames, Listening, Refused, Standing, Wish, framed
from headgate.service.awaiting import Promise
from headgate.service.commands.command import Command
from headgate.service.inside import Deciding, Inside


class Outer(asyncio.Protocol):
    """The answering end of a pair of sockets, in an event loop.

    frames: what has come of the wire already. standing: how the other process stood when it said so first. gone: hears
    that it is gone. stop: hears that this one has to end.
    """

    def __init__(
        self, frames: Frames, standing: Standing, gone: Callable[[], None], stop: Callable[[], None]
    ) -> None:  # fmt: skip
        self.standing = standing
        self._gone, self._stop = gone, stop
        self._frames = frames
        self._loop: asyncio.AbstractEventLoop | None = None
        self._transport: asyncio.WriteTransport | None = None
        self._lock = threading.Lock()
        self._numbers = count()
        self._leaving: list[bytes] = []
        self._promised: dict[int, Promise] = {}

    async def connect(self, wire: socket.socket) -> None:
        """Take up the wire in this loop; what was put before leaves now."""
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, sock=wire)
        with self._lock:
            self._loop = loop
        self._send()

    def part(self) -> None:
        """Let go of the wire; nobody waits at this end."""
        self._gone = lambda: None
        if self._transport is not None:
            self._transport.close()

    @property
    def waiting(self) -> int:
        """How many wishes are not answered yet."""
        return len(self._promised)

    def put(self, wish: Callable[[int], Wish], promise: Promise) -> None:
        """Send a wish; it is answered there."""
        number = next(self._numbers)
        frame = framed(wish(number))
        self._promised[number] = promise
        self._leave(frame)

    def say(self, value: Refused | Listening) -> None:
        """Send what has no answer."""
        self._leave(framed(value))

    def ask(self, question: str, *arguments: Any) -> Any:
        """Return the answer to a question, from any thread but the loop's; raises what it is answered with."""
        answer: Future[Any] = Future()
        self.put(lambda number: Wish(number, question=question, arguments=arguments), answer)
        return answer.result()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = cast(asyncio.WriteTransport, transport)  # that of uvloop is none by its class

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        for standing, answers in self._frames.feed(data):
            self.standing = standing
            for answer in answers:
                self._answer(answer)
            if standing.stopping:
                self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._gone()

    def _leave(self, frame: bytes) -> None:
        with self._lock:
            self._leaving.append(frame)
            if len(self._leaving) == 1 and self._loop is not None:
                self._loop.call_soon_threadsafe(self._send)

    def _send(self) -> None:
        with self._lock:
            frames, self._leaving = self._leaving, []
        if frames:
            assert self._transport is not None, "the loop sends when it is connected"
            self._transport.writelines(frames)

    def _answer(self, answer: Answered) -> None:
        promise = self._promised.pop(answer.number)
        if answer.error is not None:
            promise.set_exception(answer.error)
        else:
            promise.set_result(answer.result)


class FarWriter(Deciding):
    """What stands for the writer where it is in another process; see `Deciding`."""

    def __init__(self, wire: Outer) -> None:
        self._wire = wire

    @property
    def ready(self) -> bool:
        """Whether a request would be decided now, as far as is known here."""
        return self._wire.standing.ready

    @property
    def trouble(self) -> str:  # type: ignore[override]
        """Why not."""
        return self._wire.standing.trouble

    @property
    def last_seq(self) -> int:
        """The place of the last entry of the journal."""
        return self._wire.standing.last_seq

    @property
    def rules_hash(self) -> str:
        """The rules in force."""
        return self._wire.standing.rules_hash

    @property
    def queued(self) -> int:
        """How many requests wait."""
        return self._wire.waiting

    def put(self, command: Command[Any], answer: Promise) -> None:
        """See `Deciding.put`."""
        if not self.ready:
            raise self.unavailable(1)
        if self.queued >= MAX_QUEUE:
            raise self.unavailable(1, f"{MAX_QUEUE} requests are waiting already")
        if answer.set_running_or_notify_cancel():
            self._wire.put(lambda number: Wish(number, command), answer)

    def unavailable(self, requests: int, trouble: str = "") -> UnavailableError:
        """See `Deciding.unavailable`."""
        trouble = trouble or self.trouble
        self._wire.say(Refused(requests, trouble))
        return UnavailableError(
            trouble, repair="Use your own fallback for now, and send the request again in a moment."
        )


class FarLog:
    """The published log where it is published by another process; see `inside.PublishedLog`."""

    def __init__(self, wire: Outer, folder: Path) -> None:
        self._wire, self.folder = wire, folder

    def published(self, size: int) -> bytes:
        """See `inside.PublishedLog.published`."""
        checkpoint: bytes = self._wire.ask("published", size)
        return checkpoint


class FarWishes:
    """See `inside.Wishes`."""

    def __init__(self, wire: Outer) -> None:
        self._wire = wire

    @property
    def trouble(self) -> str:
        """Why the last wish is not granted."""
        return self._wire.standing.waits


def far(wire: Outer, log_folder: Path) -> Inside:
    """Return what stands here for what decides at the other end of a wire."""
    writer = FarWriter(wire)
    return Inside(writer, FarLog(wire, log_folder), FarWishes(wire), lambda: wire.ask("figures"))
