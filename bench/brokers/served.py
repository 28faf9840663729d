"""`headgate serve` as a process of its own on a home, with a section of settings that names a broker."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec


def write_section(home: Path, name: str, section: msgspec.Struct) -> None:
    """Write one section of settings into the headgate.toml of a home."""
    written = {key: value for key, value in msgspec.to_builtins(section).items() if value}
    lines = [f"{key} = {msgspec.json.encode(value).decode()}" for key, value in written.items()]
    (home / "headgate.toml").write_text("\n".join([f"[{name}]", *lines, ""]), "utf-8")


@contextmanager
def served(home: Path, errors: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Yield address and process of a service; it is killed in the end, unless it has ended before."""
    command = [sys.executable, "-m", "headgate", "serve", "--home", str(home), "--port", "0", "--json"]
    with errors.open("a", encoding="utf-8") as said:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True)
    try:
        yield _address(process), process
    finally:
        process.kill()
        process.communicate()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("}"):
            break
    address: Any = json.loads("".join(lines))["address"]
    return str(address)
