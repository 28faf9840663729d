"""Whether the service lives, and whether it can decide; for load balancers and supervisors. Open to everybody."""

from __future__ import annotations

from typing import Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from headgate.errors import UnavailableError
from headgate.service.operations import Operation, json_answer
from headgate.service.parts import parts_of
from headgate.service.problems import fallback_of, problem_response


class Alive(msgspec.Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """The writer takes payments. `last_seq` is the place of the last entry of the journal.

    streams: of each broker that is configured `running`, or what is wrong with it; HTTP goes on without it.
    """

    status: Literal["ready"] = "ready"
    last_seq: int
    queued: int
    streams: dict[str, str] = {}


async def healthz(request: Request) -> Response:
    """Answer that the process lives."""
    return json_answer(Alive())


async def readyz(request: Request) -> Response:
    """Answer whether a payment would be decided now."""
    parts = parts_of(request)
    if not parts.writer.ready:
        error = UnavailableError(parts.writer.trouble, repair="Wait, or look into the log of the service.")
        return problem_response(error, fallback_of(parts.settings.server))
    return json_answer(
        Ready(last_seq=parts.writer.last_seq, queued=parts.writer.queued, streams=parts.streams.states())
    )


OPERATIONS = (
    Operation(
        method="GET",
        path="/healthz",
        name="health",
        summary="Whether the process lives",
        text="Answers as long as the process runs, even while nothing can be decided.",
        endpoint=healthz,
        gives={200: Alive},
        answer={"status": "alive"},
    ),
    Operation(
        method="GET",
        path="/readyz",
        name="readiness",
        summary="Whether payments are decided now",
        text="While the engine is rebuilt or the store is down the answer is 503 with the adopter's own fallback.",
        endpoint=readyz,
        gives={200: Ready},
        answer={"status": "ready", "last_seq": 120_034, "queued": 0, "streams": {"kafka": "running"}},
        errors=(UnavailableError,),
    ),
)
