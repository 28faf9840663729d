"""Law: an engine that was snapshot and restored goes on as if it had never stopped.

    resumes(make, MyEngine.restore, random_journal(seed=1, payments=500), tmp_path)

Your engine needs `snapshot(path)`; `restore(path)` returns one that stands where the snapshot was taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Protocol, TypeVar

import pyarrow as pa

from headgate.checks.comparison import FactsEngine, facts_of, require_same
from headgate.checks.stops import stretches
from headgate.journal.entries import Entry

_REPAIR = "Write everything that a later fact can depend on into the snapshot."


class Snapshotting(FactsEngine, Protocol):
    """An engine that can be written to a file."""

    def snapshot(self, path: Path) -> None:
        """Write the engine to a file."""
        ...


E = TypeVar("E", bound=Snapshotting)


def resumes(
    make: Callable[[], E],
    restore: Callable[[Path], E],
    entries: Sequence[Entry],
    folder: Path,
    *,
    seed: int = 0,
    stops: int = 3,
) -> None:
    """Raise LawError unless a run with random stops, each restored from its file, gives the bits of one without."""
    engine, parts = make(), []
    for number, (start, end) in enumerate(stretches(len(entries), stops, Random(seed))):
        parts.append(facts_of(engine, entries[start:end]))
        path = folder / f"stop-{number}.snapshot"
        engine.snapshot(path)
        engine = restore(path)
    require_same("resumes", facts_of(make(), entries), pa.concat_tables(parts), _REPAIR)
