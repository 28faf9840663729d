"""Payments that wait, how a payment stands, and what people do to one: release, confirm, stop, clear."""

from __future__ import annotations

from typing import Final, get_args

from starlette.requests import Request
from starlette.responses import Response

from headgate.errors import (
    ConflictError,
    FieldError,
    MalformedError,
    NotFoundError,
    UnavailableError,
    UnknownFieldError,
)
from headgate.service.api.decisions import decided
from headgate.service.awaiting import waited_for
from headgate.service.commands.handle import Handle
from headgate.service.commands.person import new_action_id, one_line, payment_action
from headgate.service.commands.waiting import ReadWaiting
from headgate.service.guard import Endpoint, caller_of
from headgate.service.operations import Operation, json_answer
from headgate.service.parts import parts_of
from headgate.service.standing import Standing, standing_of, standing_while
from headgate.service.wire import PaymentMove, ReasonIn


async def holds(request: Request) -> Response:
    """Answer with every payment that waits now."""
    found = await waited_for(parts_of(request).writer, ReadWaiting())
    return json_answer([standing_while(each) for each in found])


def standing(request: Request) -> Response:
    """Answer how a payment stands now."""
    store = parts_of(request).store
    return json_answer(standing_of(store, decided(store, request.path_params["tx_id"])))


def _mover(move: PaymentMove) -> Endpoint:
    async def act(request: Request) -> Response:
        parts, tx_id = parts_of(request), request.path_params["tx_id"]
        given = parts.intake.reason(await request.body())
        name = given.action_id or new_action_id("api")
        action = payment_action(name, caller_of(request).name, move, tx_id, one_line(given.reason))
        return json_answer(await waited_for(parts.writer, Handle(action)))

    return act


_WORDS: Final[dict[PaymentMove, tuple[str, str, str]]] = {
    "release": ("releasePayment", "Release a held payment", "A person found nothing against it."),
    "confirm-hold": ("confirmHold", "Confirm a hold", "A person shares the suspicion; it is released no more by time."),
    "stop": ("stopPayment", "Stop a payment", "A legal stop: it waits until a person clears it, however long."),
    "clear": ("clearPayment", "Clear a legal stop", "A supervisor found that nothing stands against the payment."),
}
_EXAMPLE: Final = Standing(
    tx_id="P-2025-000017",
    state="held",
    since_us=1_741_104_309_412_006,
    by="decision",
    due_us=1_741_190_709_412_006,
)


def _move(move: PaymentMove) -> Operation:
    name, summary, text = _WORDS[move]
    return Operation(
        method="POST",
        path=f"/v1/payments/{{tx_id:path}}/{move}",
        name=name,
        summary=summary,
        text=f"{text} The reason and the name of the key stay in the journal. The same `action_id` again with the same "
        "content does nothing twice.",
        endpoint=_mover(move),
        takes=ReasonIn,
        example={"reason": "The payer confirmed it on the phone."},
        gives={200: Standing},
        answer=Standing(tx_id="P-2025-000017", state="released", since_us=1_741_107_909_000_000, by="person"),
        errors=(MalformedError, FieldError, UnknownFieldError, NotFoundError, ConflictError, UnavailableError),
    )


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/holds",
        name="listHolds",
        summary="The payments that wait now",
        text="Held and stopped payments, in the order in which they began to wait. A hold releases itself at `due_us`; "
        "a legal stop waits for a person, and is escalated then.",
        endpoint=holds,
        gives={200: list[Standing]},
        answer=[_EXAMPLE],
        errors=(UnavailableError,),
    ),
    Operation(
        method="GET",
        path="/v1/payments/{tx_id:path}/standing",
        name="readStanding",
        summary="How a payment stands now",
        text="Whether it waits, and if it waited, why not any more. The decision itself never changes.",
        endpoint=standing,
        gives={200: Standing},
        answer=_EXAMPLE,
        errors=(NotFoundError,),
    ),
    *(_move(move) for move in get_args(PaymentMove)),
)
