"""The way of answers from the writer's thread into an event loop: all that are ready come in one call of the loop.

A future of `concurrent.futures` costs locks of its own and a call across threads for each answer; here a whole group
shares one. Nothing here looks into an answer.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Final, Protocol, TypeVar

from headgate.service.commands.command import Command

Answered = TypeVar("Answered")


class Promise(Protocol):
    """Where the writer puts an answer; a `concurrent.futures.Future` is one."""

    def set_running_or_notify_cancel(self) -> bool:
        """Whether somebody still waits; asked once, before anything is decided."""

    def set_result(self, result: Any, /) -> None:
        """Answer."""

    def set_exception(self, exception: BaseException | None, /) -> None:
        """Answer with an error."""


class Takes(Protocol):
    """What takes commands; see `inside.Deciding`."""

    def put(self, command: Command[Any], answer: Promise) -> None:
        """Take a command whose answer goes into a promise. Raises UnavailableError at once."""


class Mailbox:
    """Answers on their way into one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._lock = threading.Lock()
        self._full: list[tuple[asyncio.Future[Any], Any, BaseException | None]] = []

    def put(self, future: asyncio.Future[Any], result: Any, error: BaseException | None = None) -> None:
        """Let the loop set a future, soon; any thread may call this. Nobody hears it once the loop is closed."""
        with self._lock:
            self._full.append((future, result, error))
            if len(self._full) > 1:
                return
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._empty)

    def _empty(self) -> None:
        with self._lock:
            full, self._full = self._full, []
        for future, result, error in full:
            if future.done():
                continue
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)


class Awaited:
    """A promise to somebody who waits in an event loop."""

    __slots__ = ("_mailbox", "future")

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self.future: asyncio.Future[Any] = mailbox.loop.create_future()

    def set_running_or_notify_cancel(self) -> bool:
        """Whether somebody still waits."""
        return not self.future.cancelled()

    def set_result(self, result: Any, /) -> None:
        """Answer."""
        self._mailbox.put(self.future, result)

    def set_exception(self, exception: BaseException | None, /) -> None:
        """Answer with an error."""
        self._mailbox.put(self.future, None, exception)


_HERE: Final = threading.local()  # a thread runs one loop at a time


async def waited_for(writer: Takes, command: Command[Answered]) -> Answered:
    """Return what the writer answers to a command. Raises what it refuses it with."""
    promise = Awaited(_mailbox())
    writer.put(command, promise)
    answered: Answered = await promise.future
    return answered


def _mailbox() -> Mailbox:
    loop = asyncio.get_running_loop()
    found: Mailbox | None = getattr(_HERE, "mailbox", None)
    if found is None or found.loop is not loop:
        found = _HERE.mailbox = Mailbox(loop)
    return found
