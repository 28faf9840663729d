"""The engine against IBM's Graph Feature Preprocessor on one core, and the whole catalogue on windows of some sizes.

The other side (the snapml wheel, proprietary) is measured only when HEADGATE_BENCH_SNAPML is set; windows of a million
and ten million payments only when HEADGATE_BENCH_LARGE is. docs/performance.md says what is compared.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from bench.sides import agree
from bench.sides.columns import Columns, columns_of, part, save
from bench.sides.crowd import dense, sparse
from bench.sides.differences import DIFFERENCES
from bench.sides.families import FAMILIES, WARM, WINDOWS, Family, facts_until, theirs_until
from headgate.connectors.dataset import Dataset
from headgate.facts.catalogue import DEFAULT
from headgate.facts.grammar import specs

ROOT = Path(__file__).parents[1]
RUNS = 3
BATCHES = (1, 128)
SIZES, LARGE_SIZES = (100_000, 200_000), (1_000_000, 10_000_000)  # payments in the window
LENGTHS = (100_000, 1_000_000, 10_000_000)  # payments of a stream with the least of SIZES in its window
AT_SIZE = {"payments": 50_000, "one": 5_000, "rows": 1024}
Figures = dict[str, Any]


def run(dataset: Dataset) -> Figures:
    """Return figures of families, of agreement (with the wheel) and of sizes."""
    window = os.environ.get("HEADGATE_BENCH_WINDOW", "24h")
    python = other_python()
    columns, left_out = columns_of(dataset.journal, WARM + max(family.payments for family in FAMILIES))
    figures: Figures = {"window": window, "payments_to_oneself_left_out": left_out, "snapml": "not asked for"}
    with tempfile.TemporaryDirectory() as scratch:
        stream = Path(scratch) / "stream.npy"
        save(columns, stream)
        if python is not None:
            figures |= _compared(python, stream, columns, window)
        figures["families"] = [_family(family, window, stream, columns, python) for family in FAMILIES]
    sizes = (*SIZES, *LARGE_SIZES) if _asked("HEADGATE_BENCH_LARGE") else SIZES
    lengths = LENGTHS if _asked("HEADGATE_BENCH_LARGE") else LENGTHS[:2]
    figures["lengths"] = _lengths(lengths)
    figures["facts_in_the_default_catalogue"] = len(DEFAULT)
    return figures | {"sizes": [{"window_payments": size} | _size(size) for size in sizes]}


def other_python() -> Path | None:
    """Return the Python that holds the wheel, None without opt-in. HEADGATE_BENCH_SNAPML: 1, or that Python itself."""
    told = os.environ.get("HEADGATE_BENCH_SNAPML", "")
    if not _asked("HEADGATE_BENCH_SNAPML"):
        return None
    python = ROOT / ".venv-snapml" / "bin" / "python" if told == "1" else Path(told)
    if not python.is_file():
        sys.exit(f"There is no {python}. Run `make bench-kernel SNAPML=1`, which makes it.")
    return python


def _asked(variable: str) -> bool:
    return os.environ.get(variable, "0") not in ("", "0")


def _child(python: Path | str, module: str, order: Figures | None = None) -> Any:
    """Run a module of `bench.sides` in a process of its own; return what it printed last."""
    command = [str(python), "-m", f"bench.sides.{module}", *([json.dumps(order)] if order else [])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{module} failed:\n{done.stderr}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def _compared(python: Path, stream: Path, columns: Columns, window: str) -> Figures:
    """Prove on three samples that the sides count the same; show where they do not mean the same."""
    samples = {
        "stream": (part(columns, 0, agree.SAMPLE), ["temp-cycle", "lc-cycle"]),
        "dense": (dense(agree.MADE, WINDOWS[window]), ["temp-cycle"]),
        "sparse": (sparse(agree.MADE, WINDOWS[window]), ["temp-cycle", "lc-cycle"]),
    }
    equal = {name: _agreed(python, stream.parent, *sample, window) for name, sample in samples.items()}
    version = _child(python, "gfp", {"what": "version"})
    return {"snapml": version, "equal": equal, "borne_out": _child(python, "tiny")}


def _agreed(python: Path, folder: Path, columns: Columns, cycles: list[str], window: str) -> dict[str, agree.Kept]:
    sample = folder / "sample.npy"
    save(columns, sample)
    asked = {"what": "counted", "stream": str(sample), "payments": len(columns.seq)}
    _child(sys.executable, "ours", asked | {"names": agree.names(window), "out": str(folder / "ours.parquet")})
    other = asked | {"window_s": WINDOWS[window], "largest": agree.LARGEST, "cycles": cycles}
    for rows in BATCHES:
        _child(python, "gfp", other | {"rows": rows, "out": str(folder / f"theirs_{rows}.npz")})
    single, batched = (folder / f"theirs_{rows}.npz" for rows in BATCHES)
    return agree.shares(folder / "ours.parquet", single, batched, columns, window)


def _family(family: Family, window: str, stream: Path, columns: Columns, python: Path | None) -> Figures:
    """Measure one family on both sides, in turns; medians of several runs."""
    names = facts_until(family.name, window)
    absent = [name for name in names if name not in specs()]
    warm = _warm(columns, WINDOWS[window])
    payments = min(family.payments, len(columns.seq) - warm)
    common = {"what": "timed", "stream": str(stream), "payments": payments, "warm": warm}
    figures: Figures = {"family": family.name, "payments": payments, "facts_absent": absent}
    sides = {"ours": (sys.executable, common | {"names": [name for name in names if name in specs()]})}
    if python is not None:
        sides["gfp"] = (str(python), common | {"on": theirs_until(family.name), "window_s": WINDOWS[window]})
    for rows in BATCHES:
        taken: dict[str, list[Figures]] = {side: [] for side in sides}
        for _ in range(RUNS):
            for side, (program, order) in sides.items():
                taken[side].append(_child(program, side, order | {"rows": rows}))
        for side, runs in taken.items():
            seconds = statistics.median(run["cpu_seconds"] for run in runs)
            figures[f"{side}_{rows}_per_second"] = payments / seconds
            figures[f"{side}_{rows}_mb"] = statistics.median(run["memory_mb"] for run in runs)
    return figures


def _warm(columns: Columns, window_s: int) -> int:
    """Return how many payments come before the timed ones: those of the first window, but not most of a stream."""
    return int(min(np.searchsorted(columns.seconds, window_s), WARM, len(columns.seq) // 3))


def _size(window_payments: int) -> Figures:
    return dict(_child(sys.executable, "large", AT_SIZE | {"window_payments": window_payments}))


def _lengths(lengths: tuple[int, ...]) -> list[Figures]:
    order = {"window_payments": SIZES[0], "lengths": lengths, "payments": AT_SIZE["payments"], "rows": AT_SIZE["rows"]}
    found = _child(sys.executable, "long", order)
    return [{"length": length} | each for length, each in zip(lengths, found, strict=True)]


def table(figures: Figures) -> str:
    """Return the figures as tables in Markdown."""
    parts = [_families_table(figures["families"], figures["window"]), _sizes_table(figures["sizes"])]
    parts.append(_lengths_table(figures["lengths"]))
    if "equal" in figures:
        parts += [_equal_table(figures["equal"]), _differences_table(figures["borne_out"])]
    else:
        parts.append("IBM's Graph Feature Preprocessor was not measured: it is proprietary; SNAPML=1 asks for it.")
    return "\n\n".join(parts)


def _families_table(families: list[Figures], window: str) -> str:
    rows = [
        ["family", "payments", "batch", "ours /s", "GFP /s", "ours : GFP", "ours MB", "GFP MB", "not in ours"],
        *(_family_row(family, batch) for family in families for batch in BATCHES),
    ]
    return (
        f"Families of facts, window {window}, payments a CPU second and MB beyond the loaded data\n\n{_markdown(rows)}"
    )


def _family_row(family: Figures, batch: int) -> list[str]:
    ours, other = (family.get(f"{side}_{batch}_per_second") for side in ("ours", "gfp"))
    ratio = f"{ours / other:.2f}" if other and not family["facts_absent"] else "-"
    memory = [_number(family.get(f"{side}_{batch}_mb")) for side in ("ours", "gfp")]
    absent = " ".join(family["facts_absent"]) or "-"
    told = [family["family"], str(family["payments"]), str(batch), _number(ours), _number(other), ratio]
    return [*told, *memory, absent]


def _sizes_table(sizes: list[Figures]) -> str:
    names = [name for name in sizes[0] if name != "window_payments"]
    heads = ["whole default catalogue", *(f"{size['window_payments']:,} payments in the window" for size in sizes)]
    rows = [[name.replace("_", " "), *(_number(size[name], "not counted") for size in sizes)] for name in names]
    return _markdown([heads, *rows])


def _lengths_table(lengths: list[Figures]) -> str:
    heads = [f"stream with {SIZES[0]:,} payments in the window", "payments a CPU second", "visited per payment"]
    rows = [
        [f"{each['length']:,} payments", _number(each["payments_per_second"]), _number(each["visited_per_payment"])]
        for each in lengths
    ]
    return _markdown([heads, *rows])


def _equal_table(equal: dict[str, dict[str, agree.Kept]]) -> str:
    rows = [
        [sample, rule, f"{kept.payments:,}", f"{100 * kept.share:.2f}%"]
        for sample, rules in equal.items()
        for rule, kept in rules.items()
    ]
    return _markdown([["sample", "rule", "payments", "keep it"], *rows])


def _differences_table(borne_out: dict[str, bool]) -> str:
    rows = [[*one, "yes" if borne_out[one.subject] else "NO"] for one in DIFFERENCES]
    return _markdown([["what", "Graph Feature Preprocessor", "headgate", "seen in this run"], *rows])


def _number(value: float | None, without: str = "-") -> str:
    if value is None:
        return without
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _markdown(rows: list[list[str]]) -> str:
    """Return a table whose columns line up; the first row holds the heads."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
