"""Exports of the log for auditors, made by a process of its own: what reads a whole log must not keep payments waiting.

It is `headgate audit export`, so that what a browser gives out and what the command line writes are the same thing, and
that it was made is on disk, for the log, before anything is given out.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from headgate.errors import FieldError, UnavailableError
from headgate.limits import MAX_TEXT_CHARS

_SECONDS: Final = 600
_alone = threading.Lock()


class Wanted(NamedTuple):
    """What an auditor asks for, as it was typed: a period of days or times, a purpose, and filters of several words."""

    start: str
    end: str
    purpose: str
    kinds: str = ""
    persons: str = ""
    purposes: str = ""
    cases: str = ""

    def options(self) -> list[str]:
        """Return it as options of the command."""
        words = {"--kind": self.kinds, "--person": self.persons, "--with-purpose": self.purposes, "--case": self.cases}
        filters = [f"{option}={word}" for option, typed in words.items() for word in typed.split()]
        return [f"--from={self.start}", f"--to={self.end}", f"--purpose={self.purpose}", *filters]


def export_into(folder: Path, log: Path | None, person: str, wanted: Wanted) -> Path:
    """Return a zip of the export, made in `folder`; that it was made is left for the log. person: who asks.

    log: its folder, None where the service keeps none.

    Raises FieldError with what is wrong with what was asked for, or with the log; UnavailableError while another one is
    being made, and where it takes longer than ten minutes.
    """
    _check(wanted)
    if log is None:
        raise UnavailableError("This service keeps no log", where="export", repair="Serve a home.")
    if not _alone.acquire(blocking=False):
        raise UnavailableError("Another export is being made", where="export", repair="Ask again in a moment.")
    try:
        _run(["audit", "export", str(log), *wanted.options(), f"--by={person}", f"--out={folder / 'export'}"])
    finally:
        _alone.release()
    packed = folder / "export.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as whole:
        for path in sorted((folder / "export").iterdir()):
            whole.write(path, f"export/{path.name}")
    return packed


def _check(wanted: Wanted) -> None:
    if not (wanted.start and wanted.end and wanted.purpose):
        raise FieldError("An export needs a period and a purpose", where="export", repair="Fill in the first three.")
    if any(len(each) > MAX_TEXT_CHARS for each in wanted):
        raise FieldError("A field is too long", where="export", repair=f"Say it in {MAX_TEXT_CHARS} characters.")


def _run(arguments: Sequence[str]) -> None:
    command = [sys.executable, "-m", "headgate", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(
            "The export took longer than ten minutes", where="export", repair="Make it with `headgate audit export`."
        ) from error
    if done.returncode:
        raise FieldError(_said(done.stderr), where="export", repair="Nothing was given out.")


def _said(stderr: str) -> str:
    """The sentence of the command: its last paragraph, without what comes before and the full stop behind it."""
    lines = [line.strip() for line in stderr.strip().splitlines() if line.strip()]
    return (lines[-1] if lines else "The export could not be made").removeprefix("Error: ").rstrip(".")
