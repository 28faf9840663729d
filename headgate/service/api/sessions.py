"""What happened in banking sessions: logins, payees added, devices and limits changed, consented signals."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from headgate.errors import (
    ConflictError,
    FieldError,
    LimitError,
    MalformedError,
    RefusedFieldError,
    UnavailableError,
    UnknownFieldError,
)
from headgate.journal.entries import Session, SessionEvent
from headgate.service.commands.once import Told
from headgate.service.commands.sessions import Sessions
from headgate.service.operations import Operation
from headgate.service.parts import parts_of
from headgate.service.telling import told
from headgate.service.wire import Sessions as SessionsIn


class SessionOut(msgspec.Struct, frozen=True, kw_only=True):
    """An event that counts from `clock_us` on; `repeated` when it was told before."""

    session_id: str
    event: SessionEvent
    event_id: str | None
    clock_us: int
    repeated: bool = False

    @classmethod
    def of(cls, told: Told) -> SessionOut:
        """Return the answer for an entry."""
        entry = told.entry
        assert isinstance(entry, Session)
        return cls(
            session_id=entry.session_id,
            event=entry.event,
            event_id=entry.event_id,
            clock_us=entry.clock_us,
            repeated=told.repeated,
        )


async def sessions(request: Request) -> Response:
    """Take one event or a list; a list is taken whole or not at all."""
    return await told(request, parts_of(request).intake.sessions, Sessions, SessionOut.of)


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/sessions",
        name="reportSessions",
        summary="Tell what happened in a session",
        text="An event is the same as one before when its session, kind, signal and `event_id` are: it counts once, "
        "and for another account it is a conflict. So give events ids of their own where a session may have two of a "
        "kind. Nothing but these kinds may enter; a signal whose name the charter refuses is refused.",
        endpoint=sessions,
        takes=SessionsIn,
        example={
            "session_id": "S-2025-000201",
            "account": "DE-4711",
            "event": "payee_added",
            "event_id": "S-2025-000201/7",
        },
        gives={201: SessionOut, 200: SessionOut | list[SessionOut]},
        answer=SessionOut(
            session_id="S-2025-000201", event="payee_added", event_id="S-2025-000201/7", clock_us=1_741_104_300_000_000
        ),
        errors=(
            MalformedError,
            FieldError,
            UnknownFieldError,
            RefusedFieldError,
            ConflictError,
            LimitError,
            UnavailableError,
        ),
    ),
)
