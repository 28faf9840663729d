"""Payments through Kafka and NATS JetStream into a service and decisions out, against the broker's bare echo.

The service has all scenarios and a model, and is served as its users serve it. Both sides use the same
connector: what differs is the work between a poll and the publishing. The writer alone is measured as well.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec

from bench.brokers.kafka import KafkaServer
from bench.brokers.nats import NatsServer
from bench.brokers.served import write_section
from bench.load.home import cpu_seconds, make_home, ranks_by_model, served
from headgate.connectors.dataset import Dataset
from headgate.connectors.stream import Out
from headgate.drivers.home import Home
from headgate.service.opening import opened
from headgate.service.people import make_key
from headgate.service.streams.running import BROKERS
from headgate.settings.document import Settings
from headgate.settings.kafka import Kafka

PAYMENTS = 20_000
BATCH = Kafka().batch
KINDS = ("payments", "outcomes", "decisions", "announcements", "dead_letters")


def run(dataset: Dataset) -> dict[str, float | int | str]:
    """Return payments a second end to end, through the bare echo, and by the writer alone."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make_home(dataset, root)
        figures: dict[str, float | int | str] = {"writer_payments_per_second": _writer(root / "home", dataset)}
        for name, server in (("kafka", KafkaServer), ("nats", NatsServer)):
            (root / name).mkdir()
            started = server(root / name)
            started.process.start()
            try:
                figures |= _through(name, started, root / "home", dataset)
            finally:
                started.process.stop()
        assert ranks_by_model(root / "home"), "the model was taken out of force"
        return figures


def _through(name: str, server: Any, home: Path, dataset: Dataset) -> dict[str, float | int | str]:
    bare, whole = _settings(name, server, "bare"), _settings(name, server, "whole")
    bodies = _bodies(dataset, name)
    for _ in range(2):  # the first time warms the broker up
        server.feed(getattr(bare, name).payments, bodies)
        echoed = _echo(name, bare)
    server.feed(getattr(whole, name).payments, bodies)
    write_section(home, name, getattr(whole, name))
    decided, cpu = _decided(home, name)
    seen = len(server.seen(getattr(whole, name).decisions, PAYMENTS))
    assert seen == PAYMENTS, f"{seen} decisions"
    return {
        f"{name}_payments_per_second": decided,
        f"{name}_payments_per_cpu_second": cpu,
        f"{name}_echo_per_second": echoed,
        f"{name}_time_over_echo": echoed / decided,
    }


def _decided(home: Path, name: str) -> tuple[float, float]:
    """Payments a second and a CPU second, decided, published and settled, after the first batch."""
    key = _key(home, name)
    with served(home) as (port, process):
        taken = partial(_taken, f"http://127.0.0.1:{port}/metrics", key, name)
        first = _until(taken, 1)
        start, cpu = time.perf_counter(), cpu_seconds(process)
        done = _until(taken, PAYMENTS) - first
        return done / (time.perf_counter() - start), done / (cpu_seconds(process) - cpu)


def _key(home: Path, name: str) -> str:
    opened_home = Home(home)
    try:
        return make_key(opened_home.store, f"bench-{name}", "engineer", time.time_ns() // 1000)
    finally:
        opened_home.close()


def _taken(metrics: str, key: str, name: str) -> int:
    text = httpx.get(metrics, headers={"Authorization": f"Bearer {key}"}, trust_env=False).text
    found = re.search(rf'^headgate_stream_messages{{stream="{name}"}} (\S+)$', text, re.MULTILINE)
    return int(float(found[1])) if found else 0


def _until(taken: Callable[[], int], least: int) -> int:
    while (found := taken()) < least:
        time.sleep(0.02)
    return found


def _echo(name: str, settings: Settings) -> float:
    """Messages a second that come, with as long an answer as a decision going out, after the first batch."""
    stream = BROKERS[name](getattr(settings, name), print)
    start, first, came = 0.0, 0, 0
    while came < PAYMENTS:
        batch = stream.poll(1)
        stream.publish([Out("decisions", each.position, each.body * 3) for each in batch], batch)
        came += len(batch)
        if not first and came:
            start, first = time.perf_counter(), came
    seconds = time.perf_counter() - start
    stream.close()
    return (came - first) / seconds


def _writer(home: Path, dataset: Dataset) -> float:
    """Payments a second of the writer alone, in commands as large as a batch of a stream."""
    with opened(home, "127.0.0.1", lambda entries: None) as parts:
        payments = [parts.intake.payments(body)[1][0] for body in _bodies(dataset, "writer")]
        start = time.perf_counter()
        waiting = [parts.writer.decide(payments[at : at + BATCH]) for at in range(0, PAYMENTS, BATCH)]
        for each in waiting:
            each.result()
        return PAYMENTS / (time.perf_counter() - start)


def _settings(name: str, server: Any, side: str) -> Settings:
    topics = {kind: f"{side}.{kind}" for kind in KINDS}
    server.make(dict.fromkeys(topics.values(), 3))
    owner = {"group": side} if name == "kafka" else {"durable": side}
    return msgspec.convert({name: {"servers": server.servers, **owner, **topics}}, Settings)


def _bodies(dataset: Dataset, prefix: str) -> list[bytes]:
    """The last payments of a dataset as messages of today, under ids of their own."""
    rows = dataset.journal.filter(_is_payment(dataset)).slice(max(0, dataset.payments - PAYMENTS)).to_pylist()
    now = datetime.now(UTC).isoformat()
    return [
        msgspec.json.encode(
            {
                "tx_id": f"{prefix}-{number}",
                "ts": now,
                "payer": row["payer"],
                "payee": row["payee"],
                "amount": f"{row['amount_minor'] // 100}.{row['amount_minor'] % 100:02}",
                "currency": row["currency"],
                "rail": row["rail"] or "",
                "channel": row["channel"] or "",
            }
        )
        for number, row in enumerate(rows[number % len(rows)] for number in range(PAYMENTS))
    ]


def _is_payment(dataset: Dataset) -> Any:
    import pyarrow.compute as pc

    return pc.equal(dataset.journal.column("kind"), "payment")
