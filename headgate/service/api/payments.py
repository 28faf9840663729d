"""Payments come in before they settle; decisions come out."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from headgate.decisions.record import Decision
from headgate.errors import (
    ConflictError,
    FarFutureError,
    FieldError,
    LimitError,
    MalformedError,
    RefusedFieldError,
    UnavailableError,
    UnknownFieldError,
)
from headgate.service.answers import EXAMPLE_DECISION, DecisionOut
from headgate.service.awaiting import waited_for
from headgate.service.commands.decide import Decide
from headgate.service.guard import count_entries
from headgate.service.operations import Operation, json_answer
from headgate.service.parts import parts_of
from headgate.service.wire import Payments
from headgate.stores.store import Store


async def payments(request: Request) -> Response:
    """Decide one payment or a list; a list is decided whole or not at all."""
    parts = parts_of(request)
    single, found = parts.intake.payments(await request.body())
    count_entries(request, len(found))
    answers = await waited_for(parts.writer, Decide(found))
    out = await _told([answer.decision for answer in answers], parts.store)
    if not single:
        return json_answer(out)
    return json_answer(out[0], 200 if answers[0].repeated else 201)


async def _told(decisions: list[Decision], store: Store) -> list[DecisionOut]:
    """What the caller is told. Only an alert has a case, and only a look for it waits for the store."""
    if any(decision.alert for decision in decisions):
        return await run_in_threadpool(lambda: [DecisionOut.of(decision, store) for decision in decisions])
    return [DecisionOut.of(decision, store) for decision in decisions]


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/payments",
        name="decidePayments",
        summary="Decide a payment, or a list of them",
        text="Answers with the decision after it is on disk: 201 for a new payment, 200 for one that was decided "
        "before with the same content, 409 for other content under the same id. A list is decided in its order, "
        "whole or not at all, and answered with 200 and a list. 503 means that nothing was decided; `fallback` says "
        "what the adopter wants done then.",
        endpoint=payments,
        takes=Payments,
        example={
            "tx_id": "P-2025-000017",
            "ts": "2025-03-04T16:05:09Z",
            "payer": "DE-4711",
            "payee": "DE-0815",
            "amount": "1250.00",
            "currency": "EUR",
            "rail": "instant",
            "channel": "app",
        },
        gives={201: DecisionOut, 200: DecisionOut | list[DecisionOut]},
        answer=EXAMPLE_DECISION,
        errors=(
            MalformedError,
            FieldError,
            UnknownFieldError,
            RefusedFieldError,
            FarFutureError,
            ConflictError,
            LimitError,
            UnavailableError,
        ),
    ),
)
