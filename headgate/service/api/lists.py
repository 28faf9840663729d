"""Lists of accounts that mean a legal stop, a hold or no alert: who stands there, and how people change them."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from headgate.errors import (
    ConflictError,
    FieldError,
    ForbiddenError,
    MalformedError,
    NotFoundError,
    UnavailableError,
    UnknownFieldError,
)
from headgate.journal.entries import ListChange, ListEntry
from headgate.service.awaiting import waited_for
from headgate.service.commands.lists import ApproveChange, Changed, ChangeList, ReadLists
from headgate.service.commands.person import one_line
from headgate.service.entering import micros
from headgate.service.guard import caller_of
from headgate.service.operations import Operation, json_answer
from headgate.service.parts import parts_of
from headgate.service.wire import ListChangeIn, ReasonIn


class ListedOut(msgspec.Struct, frozen=True, kw_only=True):
    """An account that stands on a list, by its pseudonym."""

    list: str
    account: str
    expires_us: int | None = None


class ListChangeOut(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a list. `effective`: it decides payments from now on; else it waits for another person."""

    change_id: str
    list: str
    change: ListChange
    account: str
    expires_us: int | None
    by: str
    approved_by: str
    effective: bool


async def listed(request: Request) -> Response:
    """Answer with every account on every list."""
    found = await waited_for(parts_of(request).writer, ReadLists())
    return json_answer([ListedOut(list=name, account=account, expires_us=until) for name, account, until in found])


async def change(request: Request) -> Response:
    """Take a change, in the name of the key."""
    parts = parts_of(request)
    given = parts.intake.list_change(await request.body())
    entry = ListEntry(
        seq=0,
        clock_us=0,
        list_name=given.list,
        change=given.change,
        account=given.account,
        reason=one_line(given.reason),
        expires_us=None if given.expires_at is None else micros(given.expires_at),
        actor=caller_of(request).name,
    )
    return json_answer(_out(await waited_for(parts.writer, ChangeList(given.change_id, entry))))


async def approve(request: Request) -> Response:
    """Let a change take effect that another person asked for."""
    parts = parts_of(request)
    given = parts.intake.reason(await request.body())
    command = ApproveChange(request.path_params["change_id"], caller_of(request).name, one_line(given.reason))
    return json_answer(_out(await waited_for(parts.writer, command)))


def _out(changed: Changed) -> ListChangeOut:
    wish = changed.wish
    return ListChangeOut(
        change_id=changed.asked.action_id,
        list=wish.list_name,
        change=wish.change,
        account=wish.account,
        expires_us=wish.expires_us,
        by=changed.asked.actor,
        approved_by=changed.approved_by,
        effective=changed.effective,
    )


_EXAMPLE = ListChangeOut(
    change_id="L-2025-0007",
    list="deny",
    change="add",
    account="A-7QK2M4ZD",
    expires_us=None,
    by="ana",
    approved_by="",
    effective=False,
)
_ERRORS = (MalformedError, FieldError, UnknownFieldError, NotFoundError, ConflictError, UnavailableError)
OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/lists",
        name="readLists",
        summary="The accounts on lists",
        text="By pseudonym, without entries that have expired. What a list means is in the policy.",
        endpoint=listed,
        gives={200: list[ListedOut]},
        answer=[ListedOut(list="deny", account="A-7QK2M4ZD")],
        errors=(UnavailableError,),
    ),
    Operation(
        method="POST",
        path="/v1/lists",
        name="changeList",
        summary="Put an account on a list, or take it off",
        text="In the name of the key, from the next payment on. An entry on a deny list has no effect until another "
        "supervisor approves it. The same `change_id` again with the same content does nothing twice.",
        endpoint=change,
        takes=ListChangeIn,
        example={
            "change_id": "L-2025-0007",
            "list": "deny",
            "change": "add",
            "account": "DE-4711",
            "reason": "Mule account, confirmed by its bank.",
        },
        gives={200: ListChangeOut},
        answer=_EXAMPLE,
        errors=_ERRORS,
    ),
    Operation(
        method="POST",
        path="/v1/lists/{change_id:path}/approve",
        name="approveListChange",
        summary="Approve what another person asked for",
        text="The second pair of eyes: the name of the key has to be another than of who asked.",
        endpoint=approve,
        takes=ReasonIn,
        example={"reason": "Seen the letter of the bank."},
        gives={200: ListChangeOut},
        answer=msgspec.structs.replace(_EXAMPLE, approved_by="ben", effective=True),
        errors=(*_ERRORS, ForbiddenError),
    ),
)
