"""What subscribers of webhooks did not take; for operators and auditors."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from headgate.cases.announcement import Announcement, AnnouncementKind, DeadLetter
from headgate.service.operations import Operation, json_answer
from headgate.service.parts import parts_of


class DeadLetterOut(msgspec.Struct, frozen=True, kw_only=True):
    """An announcement that a subscriber did not take after `attempts`; it is kept until a person acts."""

    subscriber: str
    announcement_id: str
    kind: AnnouncementKind
    subject: str
    attempts: int
    last_error: str
    clock_us: int

    @classmethod
    def of(cls, letter: DeadLetter) -> DeadLetterOut:
        """Return the answer for a letter."""
        told = letter.announcement
        return cls(
            subscriber=letter.subscriber,
            announcement_id=told.id,
            kind=told.kind,
            subject=told.subject,
            attempts=letter.attempts,
            last_error=letter.last_error,
            clock_us=letter.clock_us,
        )


def dead_letters(request: Request) -> Response:
    """Answer with every dead letter."""
    return json_answer([DeadLetterOut.of(each) for each in parts_of(request).store.dead_letters()])


_EXAMPLE = DeadLetterOut.of(
    DeadLetter(
        subscriber="core-banking",
        announcement=Announcement(
            seq=120_034, place=0, clock_us=1_741_104_309_412_006, kind="payment.released", subject="P-2025-000017"
        ),
        attempts=12,
        last_error="it answered 500",
        clock_us=1_741_105_712_000_000,
    )
)

OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/webhooks/dead-letters",
        name="listDeadLetters",
        summary="What subscribers of webhooks did not take",
        text="In order, for each subscriber. `headgate webhooks retry` sends one again, `headgate webhooks drop` takes "
        "it off the list.",
        endpoint=dead_letters,
        gives={200: list[DeadLetterOut]},
        answer=[_EXAMPLE],
    ),
)
