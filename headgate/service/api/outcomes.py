"""What payments turned out to be; counted from the moment it is told."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from headgate.errors import (
    ConflictError,
    FieldError,
    LimitError,
    MalformedError,
    NotFoundError,
    UnavailableError,
    UnknownFieldError,
)
from headgate.service.answers import OutcomeOut
from headgate.service.awaiting import waited_for
from headgate.service.commands.learn import Learn
from headgate.service.guard import count_entries
from headgate.service.operations import Operation, one_or_list
from headgate.service.parts import parts_of
from headgate.service.wire import Outcomes


async def outcomes(request: Request) -> Response:
    """Take one outcome or a list; a list is taken whole or not at all."""
    parts = parts_of(request)
    single, found = parts.intake.outcomes(await request.body())
    count_entries(request, len(found))
    answers = await waited_for(parts.writer, Learn(found))
    return one_or_list(single, answers)


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/outcomes",
        name="reportOutcomes",
        summary="Report what a payment turned out to be",
        text="The payment must have been sent here before. The latest report wins where one supersedes another; a "
        "recall is not a fraud, and a chargeback is one. Facts see an outcome from now on and never before: `known_at` "
        "is kept for evaluation and changes no fact.",
        endpoint=outcomes,
        takes=Outcomes,
        example={
            "outcome_id": "O-2025-0003",
            "tx_id": "P-2025-000017",
            "outcome": "fraud",
            "source": "customer report",
        },
        gives={201: OutcomeOut, 200: OutcomeOut | list[OutcomeOut]},
        answer=OutcomeOut(outcome_id="O-2025-0003", tx_id="P-2025-000017", clock_us=1_741_190_709_000_000),
        errors=(
            MalformedError,
            FieldError,
            UnknownFieldError,
            NotFoundError,
            ConflictError,
            LimitError,
            UnavailableError,
        ),
    ),
)
