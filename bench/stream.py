"""What benchmarks run on: a dataset folder, or a simulated one; and the clock and memory that they share."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from headgate.cli.simulate import command as simulate
from headgate.connectors.dataset import Dataset, read_dataset

PAYMENTS = 20_000


def dataset(folder: Path | None, scratch: Path) -> Dataset:
    """Return the given dataset folder, or a simulated one of 20,000 payments."""
    if folder is None:
        folder = scratch / "simulated"
        simulate.main([str(folder), "--payments", str(PAYMENTS), "--days", "60", "--seed", "1"], standalone_mode=False)
    return read_dataset(folder)


def cpu_seconds(work: Callable[[], object], runs: int = 3) -> float:
    """Return the median CPU seconds of several runs."""
    taken = []
    for _ in range(runs):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def peak_mb() -> float:
    """Return the peak resident memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
