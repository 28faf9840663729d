"""The lock of a home: one process decides in it, and a second one is told so before it has read or changed anything.

The system releases the lock with the process, however it ends. The store is the second line: of two writers that both
follow the journal one commits, and the other is refused.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headgate.errors import FileError, UnavailableError

FILE = "writer.lock"


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Hold the lock of a home.

    Raises UnavailableError where another process holds it, FileError where the folder cannot be written.
    """
    path = home / FILE
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise FileError(
            f"The home cannot be locked: {error.strerror}",
            where=str(path),
            repair="Name a home in a place where you may write.",
        ) from error
    try:
        _take(lock, path)
        yield
    finally:
        os.close(lock)


def _take(lock: int, path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise UnavailableError(
            f"Another process decides in this home already: {_holder(lock)}",
            where=str(path),
            repair="Stop it first: two writers on one home would disagree about what came first.",
        ) from error
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)


def _holder(lock: int) -> str:
    return f"process {os.pread(lock, 20, 0).decode('ascii', 'replace').strip() or 'unknown'}"
