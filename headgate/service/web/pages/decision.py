"""The page of one payment: what was decided, why, on which evidence, by which versions, and how to check it."""

from __future__ import annotations

import shlex
from typing import Final, get_args
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headgate.errors import ConflictError, FieldError, NotFoundError
from headgate.service.commands.handle import Handle
from headgate.service.commands.person import new_action_id, one_line, payment_action
from headgate.service.guard import Endpoint, caller_of, field_of
from headgate.service.looks import accounts_of, look
from headgate.service.parts import parts_of
from headgate.service.roles import allows
from headgate.service.standing import Standing, standing_of
from headgate.service.web.evidence import evidence_of
from headgate.service.web.meter import meter_of
from headgate.service.wire import PaymentMove


class Move(msgspec.Struct, frozen=True):
    """A button: what it does, its words, and its look."""

    action: PaymentMove
    words: str
    look: str


_RELEASE: Final = Move("release", "Release", "")
_CONFIRM: Final = Move("confirm-hold", "Confirm hold", "stop")
_STOP: Final = Move("stop", "Stop by law", "stop")
_CLEAR: Final = Move("clear", "Clear the stop", "")
_MOVES: Final[dict[str, tuple[Move, ...]]] = {"held": (_RELEASE, _CONFIRM, _STOP), "stopped": (_CLEAR,)}


def decision(request: Request) -> Response:
    """Show the decision on a payment, and how the payment stands now."""
    return _page(request)


def _mover(move: PaymentMove) -> Endpoint:
    def act(request: Request) -> Response:
        """Let the writer do it; then show the payment, or show it again with what is wrong and what was written."""
        parts, tx_id = parts_of(request), request.path_params["tx_id"]
        reason = one_line(field_of(request, "reason"))
        action_id = field_of(request, "action_id") or new_action_id("web")
        try:
            action = payment_action(action_id, caller_of(request).name, move, tx_id, reason)
            parts.writer.tell(Handle(action)).result()
        except (ConflictError, FieldError) as error:
            return _page(request, error.http_status, fault=error.paragraph(), reason=reason)
        return RedirectResponse(f"/decisions/{quote(tx_id)}", 303)

    return act


def _page(request: Request, status: int = 200, *, fault: str = "", reason: str = "") -> Response:
    parts, tx_id = parts_of(request), request.path_params["tx_id"]
    found = parts.store.decision(tx_id)
    if found is None:
        raise _undecided(tx_id, known=parts.store.payment(tx_id) is not None)
    case = parts.store.case_of(tx_id)
    look(request, accounts_of(found, parts.store.payment), case.id if case else "")
    standing = standing_of(parts.store, found)
    return parts.pages.show(
        request,
        "decision.html",
        status,
        standing=standing,
        moves=_moves(standing, caller_of(request).role),
        fault=fault,
        reason=reason,
        action_id=new_action_id("web"),
        decision=found,
        payment=parts.store.payment(tx_id),
        case=case,
        meter_row=meter_of(found),
        evidence=evidence_of(found),
        versions=[(name, getattr(found.versions, name)) for name in found.versions.__struct_fields__],
        command=f"headgate explain {shlex.quote(tx_id)} --home {shlex.quote(parts.home_name)}",
        reference_currency=parts.reference_currency,
    )


def _moves(standing: Standing, role: str) -> tuple[Move, ...]:
    """The buttons that the standing of the payment and the role of the person allow."""
    found = _MOVES.get(standing.state, (_STOP,))
    return tuple(move for move in found if allows(role, "POST", f"/decisions/{{tx_id:path}}/{move.action}"))


def _undecided(tx_id: str, *, known: bool) -> NotFoundError:
    if known:
        return NotFoundError(
            f"Nothing was decided about payment {tx_id!r}",
            repair="It belongs to the history that was learnt from before the first decision.",
        )
    return NotFoundError(
        f"No payment with the id {tx_id!r} has been decided here",
        repair="Search by payment id on the page of cases; it names the ids that are near.",
    )


PAGES = (
    ("GET", "/decisions/{tx_id:path}", decision),
    *(("POST", f"/decisions/{{tx_id:path}}/{move}", _mover(move)) for move in get_args(PaymentMove)),
)
