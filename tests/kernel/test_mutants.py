"""The list of mutants cannot rot: every mistake still fits today's sources; a few are tried, all by `make mutants`."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MUTANTS = Path(__file__).parent / "mutants"
TRIED = (
    "a cleared mark stays in its super block",
    "of equal cycles the one with older payments counts",
    "payments at the edge of a window are scanned",
    "the snapshot forgets that an outcome was superseded",
)


def test_every_mutant_fits_the_sources_once_and_has_a_name_of_its_own() -> None:
    mutants = tomllib.loads((MUTANTS / "mutants.toml").read_text("utf-8"))["mutant"]
    unfit = [m["name"] for m in mutants if (ROOT / m["file"]).read_text("utf-8").count(m["before"]) != 1]
    assert unfit == []
    assert all(m["before"] != m["after"] for m in mutants)
    assert len({m["name"] for m in mutants}) == len(mutants) >= 30
    assert {m["name"] for m in mutants} >= set(TRIED)


@pytest.mark.outside
def test_the_laws_catch_a_few_mutants() -> None:
    run = subprocess.run(
        [sys.executable, str(MUTANTS / "run.py"), *TRIED], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{len(TRIED)} of {len(TRIED)} caught" in run.stdout
