"""Requests that wait for the writer: a bounded queue, from which it takes what is there as one group.

Any thread may put a request in; the writer's thread alone takes. Nothing here looks into a request.
"""

from __future__ import annotations

import queue
import threading
from typing import Any, NamedTuple

from headgate.limits import MAX_GROUP, MAX_QUEUE, TICK_SECONDS
from headgate.service.awaiting import Promise
from headgate.service.commands.command import Command


class Waiting(NamedTuple):
    """A request and the promise of its answer."""

    command: Command[Any]
    answer: Promise


class Requests:
    """The queue of one writer."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._putting = threading.Lock()

    def __len__(self) -> int:
        return self._queue.qsize()

    def put(self, command: Command[Any], answer: Promise) -> bool:
        """Let a request wait; False when MAX_QUEUE of them do already."""
        with self._putting:
            if self._queue.qsize() >= MAX_QUEUE:
                return False
            self._queue.put(Waiting(command, answer))
        return True

    def end(self) -> None:
        """Let the writer end when it has taken what waits now."""
        self._queue.put(None)

    def take(self) -> tuple[list[Waiting], bool]:
        """What waits now, at most a group; nothing after a quiet TICK_SECONDS. True when it was the last."""
        group: list[Waiting] = []
        try:
            found = self._queue.get(timeout=TICK_SECONDS)
            while found is not None:
                if found.answer.set_running_or_notify_cancel():
                    group.append(found)
                if len(group) == MAX_GROUP:
                    return group, False
                found = self._queue.get_nowait()
        except queue.Empty:
            return group, False
        return group, True
