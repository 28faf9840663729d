"""Both ends of the wire of a service in one process: what is told over it is told as between two processes."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from headgate.service.apart.frames import Frames
from headgate.service.apart.inner import Inner
from headgate.service.apart.outer import Outer, far
from headgate.service.inside import Inside


class Wired:
    """`far` stands for what decides: all that it is asked crosses a pair of sockets. `answered` is for the writer."""

    def __init__(
        self, inside: Inside, listening: Callable[[], None] = lambda: None, gone: Callable[[], None] = lambda: None
    ) -> None:
        ours, theirs = socket.socketpair()
        self.inner = Inner(ours, listening)
        self.inner.begin(inside)
        frames = Frames()
        standing = None
        while standing is None:
            standing = next((each for each, _ in frames.feed(theirs.recv(1 << 16))), None)
        self.stopped = threading.Event()
        self.outer = Outer(frames, standing, gone, self.stopped.set)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.outer.connect(theirs), self._loop).result()
        self.far = far(self.outer, Path("log"))

    def close(self) -> None:
        async def part() -> None:
            self.outer.part()

        asyncio.run_coroutine_threadsafe(part(), self._loop).result()
        self.inner.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
