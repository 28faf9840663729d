"""Figures of the service for Prometheus, by key."""

from __future__ import annotations

from collections import Counter

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from headgate.errors import UnavailableError
from headgate.service.awaiting import waited_for
from headgate.service.commands.sizes import ReadSizes
from headgate.service.metrics import CONTENT_TYPE
from headgate.service.operations import Operation
from headgate.service.parts import Parts, parts_of
from headgate.service.streams.driver import RUNNING


async def metrics(request: Request) -> Response:
    """Answer with every figure. What only the writer knows keeps its last value while it cannot answer."""
    parts = parts_of(request)
    figures = parts.metrics
    figures.writer(ready=parts.writer.ready, queued=parts.writer.queued, last_seq=parts.writer.last_seq)
    try:
        sizes = await waited_for(parts.writer, ReadSizes())
    except UnavailableError:
        pass
    else:
        figures.state(sizes.facts, sizes.waiting)
    for driver in parts.streams.drivers:
        running = driver.state == RUNNING
        figures.stream(driver.name, running=running, taken=driver.taken, refused=driver.refused, behind=driver.behind)
    figures.rules(wait=parts.taking is not None and bool(parts.taking.trouble))
    if parts.couriers:
        await run_in_threadpool(_webhooks, parts)
    inside = await run_in_threadpool(parts.figures_inside)
    return Response(figures.text() + inside, media_type=CONTENT_TYPE)


def _webhooks(parts: Parts) -> None:
    letters = Counter(each.subscriber for each in parts.store.dead_letters())
    for courier in parts.couriers:
        parts.metrics.webhook(
            courier.subscriber.name,
            attempts=courier.attempts,
            told=courier.told,
            behind_seconds=courier.behind_seconds,
            letters=letters[courier.subscriber.name],
        )


OPERATIONS = (
    Operation(
        method="GET",
        path="/metrics",
        name="readMetrics",
        summary="Figures for Prometheus",
        text="Requests, decisions, the queue, commits, snapshots, payments that wait, webhooks and streams, in the "
        "text format of Prometheus. No figure has a label of an account, a payment or a person.",
        endpoint=metrics,
        gives={200: str},
        answer='headgate_decisions_total{action="allow"} 120011.0\n',
        media_type="text/plain",
    ),
)
