"""A disk that forgets: what SQLite wrote and did not sync is kept in memory, and a kill loses it.

SIGKILL alone loses nothing, for the page cache survives it. Here a write goes to an image in memory; a sync passes it
on to the real file; after a kill only what was synced is there, or with it a part of the rest, in sectors and in any
order, as a disk that loses power may leave it. The same disk fails on demand: syncs, writes, short writes, no room.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from random import Random
from typing import Any

import apsw

SECTOR = 512
Op = tuple[int, bytes | None]  # where and what; None cuts the file there
Listener = Callable[[str, str], None]  # hears `write`, `sync` or `synced` and the name of the file


class Image:
    """One file: its content as the process sees it, and what of it is not on disk yet."""

    def __init__(self, content: bytes) -> None:
        self.content = bytearray(content)
        self.unsynced: list[Op] = []
        self.put: Callable[[Op], None] = lambda op: None

    def apply(self, op: Op) -> None:
        where, what = op
        if what is None:
            del self.content[where:]
        else:
            if len(self.content) < where:
                self.content.extend(bytes(where - len(self.content)))
            self.content[where : where + len(what)] = what
        self.unsynced.append(op)


class LosingDisk(apsw.VFS):
    """Every file of one process. `hears` is called before each write and sync and after each sync; it may raise."""

    def __init__(self, name: str = "losing") -> None:
        self.name = name
        self.lock = threading.RLock()
        self.images: dict[str, Image] = {}
        self.hears: Listener = lambda what, file: None
        self.short: str | None = None
        super().__init__(name, "unix", makedefault=False)

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(self, name, flags)

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: N802
        with self.lock:
            self.images.pop(os.path.realpath(name), None)
        super().xDelete(name, syncdir)

    def lose_power(self, random: Random) -> None:
        """Let any part of what is not synced reach the disk, and end this process."""
        with self.lock:
            kind = random.choice(("nothing", "some", "most"))
            for image in self.images.values():
                for op in survivors(image.unsynced, {"nothing": 0.0, "some": 0.3, "most": 0.9}[kind], random):
                    image.put(op)
            os.kill(os.getpid(), signal.SIGKILL)


def survivors(unsynced: list[Op], share: float, random: Random) -> list[Op]:
    """A part of the writes, some of them torn at sectors, in another order."""
    kept = [_torn(op, random) for op in unsynced if random.random() < share]
    random.shuffle(kept)
    return kept


def _torn(op: Op, random: Random) -> Op:
    where, what = op
    if what is None or random.random() < 0.7 or len(what) <= SECTOR:
        return op
    return where, what[: SECTOR * random.randrange(1, -(-len(what) // SECTOR))]


class _File(apsw.VFSFile):
    def __init__(self, disk: LosingDisk, name: Any, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        path = name if isinstance(name, str) or name is None else name.filename()
        self._disk, self._file = disk, os.path.basename(path or "temporary")
        with disk.lock:
            key = os.path.realpath(path) if path else f"temporary-{id(self)}"
            if key not in disk.images:
                disk.images[key] = Image(super().xRead(super().xFileSize(), 0))
            self._image = disk.images[key]
            self._image.put = self._put

    def _put(self, op: Op) -> None:
        where, what = op
        if what is None:
            super().xTruncate(where)
        else:
            super().xWrite(what, where)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        self._disk.hears("read", self._file)
        with self._disk.lock:
            return bytes(self._image.content[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.hears("write", self._file)
        with self._disk.lock:
            if self._disk.short and self._file.endswith(self._disk.short):
                self._image.apply((offset, bytes(data[: len(data) // 2])))
                raise apsw.FullError("a write came to an end before its data did")
            self._image.apply((offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        with self._disk.lock:
            self._image.apply((newsize, None))

    def xFileSize(self) -> int:  # noqa: N802
        with self._disk.lock:
            return len(self._image.content)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.hears("sync", self._file)
        with self._disk.lock:
            for op in self._image.unsynced:
                self._put(op)
            self._image.unsynced.clear()
        self._disk.hears("synced", self._file)
