"""The whole suite of the kernel once more, built with the address and undefined behaviour sanitizers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD = Path(__file__).parent / "mutants" / "build.py"
RUNTIMES = ("libasan.so", "libstdc++.so")  # the process is Python's own, so they must be there before it starts


def runtimes() -> str:
    found = (
        subprocess.run(["c++", f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout.strip()
        for name in RUNTIMES
    )
    return " ".join(str(Path(path).resolve()) for path in found)


@pytest.mark.outside
def test_the_sanitizers_find_nothing(tmp_path: Path) -> None:
    build = [sys.executable, str(BUILD), str(ROOT), str(tmp_path / "kernel"), "--sanitize"]
    subprocess.run(build, check=True)
    env = {
        **os.environ,
        "HEADGATE_KERNEL": str(tmp_path / "kernel"),
        "LD_PRELOAD": runtimes(),
        "ASAN_OPTIONS": "detect_leaks=0",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }
    suite = [sys.executable, "-m", "pytest", "-m", "not outside", "-p", "no:cacheprovider", "tests/kernel"]
    run = subprocess.run(suite, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-6000:]
    assert "runtime error" not in run.stderr
