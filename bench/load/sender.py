"""The sender: a process of its own that sends prepared requests over open connections and keeps every latency.

    python -m bench.load.sender '{"port": 8321, "key": "…", "first": 0, "count": 1000, "of": 1, "connections": 32}'

Without `rate` each connection sends its next request when the answer is there (closed loop: how many go through).
With `rate` requests a second are due at fixed times, whatever the answers do, and a latency runs from the time at which
its request was due (open loop, so that a service that stops is not excused by a sender that waits for it).
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections import deque
from typing import Any

from bench.load.bodies import requests


class Connection(asyncio.Protocol):
    """One connection with at most one request under way."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._head = bytearray()
        self._left = -1
        self._good = False
        self._due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._run.free(self)

    def send(self, due: float, request: bytes) -> None:
        """Send a request that was due at a time."""
        self._due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Read the answer of the one request that is under way."""
        if self._left < 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._head[:end]).lower()
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            self._good = head[9:12] in (b"200", b"201")
            self._left = length - (len(self._head) - end - 4)
            self._head.clear()
        else:
            self._left -= len(data)
        if self._left == 0:
            self._left = -1
            self._run.answered(self, self._due, self._good)

    def connection_lost(self, error: Exception | None) -> None:
        """The service closed the connection."""
        self._run.lost(error)


class Run:
    """One run over all connections."""

    def __init__(self, waiting: deque[bytes], rate: float | None) -> None:
        self.latencies: list[float] = []
        self.refused = 0
        self._waiting = waiting
        self._count = len(waiting)
        self._rate = rate
        self._due: deque[float] = deque()
        self._free: deque[Connection] = deque()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.started = False

    def free(self, connection: Connection) -> None:
        """A connection can take the next request."""
        self._free.append(connection)
        if self.started:
            self._go()

    async def run(self) -> float:
        """Send everything; return the seconds that it took."""
        self.started = True
        start = time.perf_counter()
        if self._rate is None:
            self._due.extend([start] * self._count)
            self._go()
        else:
            await self._release(start, self._rate)
        await self.done
        return time.perf_counter() - start

    async def _release(self, start: float, rate: float) -> None:
        released = 0
        while released < self._count:
            due = min(self._count, int((time.perf_counter() - start) * rate) + 1)
            self._due.extend(start + number / rate for number in range(released, due))
            released = due
            self._go()
            await asyncio.sleep(0.0005)

    def _go(self) -> None:
        while self._due and self._free:
            due = self._due.popleft()
            self._free.popleft().send(due if self._rate else time.perf_counter(), self._waiting.popleft())

    def answered(self, connection: Connection, due: float, good: bool) -> None:
        """Keep a latency."""
        self.latencies.append(time.perf_counter() - due)
        self.refused += not good
        self.free(connection)
        if len(self.latencies) == self._count and not self.done.done():
            self.done.set_result(None)

    def lost(self, error: Exception | None) -> None:
        """End the run when the service is gone too early."""
        if not self.done.done() and len(self.latencies) < self._count:
            self.done.set_exception(error or ConnectionError("the service closed a connection"))


async def sent(order: dict[str, Any]) -> dict[str, float]:
    """Carry out an order; return figures."""
    waiting = deque(requests(order["key"], order["first"], order["count"], order["of"]))
    run = Run(waiting, order.get("rate"))
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: Connection(run), "127.0.0.1", order["port"])
        for _ in range(order["connections"])
    ]
    gc.collect()
    gc.disable()
    cpu = time.process_time()
    seconds = await run.run()
    cpu = time.process_time() - cpu
    for transport, _ in made:
        transport.abort()
    return {
        "requests": len(run.latencies),
        "refused": run.refused,
        "seconds": seconds,
        "sender_cpu_seconds": cpu,
        **_centiles(sorted(run.latencies)),
    }


def _centiles(ordered: list[float]) -> dict[str, float]:
    last = len(ordered) - 1
    shares = (50, 95, 99, 99.9, 100)
    return {f"p{share}_ms": 1000 * ordered[min(last, int(len(ordered) * share / 100))] for share in shares}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(sent(json.loads(sys.argv[1])))))
