"""Snapshots on a schedule: a child process writes the state aside, and the stream goes on.

The writer's thread, with the state at rest between two groups, forks. The child sees memory as it was at that moment,
writes it and ends; it has no other thread, so it uses no lock, no log, no connection and no library that has threads of
its own, and it closes every file that it inherited but does not touch what stands behind: databases and sockets are the
parent's. What the stream waits for is the fork alone, some milliseconds for each gigabyte of memory.
"""

from __future__ import annotations

import gc
import os
import signal
import time
import warnings
from collections.abc import Callable
from typing import Final

import msgspec

from headgate.drivers.snapshots import Snapshots
from headgate.limits import MAX_TEXT_CHARS, SNAPSHOT_SECONDS, STOP_SECONDS
from headgate.service.around import At, Folded, Log
from headgate.settings.snapshots import Snapshots as Schedule

# The state is read by the child's only thread, and nothing of the other threads is used: see above.
warnings.filterwarnings("ignore", r"This process .* is multi-threaded, use of fork\(\)", DeprecationWarning)

_WORDS_OUT: Final = 3  # where the child says what went wrong; all files above it are closed
_GENTLE: Final = 10  # how much the child stands back for the stream


class Figures(msgspec.Struct, kw_only=True):
    """What came of it so far. Seconds: `pause` is the longest that the stream waited, `took` what the last one took."""

    written: int = 0
    failed: int = 0
    last_seq: int = -1
    pause: float = 0.0
    took: float = 0.0


class Snapshotting:
    """Begins snapshots when they are due and notes how they ended. `at` hears of the steps of the child, there.

    written: hears of each snapshot that is whole, by its seq.
    """

    def __init__(
        self,
        snapshots: Snapshots,
        schedule: Schedule,
        log: Log,
        *,
        at: At = lambda step: None,
        written: Callable[[int], None] = lambda seq: None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._snapshots = snapshots
        self._schedule = schedule
        self._log = log
        self._at = at
        self._written = written
        self._seconds = seconds
        self._began = seconds()
        self._opened = time.time()
        self._child: _Child | None = None
        self.figures = Figures(last_seq=max(snapshots.seqs(), default=0))

    @property
    def age_seconds(self) -> float:
        """How long ago the newest snapshot was whole; since the start where there is none."""
        placed = self._snapshots.placed_at(self.figures.last_seq)
        return time.time() - (self._opened if placed is None else placed)

    def look(self, folded: Folded) -> None:
        """Note what has ended, and begin what is due."""
        if self._child is not None:
            self._note(self._child)
        elif self._is_due(folded):
            self._begin(folded)

    def end(self) -> None:
        """Wait for a child for STOP_SECONDS, then end it: what it wrote so far counts for nothing."""
        ends = time.monotonic() + STOP_SECONDS
        while self._child is not None and time.monotonic() < ends:
            self._note(self._child)
            time.sleep(0.01)
        if self._child is not None:
            self._child.kill()

    def _is_due(self, folded: Folded) -> bool:
        every = self._schedule.every_seconds
        if not every or self._seconds() - self._began < every:
            return False
        return folded.pipeline.next_seq - self.figures.last_seq >= self._schedule.least_entries

    def _begin(self, folded: Folded) -> None:
        self._began = self._seconds()
        before = time.perf_counter()
        try:
            self._child = _Child(folded.pipeline.next_seq, lambda: self._write(folded))
        except OSError as error:
            self.figures.failed += 1
            self._log(f"A snapshot could not be begun: {error.strerror}. It is tried again when the next one is due.")
        self.figures.pause = max(self.figures.pause, time.perf_counter() - before)

    def _write(self, folded: Folded) -> None:
        parent = os.getppid()

        def at(step: str) -> None:
            self._at(step)
            if os.getppid() != parent:  # it died: another one may write here by now
                os._exit(1)

        at("forked")
        self._snapshots.write(folded.pipeline, at)
        self._snapshots.keep(self._schedule.keep, self._schedule.keep_days)
        at("pruned")

    def _note(self, child: _Child) -> None:
        words = child.ended()
        if words is None:
            return
        self._child = None
        self.figures.took = child.age
        if words:
            self.figures.failed += 1
            self._log(f"A snapshot failed, and the journal has all that it would have held: {words}")
        else:
            self.figures.written += 1
            self.figures.last_seq = child.seq
            self._written(child.seq)


class _Child:
    """A child process that does one thing. Raises OSError where none can be made."""

    def __init__(self, seq: int, act: Callable[[], None]) -> None:
        self.seq = seq
        self._began = time.monotonic()
        self._words, out = os.pipe()
        try:
            self._pid = os.fork()
        except OSError:
            os.close(self._words)
            os.close(out)
            raise
        if not self._pid:
            _be(act, out)
        os.close(out)

    @property
    def age(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began

    def ended(self) -> str | None:
        """None while it runs; then what went wrong in words, or an empty text."""
        pid, status = os.waitpid(self._pid, os.WNOHANG)
        if not pid and self.age > SNAPSHOT_SECONDS:
            self.kill()
            return f"it took longer than {SNAPSHOT_SECONDS} seconds"
        if not pid:
            return None
        words = os.read(self._words, 4 * MAX_TEXT_CHARS).decode("utf-8", "replace")
        os.close(self._words)
        return "" if not status else words or f"its process ended with {os.waitstatus_to_exitcode(status)}"

    def kill(self) -> None:
        """End it now."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._words)


def _be(act: Callable[[], None], out: int) -> None:
    """Be the child; never returns."""
    status = 1
    try:
        gc.disable()  # nothing of the parent may be finalised here
        os.dup2(out, _WORDS_OUT)
        os.closerange(_WORDS_OUT + 1, os.sysconf("SC_OPEN_MAX"))
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which waits for what is under way
        os.nice(_GENTLE)
        act()
        status = 0
    except BaseException as error:
        os.write(_WORDS_OUT, f"{type(error).__name__}: {error}".encode()[:MAX_TEXT_CHARS])
    finally:
        os._exit(status)
