"""A NATS server with JetStream, from Debian's package."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import nats
from nats.errors import TimeoutError as NatsTimeout
from nats.js.api import DeliverPolicy, StreamConfig

from bench.brokers.process import Server, free_ports

T = TypeVar("T")
Seen = list[tuple[str, bytes, dict[str, str]]]


def _done(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in a thread of its own: a browser test may have left a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


class NatsServer:
    """One server with its data in a folder. `servers` is its address."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin")
        assert program, "no nats-server: run sh tests/outside/install.sh"
        (port,) = free_ports(1)
        self.servers = f"nats://127.0.0.1:{port}"
        command = [program, "-js", "-a", "127.0.0.1", "-p", str(port), "-sd", str(folder / "data")]
        self.process = Server(command, folder / "log", lambda: _done(self._there()))

    def make(self, subjects: Sequence[str]) -> None:
        """Make one stream for each subject."""
        _done(self._make(subjects))

    def feed(self, subject: str, bodies: Sequence[bytes]) -> None:
        """Send messages in their order."""
        _done(self._feed(subject, bodies))

    def seen(self, subject: str, count: int, seconds: float = 60) -> Seen:
        """Return id, body and headers of everything in the stream of a subject: at least `count`, then all."""
        return _done(self._seen(subject, count, seconds))

    async def _there(self) -> bool:
        client = await nats.connect(self.servers, allow_reconnect=False)
        await client.jetstream().account_info()
        await client.close()
        return True

    async def _make(self, subjects: Sequence[str]) -> None:
        client = await nats.connect(self.servers)
        for subject in subjects:
            await client.jetstream().add_stream(StreamConfig(name=subject.replace(".", "-"), subjects=[subject]))
        await client.close()

    async def _feed(self, subject: str, bodies: Sequence[bytes]) -> None:
        client = await nats.connect(self.servers)
        context = client.jetstream()
        for start in range(0, len(bodies), 1000):
            await asyncio.gather(*(context.publish(subject, body, timeout=30) for body in bodies[start : start + 1000]))
        await client.close()

    async def _seen(self, subject: str, count: int, seconds: float) -> Seen:
        client = await nats.connect(self.servers)
        reader = await client.jetstream().subscribe(subject, ordered_consumer=True, deliver_policy=DeliverPolicy.ALL)
        found: Seen = []
        until = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < until:
            try:
                msg = await reader.next_msg(0.5)
            except NatsTimeout:
                if len(found) >= count:
                    break
                continue
            headers = dict(msg.headers or {})
            found.append((headers.pop("Nats-Msg-Id", ""), msg.data, headers))
        await client.close()
        return found
