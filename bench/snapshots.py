"""Snapshots beside the stream: what they cost with a million payments in the window; LARGE=1 adds ten million."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from headgate.connectors.dataset import Dataset

MILLION = 1_000_000


def run(dataset: Dataset) -> dict[str, float]:
    """Return the figures of each size; the given dataset is not used."""
    sizes = (MILLION, 10 * MILLION) if os.environ.get("HEADGATE_BENCH_LARGE", "0") != "0" else (MILLION,)
    figures: dict[str, float] = {}
    for size in sizes:
        command = [sys.executable, "-m", "bench.sides.paused", str(size)]
        environment = {**os.environ, "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}  # as deploy/ starts the service
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        found = json.loads(done.stdout)
        figures |= {f"{size // MILLION}m_{name}": value for name, value in found.items()}
    return figures
