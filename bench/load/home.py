"""A home to serve: a simulated bank, a model of its past and all packaged scenarios, and a service on it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from headgate.connectors.dataset import Dataset
from headgate.drivers.home import Home
from headgate.drivers.learning import learn
from headgate.drivers.replay import FROM_SHARE, replay
from headgate.drivers.rules import load_rules
from headgate.journal.entries import Activation
from headgate.service.people import make_key

_TICKS = os.sysconf("SC_CLK_TCK")


# What is sent is not what the model learnt from: without this the scenarios would soon decide alone.
_POLICY = "[budget]\ncases_per_day = 10\n[drift]\nfall_back = false\n"


def make_home(dataset: Dataset, folder: Path) -> str:
    """Make a home of a dataset with a model; return a key of its gateway."""
    policy = folder / "policy.toml"
    policy.write_text(_POLICY, "utf-8")
    plain = load_rules(policy=policy, reference_currency=dataset.reference_currency)
    learn(dataset, share=FROM_SHARE, charter=plain.charter).save(folder / "model")
    rules = load_rules(policy=policy, model=folder / "model", reference_currency=dataset.reference_currency)
    replay(dataset, folder / "home", rules)
    home = Home(folder / "home")
    try:
        return make_key(home.store, "bench", "gateway", time.time_ns() // 1000)
    finally:
        home.close()


def ranks_by_model(root: Path) -> bool:
    """Whether the payments of a home are still ranked by the model that it was made with."""
    home = Home(root)
    try:
        withdrawn = (each.subject_kind == "model" for each in home.store.tail() if isinstance(each, Activation))
        return home.rules.model is not None and not any(withdrawn)
    finally:
        home.close()


@contextmanager
def served(home: Path, program: str = "headgate") -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Yield the port and the process of a service on a home; it is stopped in the end. program: the module to run."""
    command = [sys.executable, "-m", program, "serve", "--home", str(home), "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield _port(process.stdout), process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def _port(said: IO[str]) -> int:
    """The port out of the JSON object that a service prints when it answers."""
    lines = []
    while not lines or lines[-1].rstrip() != "}":
        lines.append(said.readline())
        assert lines[-1], "the service ended before it answered"
    return int(json.loads("".join(lines))["address"].rpartition(":")[2])


def cpu_seconds(process: subprocess.Popen[str]) -> float:
    """Return the CPU seconds of a process and those that it started so far; 0 where the system does not say."""
    return sum(map(_cpu_seconds, _with_children(process)))


def resident_mb(process: subprocess.Popen[str]) -> float:
    """Return the memory that a process and those that it started hold, in MB; 0 where the system does not say."""
    return sum(resident_mb_each(process))


def resident_mb_each(process: subprocess.Popen[str]) -> list[float]:
    """Return the memory in MB of a process and of each that it started: of a service, what decides, what answers."""
    return [_resident_mb(each) for each in _with_children(process)]


def _with_children(process: subprocess.Popen[str]) -> list[Path]:
    """A process and the programs that it started; one that writes a snapshot is a copy of itself, and not counted."""
    own = Path(f"/proc/{process.pid}")
    told = own / "task" / own.name / "children"
    started = map(own.with_name, told.read_text("utf-8").split()) if told.exists() else ()
    with suppress(FileNotFoundError):
        return [own, *(each for each in started if _command(each) != _command(own))]
    return []


def _command(process: Path) -> bytes:
    return (process / "cmdline").read_bytes()


def _cpu_seconds(process: Path) -> float:
    fields = (process / "stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _resident_mb(process: Path) -> float:
    line = next(each for each in (process / "status").read_text("utf-8").splitlines() if each.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def send(**order: Any) -> dict[str, float]:
    """Let a process of its own send what is ordered; return its figures. See `bench.load.sender`."""
    command = [sys.executable, "-m", "bench.load.sender", json.dumps(order)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures
