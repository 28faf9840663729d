"""Kernels with one mistake each must be caught by the laws: `run.py [NAME ...]`, all of mutants.toml without names.

Each mistake is put into a copy of the sources, built, and given to tests/kernel in a process of its own. Prints what
caught it; ends with 1 if a mutant survives, that is: if the laws would let that mistake pass.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from build import build

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PATIENCE_SECONDS = 150  # a mutant that is still not done by then runs in a circle


class Mutant(NamedTuple):
    """One mistake. `before` stands exactly once in the file."""

    name: str
    file: str
    before: str
    after: str


def read_mutants() -> list[Mutant]:
    """Return the mutants of the list, in its order."""
    return [Mutant(**row) for row in tomllib.loads((HERE / "mutants.toml").read_text("utf-8"))["mutant"]]


def copy_sources(to: Path) -> None:
    """Copy what the kernel is built from; the copy is built without optimization, which is quicker."""
    shutil.copytree(ROOT / "headgate" / "kernel", to / "headgate" / "kernel", ignore=shutil.ignore_patterns("*.so"))
    text = (ROOT / "CMakeLists.txt").read_text("utf-8")
    assert text.count("-O2") == 1
    (to / "CMakeLists.txt").write_text(text.replace("-O2", "-O0"), "utf-8")


def build_mutant(mutant: Mutant, scratch: Path) -> Path:
    """Return a folder that holds the built mutant."""
    file = scratch / "sources" / mutant.file
    sound = file.read_text("utf-8")
    assert sound.count(mutant.before) == 1, f"{mutant.name}: its text stands {sound.count(mutant.before)} times"
    file.write_text(sound.replace(mutant.before, mutant.after), "utf-8")
    try:
        module = build(scratch / "sources", scratch / "build")
    finally:
        file.write_text(sound, "utf-8")
    folder = scratch / "built" / re.sub(r"\W+", "-", mutant.name)
    folder.mkdir(parents=True)
    shutil.copy(module, folder)
    return folder


def caught_by(kernel: Path) -> str:
    """Return the first test that fails with a kernel, empty if none does; the laws come first, they are quick."""
    return first_failure(kernel, "tests/kernel/test_laws_of_the_kernel.py") or first_failure(kernel, "tests/kernel")


def first_failure(kernel: Path, tests: str) -> str:
    """Return the first of some tests that fails, or how the process ended; empty if all pass."""
    command = [sys.executable, "-m", "pytest", "-x", "-m", "not outside", "-p", "no:cacheprovider", tests]
    env = {**os.environ, "HEADGATE_KERNEL": str(kernel)}
    try:
        run = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        return "it never ends"
    if run.returncode == 0:
        return ""
    failed = re.search(r"^(?:FAILED|ERROR) \S+?::(\S+)", run.stdout, re.M)
    asserted = re.search(r"Assertion `(.*)' failed", run.stderr)
    return failed[1] if failed else f"assert {asserted[1]}" if asserted else f"exit {run.returncode}"


def report(mutant: Mutant, kernel: Path) -> bool:
    """Print what caught a mutant; return whether anything did."""
    test = caught_by(kernel)
    print(f"{'caught' if test else 'SURVIVED':9} {Path(mutant.file).name:20} {mutant.name:66} {test}", flush=True)
    return bool(test)


def try_all(mutants: list[Mutant], scratch: Path) -> int:
    """Print a line a mutant; return how many survive. One is tried while the next is built."""
    copy_sources(scratch / "sources")
    with ThreadPoolExecutor(1) as pool:
        tried = [pool.submit(report, mutant, build_mutant(mutant, scratch)) for mutant in mutants]
        return sum(not future.result() for future in tried)


def main() -> int:
    """Try the mutants named on the command line, or all."""
    wanted = set(sys.argv[1:])
    mutants = [mutant for mutant in read_mutants() if not wanted or mutant.name in wanted]
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="headgate-mutants-") as scratch:
        survived = try_all(mutants, Path(scratch))
    print(f"{len(mutants) - survived} of {len(mutants)} caught in {time.monotonic() - started:.0f} s")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
