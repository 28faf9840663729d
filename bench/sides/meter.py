"""CPU seconds and memory of one piece of work in a process of its own, on one core. Standard library only."""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

_STATUS = Path("/proc/self/status")


def use_one_core() -> None:
    """Keep this process on one core, where the system lets it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def resident_mb() -> float:
    """Return the memory that this process holds now, in MB; 0 where the system does not say."""
    return _status("VmRSS")


def peak_mb() -> float:
    """Return the most that this process held since `forget_peak`, or since its start, in MB."""
    return _status("VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def forget_peak() -> None:
    """Let the peak start anew from what is held now, where the system lets it."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def measured(work: Callable[[], object]) -> dict[str, float]:
    """Do the work; return its CPU seconds (all threads) and the MB that it held at its peak beyond the MB before."""
    gc.collect()
    forget_peak()
    before = resident_mb()
    start = time.process_time()
    work()
    seconds = time.process_time() - start
    return {"cpu_seconds": seconds, "memory_mb": max(0.0, peak_mb() - before)}


def _status(field: str) -> float:
    if not _STATUS.exists():
        return 0.0
    line = next(line for line in _STATUS.read_text("utf-8").splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024
