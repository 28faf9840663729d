"""How long the stream waits for a snapshot of a window of a given size, and what payments cost meanwhile.

Run by `bench.snapshots` as `python -m bench.sides.paused PAYMENTS`, in a process of its own; prints figures as JSON.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.sides.columns import CURRENCY, block
from bench.sides.crowd import Crowd
from bench.sides.meter import resident_mb
from headgate.drivers.pipeline import Pipeline
from headgate.drivers.rules import load_rules
from headgate.drivers.snapshots import Snapshots, check
from headgate.drivers.state import load_state, open_pipeline
from headgate.facts.engine import Engine
from headgate.journal.schema import from_block
from headgate.service.around import Folded
from headgate.service.snapshotting import Snapshotting
from headgate.settings.snapshots import Snapshots as Schedule

FILL_ROWS = 8192
AFTER = 20_000  # payments that may come while the child writes


def main(payments: int) -> dict[str, float]:
    """Return pause, what payments cost before and meanwhile, how long the child took, and what a restart takes.

    A restart proves the checksums of the newest snapshot, loads it, and folds the journal after it: the payments that
    came while the child wrote, at most AFTER.
    """
    crowd, rules = Crowd(payments), load_rules(reference_currency=CURRENCY)
    pipeline = open_pipeline(rules, Engine(rules.facts, reference_currency=CURRENCY))
    for early in crowd.blocks(0, payments, FILL_ROWS):
        pipeline.engine.absorb(early)
        pipeline.next_seq, pipeline.last_clock_us = (early.column(name)[-1].as_py() for name in ("seq", "clock_us"))
    pipeline.next_seq += 1
    later = list(from_block(block(crowd.columns(payments, AFTER))))
    before = [_took(pipeline, entry) for entry in later[: AFTER // 10]]
    with tempfile.TemporaryDirectory() as folder:
        snapshots, said = Snapshots(Path(folder) / "snapshots"), list[str]()
        resting = Snapshotting(
            snapshots, Schedule(every_seconds=1, least_entries=1), said.append, seconds=lambda: time.monotonic() * 1e6
        )
        resting.look(Folded(pipeline))
        meanwhile = []
        for entry in later[AFTER // 10 :]:
            if resting.figures.written or said:
                break
            meanwhile.append(_took(pipeline, entry))
            resting.look(Folded(pipeline))
        while not (resting.figures.written or said):
            resting.look(Folded(pipeline))
            time.sleep(0.01)
        (newest,) = snapshots.folder.iterdir()
        start = time.perf_counter()
        check(newest, pipeline.next_seq)
        checked = time.perf_counter()
        again = load_state(newest, lambda name: rules)
        restored = time.perf_counter()
        for entry in later:
            if entry.seq >= again.next_seq:
                again.step(entry)
        ended = time.perf_counter()
        return {
            "payments": payments,
            "resident_mb": resident_mb(),
            "pause_ms": resting.figures.pause * 1e3,
            "child_seconds": resting.figures.took,
            "check_seconds": checked - start,
            "restore_seconds": restored - checked,
            "tail_seconds": ended - restored,
            "restart_seconds": ended - start,
            "snapshot_mb": sum(path.stat().st_size for path in newest.iterdir()) / 2**20,
            "p50_before_us": statistics.median(before),
            "p50_meanwhile_us": statistics.median(meanwhile),
            "longest_before_us": max(before),
            "longest_meanwhile_us": max(meanwhile),
        }


def _took(pipeline: Pipeline, entry: object) -> float:
    start = time.perf_counter_ns()
    pipeline.step(entry)  # type: ignore[arg-type]
    return (time.perf_counter_ns() - start) / 1e3


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
