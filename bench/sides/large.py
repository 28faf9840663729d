"""The whole default catalogue on a window of a given size: speed, latency, memory, snapshot, entries visited.

Run by `bench.kernel` as `python -m bench.sides.large ORDER`, ORDER in JSON.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from bench.sides.columns import CURRENCY, Columns, block, blocks
from bench.sides.crowd import Crowd
from bench.sides.meter import measured, resident_mb, use_one_core
from headgate.facts.engine import Engine
from headgate.journal.schema import from_block
from headgate.kernel import visited

FILL_ROWS = 8192  # rows of a block while the window is filled
Figures: TypeAlias = dict[str, float | None]


def size(order: dict[str, Any]) -> Figures:
    """Fill the window, then measure the payments after it; `one` of them are single calls."""
    crowd = Crowd(order["window_payments"])
    place, many, few = crowd.payments, order["payments"], order["one"]
    engine = Engine(reference_currency=CURRENCY)
    next(crowd.blocks(0, FILL_ROWS, FILL_ROWS))  # what the making of blocks itself holds is held before
    before, absorbing = resident_mb(), 0.0
    for early in crowd.blocks(0, place, FILL_ROWS):
        start = time.process_time()
        engine.absorb(early)
        absorbing += time.process_time() - start
    pa.default_memory_pool().release_unused()
    held = resident_mb() - before
    figures: Figures = {"absorbed_per_second": place / absorbing, "bytes_per_payment": held * 2**20 / place}
    figures |= observed(engine, crowd.columns(place, many), order["rows"])
    figures |= _one_by_one(engine, crowd.columns(place + many, few))
    figures |= _prefixed("hub", _one_by_one(engine, crowd.to_the_hub(place + many + few, few)))
    return figures | _kept(engine)


def observed(engine: Engine, columns: Columns, rows: int) -> Figures:
    """Compute the facts of payments in blocks of `rows`: how many a CPU second, and entries visited for each."""
    ready, looked_at = blocks(columns, rows), visited()

    def work() -> None:
        for one in ready:
            engine.observe(one)

    seconds, now = measured(work)["cpu_seconds"], visited()
    payments = len(columns.seq)
    return {"payments_per_second": payments / seconds, "visited_per_payment": (now - looked_at) / payments}


def _one_by_one(engine: Engine, columns: Columns) -> Figures:
    taken, looked_at = [], visited()
    for entry in from_block(block(columns)):
        start = time.perf_counter_ns()
        engine.observe_one(entry)
        taken.append((time.perf_counter_ns() - start) / 1000)
    now = visited()
    each = (now - looked_at) / len(taken)
    centiles = statistics.quantiles(taken, n=100)
    return {"one_median_us": centiles[49], "one_p99_us": centiles[98], "one_visited_per_payment": each}


def _prefixed(prefix: str, figures: Figures) -> Figures:
    return {f"{prefix}_{name}": value for name, value in figures.items()}


def _kept(engine: Engine) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "snapshot"
        start = time.perf_counter()
        engine.snapshot(path)
        written = time.perf_counter()
        Engine.restore(path)
        read = time.perf_counter()
        megabytes = path.stat().st_size / 2**20
    return {"snapshot_seconds": written - start, "restore_seconds": read - written, "snapshot_mb": megabytes}


if __name__ == "__main__":
    use_one_core()
    print(json.dumps(size(json.loads(sys.argv[1]))))
