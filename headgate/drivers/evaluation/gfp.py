"""The baseline of IBM's graph features: the raw row and what the Graph Feature Preprocessor makes, same learner.

The wheel is proprietary and no dependency: `HEADGATE_BENCH_SNAPML` names a Python that holds it (or is 1, for
`.venv-snapml` in the current folder). Without it the baseline is not measured, and the report says so.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headgate.connectors.dataset import Dataset
from headgate.drivers.evaluation import gfp_side
from headgate.drivers.evaluation.intervals import Interval
from headgate.drivers.evaluation.learners import RAW_ROW, Teaching, scores_of, teach
from headgate.drivers.evaluation.measure import Scored
from headgate.errors import FileError
from headgate.limits import US_PER_SECOND

VARIABLE = "HEADGATE_BENCH_SNAPML"
BATCH = 128
WINDOWS_DAYS = (7, 3, 1)  # the longest with which it ends in time
LIMIT_SECONDS = 1_500.0
NOT_ASKED = (
    f"IBM's Graph Feature Preprocessor was not measured: its wheel is proprietary. {VARIABLE} names a Python with it."
)


TOO_SLOW = (
    "IBM's Graph Feature Preprocessor was not measured: even with a window of "
    f"{WINDOWS_DAYS[-1]} day its features would take more than {LIMIT_SECONDS / 60:.0f} minutes."
)


class Gfp(msgspec.Struct, frozen=True, kw_only=True):
    """The baseline: what it found, and what the full model lies above it, in pairs. `why_not` where not measured."""

    ap: float | None = None
    ap_interval: Interval | None = None
    ap_above: float | None = None
    ap_above_interval: Interval | None = None
    features: int = 0
    batch: int = BATCH
    window_days: int = 0
    version: str = ""
    feature_seconds: float = 0.0
    why_not: str = ""


class Made(msgspec.Struct, frozen=True):
    """The facts with the features as columns, their names, and what they cost."""

    facts: pa.Table
    names: tuple[str, ...]
    version: str
    seconds: float
    window_days: int


def other_python() -> Path | None:
    """Return the Python that holds the wheel; None where it was not asked for. FileError where there is none."""
    told = os.environ.get(VARIABLE, "")
    if told in ("", "0"):
        return None
    python = Path(".venv-snapml/bin/python") if told == "1" else Path(told)
    if not python.is_file():
        raise FileError(
            "There is no Python with the snapml wheel",
            where=f"{VARIABLE}={told}",
            repair="Make one (`python -m venv .venv-snapml`, then `pip install snapml numpy` in it), name it, or unset "
            "the variable.",
        )
    return python


def gfp_features(python: Path, dataset: Dataset, facts: pa.Table, limit_seconds: float = LIMIT_SECONDS) -> Made | None:
    """Return the features of every payment, computed by the wheel in a process of its own; None where it is too slow.

    A batch is inserted before its features are computed, so a payment sees up to `BATCH` - 1 later ones: this is how
    the wheel works, and it favours the baseline. The window is the longest of `WINDOWS_DAYS` with which the features
    take no longer than the limit.
    """
    with tempfile.TemporaryDirectory() as folder:
        edges, out = Path(folder) / "edges.npy", Path(folder) / "features.npy"
        np.save(edges, _edges(dataset))
        for days in WINDOWS_DAYS:
            begun = time.perf_counter()
            told = _told(python, [str(edges), str(out), str(BATCH), str(days * 86_400), str(limit_seconds)])
            if "version" in told:
                return _made(np.load(out, mmap_mode="r"), facts, told["version"], time.perf_counter() - begun, days)
    return None


def _told(python: Path, order: list[str]) -> dict[str, Any]:
    """What the other side said at its end. FileError where it failed."""
    run = subprocess.run(  # noqa: S603 (a Python that the user named)
        [str(python), "-I", gfp_side.__file__, *order], capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise FileError(
            f"The wheel failed: {run.stderr.strip().splitlines()[-1] if run.stderr.strip() else 'no word'}",
            where=str(python),
            repair=f"Check that it imports snapml and numpy, or unset {VARIABLE}.",
        )
    told: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return told


def _made(matrix: np.ndarray, facts: pa.Table, version: str, seconds: float, days: int) -> Made:
    names = tuple(f"gfp_{place}" for place in range(matrix.shape[1]))
    columns = {name: pa.array(np.ascontiguousarray(matrix[:, place])) for place, name in enumerate(names)}
    beside = {name: facts.column(name) for name in RAW_ROW}
    return Made(pa.table({**beside, **columns}), names, version, seconds, days)


def gfp_scores(made: Made, how: Teaching) -> Scored:
    """Return the scores of the same learner on the raw row and the features."""
    return scores_of(teach(made.facts, (*RAW_ROW, *made.names), how), made.facts, how.split)


def _edges(dataset: Dataset) -> np.ndarray:
    """One row a payment, in order: id, source, target, seconds from the first, amount in minor units."""
    journal = dataset.journal
    payments = journal.filter(pc.equal(journal.column("kind"), "payment"))
    rows = len(payments)
    names = pa.chunked_array([*payments.column("payer").chunks, *payments.column("payee").chunks], pa.utf8())
    numbers = names.combine_chunks().dictionary_encode().indices.to_numpy()
    seconds = payments.column("clock_us").to_numpy() // US_PER_SECOND
    columns = (
        np.arange(rows),
        numbers[:rows],
        numbers[rows:],
        seconds - seconds[0],
        payments.column("amount_minor").to_numpy(),
    )
    return np.column_stack(columns).astype(np.float64)
