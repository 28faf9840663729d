"""The independent re-run: the same command from the data in a fresh process, compared number by number.

The other process shares nothing with this one but the files and the installed program.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from headgate.drivers.evaluation.result import Evaluation
from headgate.errors import FileError

# What a clock and a machine say may differ, and the long part is not run again; nothing else may differ.
MACHINE = frozenset(("payments_per_second", "peak_rss_mb", "seconds", "full", "gfp"))


class Rerun(msgspec.Struct, frozen=True, kw_only=True):
    """What the fresh process found: the command, how many numbers were compared, and the names of those that differ."""

    command: tuple[str, ...]
    compared: int
    differ: tuple[str, ...]


def rerun(folder: Path, arguments: Sequence[str], here: Evaluation) -> tuple[Rerun, dict[str, Any]]:
    """Return the comparison and the other run's numbers. FileError where the fresh process fails."""
    command = ("headgate", "evaluate", str(folder), *arguments, "--json")
    run = subprocess.run(  # noqa: S603 (this very program, on a folder that the user named)
        [sys.executable, "-m", *command], capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise FileError(
            f"The re-run in a fresh process failed: {run.stderr.strip()[-300:]}",
            where=" ".join(command),
            repair="Run the command by itself; the pack is written when it succeeds.",
        )
    there: dict[str, Any] = json.loads(run.stdout)
    mine = json.loads(msgspec.json.encode(here))
    leaves = {name: value for name, value in _leaves(mine) if not MACHINE & set(name.split("."))}
    theirs = dict(_leaves(there))
    differ = tuple(name for name, value in leaves.items() if theirs.get(name) != value)
    return Rerun(command=command, compared=len(leaves), differ=differ), there


def _leaves(value: Any, name: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        parts = [(str(key), part) for key, part in value.items()]
    elif isinstance(value, list):
        parts = [(str(place), part) for place, part in enumerate(value)]
    else:
        return [(name, value)]
    return [leaf for key, part in parts for leaf in _leaves(part, f"{name}.{key}" if name else key)]
