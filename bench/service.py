"""The decision service over HTTP on a real home: durable decisions a second, latencies, and where the time goes.

The sender runs on the same machine. Compared in the same run with the bare framework, the bare group commit and the
bare folds.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.load import bare, inside
from bench.load.home import cpu_seconds, make_home, ranks_by_model, resident_mb, send, served
from headgate.connectors.dataset import Dataset

WARM = 20_000
SINGLES = 20_000
LISTS = 600
LIST = 100
CONNECTIONS = 32
OPEN_RATE = 1500  # payments a second, or half of what the service takes where that is less
OPEN_SECONDS = 20


def run(dataset: Dataset) -> dict[str, Any]:
    """Return all figures."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        key = make_home(dataset, folder)
        figures = _served(folder / "home", key)
        assert ranks_by_model(folder / "home"), "the model was taken out of force"
        figures["inside_singles_us"] = inside.steps(folder / "home", 1, 3000, 10_000_000)
        figures["inside_lists_us"] = inside.steps(folder / "home", LIST, 10_000, 11_000_000)
        figures["bare_commits_of_32"] = bare.commits(folder, 32, 400)
        figures["bare_commits_of_256"] = bare.commits(folder, 256, 100)
    with bare.framework() as (port, process):
        figures["bare_framework"] = measured(port, process, key, 0, SINGLES, 1)
    return figures


def _served(home: Path, key: str) -> dict[str, Any]:
    with served(home) as (port, process):
        send(port=port, key=key, first=0, count=WARM // LIST, of=LIST, connections=2)
        first = WARM
        figures: dict[str, Any] = {"singles": measured(port, process, key, first, SINGLES, 1)}
        first += SINGLES
        rate = min(OPEN_RATE, figures["singles"]["payments_a_second"] / 2)
        count = int(rate * OPEN_SECONDS)
        figures["singles_open_loop"] = measured(port, process, key, first, count, 1, rate=rate, connections=256)
        first += count
        figures["lists"] = measured(port, process, key, first, LISTS, LIST, connections=4)
        figures["service_mb"] = resident_mb(process)
    return figures


def measured(port: int, process: Any, key: str, first: int, count: int, of: int, **more: float) -> dict[str, float]:
    """Send `count` requests of `of` payments each, and return rate, CPU of both sides, and latencies."""
    before = cpu_seconds(process)
    order = {"connections": CONNECTIONS, **more}
    sent = send(port=port, key=key, first=first, count=count, of=of, **order)
    assert not sent["refused"], f"{sent['refused']} requests were refused"
    payments = count * of
    return {
        "payments_a_second": payments / sent["seconds"],
        "service_cpu_us": 1e6 * (cpu_seconds(process) - before) / payments,
        "sender_cpu_us": 1e6 * sent["sender_cpu_seconds"] / payments,
        **{name: value for name, value in sent.items() if name.endswith("_ms")},
    }


def table(figures: dict[str, Any]) -> str:
    """Return the figures as tables in Markdown."""
    return "\n".join((*_throughput(figures), "", *_inside(figures), "", _rest(figures)))


def _throughput(figures: dict[str, Any]) -> Iterator[str]:
    yield f"| what | {' | '.join(_COLUMNS.values())} |"
    yield "|---" * (1 + len(_COLUMNS)) + "|"
    for name, title in _TITLES.items():
        yield f"| {title} | " + " | ".join(_number(figures[name][column]) for column in _COLUMNS) + " |"


def _inside(figures: dict[str, Any]) -> Iterator[str]:
    yield "| step inside the service, CPU µs a payment | one a request | lists of 100 |"
    yield "|---|---|---|"
    one, many = figures["inside_singles_us"], figures["inside_lists_us"]
    yield from (f"| {name} | {one[name]:.1f} | {many[name]:.1f} |" for name in one)


def _rest(figures: dict[str, Any]) -> str:
    return (
        f"Bare group commit: {figures['bare_commits_of_32']:,.0f} payments/s in groups of 32, "
        f"{figures['bare_commits_of_256']:,.0f} in groups of 256. The service holds {figures['service_mb']:.0f} MB."
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}"


_COLUMNS = {
    "payments_a_second": "payments/s",
    "service_cpu_us": "CPU of the service, µs",
    "sender_cpu_us": "of the sender, µs",
    "p50_ms": "p50, ms",
    "p99_ms": "p99, ms",
    "p99.9_ms": "p99.9, ms",
}
_TITLES = {
    "singles": "one payment a request, 32 connections",
    "singles_open_loop": f"the same at {OPEN_RATE:,} a second at most, open loop",
    "lists": "lists of 100",
    "bare_framework": "bare framework, one a request",
}
