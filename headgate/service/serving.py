"""Runs the service on one address until it is told to stop: this process decides, one that it starts answers requests.

The interpreter runs one thread at a time, so that one process would leave the second core idle. What crosses between
the two is in `apart`. Where either of them is gone the other ends: a supervisor starts both again.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from headgate.drivers.home import Home
from headgate.errors import FieldError, UnavailableError
from headgate.limits import STOP_SECONDS
from headgate.service.apart.inner import Inner
from headgate.service.logs import lines_of
from headgate.service.opening import Tick, deciding
from headgate.service.ready import uncollected
from headgate.settings.document import load_settings

Ready = Callable[[str], None]


def serve(home: Path, host: str, port: int, on_ready: Ready, tick: Tick) -> None:
    """Serve a home until SIGINT or SIGTERM; on_ready hears the address when it answers.

    The port is taken first, so that a port in use is told before a long journal is folded. Stopping waits for requests
    under way, then for the writer. Raises FieldError for an address that cannot be had, what opening a home raises, and
    UnavailableError where the process that answers requests ended by itself.
    """
    with taken(host, port) as listening, lines_of(load_settings(home, os.environ).log):
        address = address_of(listening)
        opened = Home(home)
        ours, theirs = socket.socketpair()
        inner = Inner(ours, lambda: on_ready(address))
        with _answering(home, host, listening, theirs) as process:
            try:
                with deciding(opened, tick, answered=inner.flush) as inside, uncollected():
                    inner.begin(inside)
                    _wait(process, inner.stop)
            finally:
                inner.close()


@contextmanager
def _answering(
    home: Path, host: str, listening: socket.socket, wire: socket.socket
) -> Iterator[subprocess.Popen[bytes]]:
    """Yield the process that answers requests. Its sockets are its own from here on."""
    sockets = listening.fileno(), wire.fileno()
    command = [sys.executable, "-P", "-m", "headgate.service.apart", str(home), host, *map(str, sockets)]
    process = subprocess.Popen(  # noqa: S603  what is installed here, with numbers
        command, pass_fds=sockets, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, process_group=0
    )
    listening.close()
    wire.close()
    try:
        yield process
    finally:
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], stop: Callable[[], None]) -> None:
    """Return when the process that answers requests has ended, as it was told on a signal. UnavailableError else."""
    told = threading.Event()

    def tell() -> None:
        told.set()
        stop()

    with _on_signals(tell):
        process.wait()
    if not told.is_set():
        raise UnavailableError(
            f"The process that answers requests ended by itself (status {process.returncode})",
            where="headgate serve",
            repair="Everything that was answered is on disk. Look into the log, and start the service again.",
        )


@contextmanager
def _on_signals(act: Callable[[], object]) -> Iterator[None]:
    """Do something on SIGINT and SIGTERM, in a thread of its own: what it waits for, the one that waits may hold."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def heard(number: int, frame: object) -> None:
        threading.Thread(target=act, name="headgate-stopping").start()

    before = {number: signal.signal(number, heard) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
