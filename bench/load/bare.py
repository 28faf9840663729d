"""What the machine allows: the HTTP framework with nothing behind it, and the group commit with nothing before it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headgate.decisions.record import Decision
from headgate.journal.entries import Payment
from headgate.stores.sqlite import SqliteStore
from headgate.stores.store import Batch

_ANSWER = b'{"action":"allow"}' + b" " * 600  # about as long as a decision


async def _answer(request: Request) -> Response:
    await request.body()
    return Response(_ANSWER, 201, media_type="application/json")


@contextmanager
def framework() -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Yield the port and process of a server that reads a body and answers at once."""
    with subprocess.Popen([sys.executable, "-m", "bench.load.bare"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), process
        finally:
            process.terminate()
            process.wait(timeout=20)


def commits(folder: Path, group: int, groups: int) -> float:
    """Return the payments a second of a store that commits groups of payments and decisions, and nothing else."""
    store = SqliteStore(folder / f"bare-{group}.db")
    made = [batch_of(first, group) for first in range(0, group * groups, group)]
    start = time.perf_counter()
    for batch in made:
        store.commit(batch)
    seconds = time.perf_counter() - start
    store.close()
    return group * groups / seconds


def batch_of(first: int, group: int) -> Batch:
    """Return a group of payments and decisions with seq from `first` on."""
    return Batch(
        entries=[msgspec.structs.replace(_PAYMENT, seq=seq, tx_id=f"B-{seq}") for seq in range(first, first + group)],
        decisions=[
            msgspec.structs.replace(_DECISION, seq=seq, tx_id=f"B-{seq}") for seq in range(first, first + group)
        ],
    )


_PAYMENT = Payment(
    seq=0, clock_us=1, tx_id="", ts_us=1, payer="A-K3J5Q2XZ", payee="A-7QK2M4ZD", amount_minor=125_000, currency="EUR",
    rail="transfer", channel="app",
)  # fmt: skip
_DECISION = Decision(
    tx_id="", seq=0, clock_us=1, action="allow", alert=False, score=-3.2, probability=0.01, rank_score=-3.2,
    threshold=1.8, facts_digest="0" * 64,
)  # fmt: skip


def _serve() -> None:
    app = Starlette(routes=[Route("/v1/payments", _answer, methods=["POST"])])
    config = uvicorn.Config(app, port=0, access_log=False, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    print(listening.getsockname()[1], flush=True)
    server.run(sockets=[listening])


if __name__ == "__main__":
    _serve()
