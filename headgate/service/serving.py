"""Runs the service: one process, one worker, on one address, until it is told to stop."""

from __future__ import annotations

import errno
import gc
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from headgate.errors import FieldError
from headgate.limits import STOP_SECONDS
from headgate.service.app import make_app
from headgate.service.logs import lines_of
from headgate.service.opening import Tick, opened
from headgate.settings.document import load_settings

Ready = Callable[[str], None]


def serve(home: Path, host: str, port: int, on_ready: Ready, tick: Tick) -> None:
    """Serve a home until SIGINT or SIGTERM; on_ready hears the address when it answers.

    The port is taken first, so that a port in use is told before a long journal is folded. Stopping waits for requests
    under way, then for the writer. Raises FieldError for an address that cannot be had, and what opening a home raises.
    """
    with (
        taken(host, port) as listening,
        lines_of(load_settings(home, os.environ).log),
        opened(home, host, tick) as parts,
        parts.streams.running(),
    ):
        config = uvicorn.Config(
            make_app(parts),
            log_config=None,
            http="httptools",
            loop="uvloop",
            workers=1,
            lifespan="off",
            access_log=False,
            server_header=False,
            proxy_headers=parts.settings.server.https,  # a proxy on this machine says whose request it is
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        with _uncollected():
            ReadyServer(config, lambda: on_ready(address_of(listening))).run(sockets=[listening])


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector of cycles away from what was made at the start: a full round over it stops all answers."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class ReadyServer(uvicorn.Server):
    """A server that says when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM, and go on after it: the writer has to end too."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, then say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()


def taken(host: str, port: int) -> socket.socket:
    """Return a socket that holds the address; port 0 takes a free one. FieldError when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio turns off the gathering of small packets, which would cost 40 ms an answer.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        listening.close()
        raise _not_had(host, port, error) from error
    return listening


def address_of(listening: socket.socket) -> str:
    """Return the address of a socket as a browser writes it."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _not_had(host: str, port: int, error: Exception) -> FieldError:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return FieldError(
            f"Port {port} is in use", where=f"{host}:{port}", repair="Stop what uses it, or choose another with --port."
        )
    if isinstance(error, OSError) and error.errno == errno.EACCES:
        return FieldError(
            f"Port {port} needs more rights", where=f"{host}:{port}", repair="Choose a port above 1023 with --port."
        )
    return FieldError(
        f"The address cannot be used: {error}",
        where=f"{host}:{port}",
        repair="Give an address of this machine with --host and a port from 0 to 65535 with --port.",
    )
