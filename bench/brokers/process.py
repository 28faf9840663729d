"""A server as a process: started, killed as a crash would kill it, started again on what it left."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

CACHE = Path(os.environ.get("HEADGATE_OUTSIDE", Path.home() / ".cache" / "headgate-outside"))
START_SECONDS = 90


class Server:
    """A server that listens on the loopback address. ready: raises or returns false while it does not answer."""

    def __init__(self, command: Sequence[str], log: Path, ready: Callable[[], object]) -> None:
        self._command = list(command)
        self._log = log
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None
        self._trouble: Exception | None = None

    def start(self) -> None:
        """Start, and return when it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, self._log.read_text("utf-8")[-2000:]
            assert time.monotonic() < until, f"{self._command[0]} does not answer: {self._trouble!r}"
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a crash would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """End it."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(START_SECONDS)

    def _answers(self) -> bool:
        try:
            return bool(self._ready())
        except Exception as error:  # whatever a client raises while its server starts; told when it never answers
            self._trouble = error
            return False


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback address that nobody uses."""
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in taken]
    for each in taken:
        each.close()
    return ports
