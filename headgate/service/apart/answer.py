"""Answers requests for a home whose payments another process decides: HTTP, pages, streams and webhooks.

It waits until the other says how it stands, so that it opens nothing before that one has. Signals are for the other
alone, which says when to end; where that one is gone, nobody can be answered any more, and this ends at once.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import uvicorn
import uvloop

from headgate.drivers.home import Home
from headgate.limits import STOP_SECONDS
from headgate.service.answering import answering
from headgate.service.apart.frames import Frames, Listening, Standing
from headgate.service.apart.outer import Outer, far
from headgate.service.app import make_app
from headgate.service.logs import lines_of
from headgate.service.ready import ReadyServer, uncollected
from headgate.settings.document import load_settings

_AT_ONCE: Final = 1 << 16  # bytes read in one call
ALONE: Final = 3  # exit status where the other process was gone


class _Server(ReadyServer):
    """A server that leaves signals alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


def answer(root: Path, host: str, listening: int, wire: int) -> None:
    """Answer requests until the other process says to stop. listening, wire: inherited sockets by their numbers."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    inner = socket.socket(fileno=wire)
    frames, standing = _first(inner)
    with lines_of(load_settings(root, os.environ).log), ExitStack() as ends:
        home = Home(root)
        ends.callback(home.close)
        uvloop.run(_answer(home, host, socket.socket(fileno=listening), inner, frames, standing))


def _first(inner: socket.socket) -> tuple[Frames, Standing]:
    """The wire, and how the other process stands when it is ready to be asked; it is gone where it failed before."""
    frames = Frames()
    while data := inner.recv(_AT_ONCE):
        for standing, _ in frames.feed(data):  # nothing is answered before anything is asked
            return frames, standing
    raise SystemExit(ALONE)


async def _answer(
    home: Home, host: str, listening: socket.socket, inner: socket.socket, frames: Frames, standing: Standing
) -> None:  # fmt: skip
    servers: list[uvicorn.Server] = []

    def stop() -> None:
        for server in servers:
            server.should_exit = True

    wire = Outer(frames, standing, gone=lambda: os._exit(ALONE), stop=stop)
    with answering(home, host, far(wire, home.log_folder)) as parts, ExitStack() as streams:
        config: Any = uvicorn.Config(
            make_app(parts),
            log_config=None,
            http="httptools",
            workers=1,
            lifespan="off",
            access_log=False,
            server_header=False,
            proxy_headers=parts.settings.server.https,  # a proxy on this machine says whose request it is
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        servers.append(_Server(config, lambda: wire.say(Listening())))
        await wire.connect(inner)
        streams.enter_context(parts.streams.running())
        try:
            with uncollected():
                await servers[0].serve(sockets=[listening])
        finally:
            await asyncio.to_thread(streams.close)  # what is on its way still needs answers, which come by this loop
        wire.part()
