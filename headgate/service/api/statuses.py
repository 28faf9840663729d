"""What became of payments after they were sent here: declined, cancelled, returned, reversed."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from headgate.errors import (
    ConflictError,
    FieldError,
    LimitError,
    MalformedError,
    NotFoundError,
    RefusedFieldError,
    UnavailableError,
    UnknownFieldError,
)
from headgate.journal.entries import LaterStatus, PaymentStatusChange
from headgate.service.commands.once import Told
from headgate.service.commands.statuses import Statuses
from headgate.service.operations import Operation
from headgate.service.parts import parts_of
from headgate.service.telling import told
from headgate.service.wire import Statuses as StatusesIn


class StatusOut(msgspec.Struct, frozen=True, kw_only=True):
    """A status that counts from `clock_us` on; `repeated` when it was told before."""

    tx_id: str
    new_status: LaterStatus
    clock_us: int
    repeated: bool = False

    @classmethod
    def of(cls, told: Told) -> StatusOut:
        """Return the answer for an entry."""
        entry = told.entry
        assert isinstance(entry, PaymentStatusChange)
        return cls(tx_id=entry.tx_id, new_status=entry.new_status, clock_us=entry.clock_us, repeated=told.repeated)


async def statuses(request: Request) -> Response:
    """Take one status or a list; a list is taken whole or not at all."""
    return await told(request, parts_of(request).intake.statuses, Statuses, StatusOut.of)


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/statuses",
        name="reportStatuses",
        summary="Tell what became of a payment",
        text="The payment must have been sent here before. A status of a payment is told once: again with the same "
        "reason it is answered with the first answer, with another reason it is a conflict. Returned, cancelled and "
        "reversed payments alter the flow of money from now on; a payment that is cancelled waits no longer.",
        endpoint=statuses,
        takes=StatusesIn,
        example={"tx_id": "P-2025-000017", "new_status": "returned", "reason": "AC04"},
        gives={201: StatusOut, 200: StatusOut | list[StatusOut]},
        answer=StatusOut(tx_id="P-2025-000017", new_status="returned", clock_us=1_741_190_709_000_000),
        errors=(
            MalformedError,
            FieldError,
            UnknownFieldError,
            RefusedFieldError,
            NotFoundError,
            ConflictError,
            LimitError,
            UnavailableError,
        ),
    ),
)
