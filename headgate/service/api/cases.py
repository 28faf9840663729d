"""Cases, and what people do to them."""

from __future__ import annotations

from typing import Final, get_args

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from headgate.cases.case import ORDERS, STATES, Case, CaseOrder, CaseStateName
from headgate.errors import (
    ConflictError,
    FieldError,
    MalformedError,
    NotFoundError,
    UnavailableError,
    UnknownFieldError,
    nearest,
)
from headgate.limits import MAX_PAYMENTS_PER_REQUEST, PAGE_ROWS
from headgate.service.answers import EXAMPLE_CASE, EXAMPLE_ROW, CaseOut, CaseRow
from headgate.service.awaiting import waited_for
from headgate.service.commands.act import Act
from headgate.service.commands.person import case_action, new_action_id, one_line
from headgate.service.guard import Endpoint, caller_of
from headgate.service.looks import look
from headgate.service.operations import Operation, Query, json_answer
from headgate.service.parts import parts_of
from headgate.service.wire import CaseMove, ReasonIn


def cases(request: Request) -> Response:
    """Answer with a part of the list of cases."""
    parts, query = parts_of(request), request.query_params
    state, order = _choice(request, "state", STATES, ""), _choice(request, "order", ORDERS, "risk")
    found = parts.store.cases(
        msgspec.convert(state, CaseStateName) if state else None,
        msgspec.convert(order, CaseOrder),
        limit=_number(query.get("limit", str(PAGE_ROWS)), "limit", MAX_PAYMENTS_PER_REQUEST),
        offset=_number(query.get("offset", "0"), "offset", 2**53),
    )
    return json_answer([CaseRow.of(case, parts.reference_currency) for case in found])


def case(request: Request) -> Response:
    """Answer with one case."""
    found = case_of(request)
    look(request, (each.account for each in found.accounts), found.id)
    return json_answer(CaseOut.of(found, parts_of(request).reference_currency))


def case_of(request: Request) -> Case:
    """Return the case that an address names. Raises NotFoundError."""
    case_id = request.path_params["case_id"]
    found = parts_of(request).store.case(case_id)
    if found is None:
        raise NotFoundError(f"There is no case {case_id!r}", where="case_id", repair="GET /v1/cases lists them.")
    return found


def _mover(move: CaseMove) -> Endpoint:
    async def act(request: Request) -> Response:
        parts, case_id = parts_of(request), request.path_params["case_id"]
        given = parts.intake.reason(await request.body())
        action = case_action(
            given.action_id or new_action_id("api"), caller_of(request).name, move, case_id, one_line(given.reason)
        )
        found = await waited_for(parts.writer, Act(action))
        await run_in_threadpool(look, request, [each.account for each in found.accounts], found.id)
        return json_answer(CaseOut.of(found, parts.reference_currency))

    return act


def _choice(request: Request, name: str, known: tuple[str, ...], otherwise: str) -> str:
    value = request.query_params.get(name, otherwise)
    if value != otherwise and value not in known:
        raise FieldError(
            f"There is no {name} {value!r}",
            where=f"query {name}",
            repair=f"{nearest(value, known)}Use one of {', '.join(known)}.",
        )
    return value


def _number(text: str, name: str, most: int) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 17 else -1
    if not 0 <= number <= most:
        raise FieldError(f"The {name} is {text!r}", where=f"query {name}", repair=f"Use a number from 0 to {most}.")
    return number


_WORDS: Final[dict[CaseMove, tuple[str, str]]] = {
    "confirm": ("Confirm a case", "A person says that this is fraud or laundering."),
    "dismiss": ("Dismiss a case", "A person found an honest explanation."),
    "reopen": ("Open a case again", "A supervisor opens a confirmed or dismissed case again."),
}


def _move(move: CaseMove) -> Operation:
    summary, text = _WORDS[move]
    return Operation(
        method="POST",
        path=f"/v1/cases/{{case_id}}/{move}",
        name=f"{move}Case",
        summary=summary,
        text=f"{text} The reason and the name of the key stay in the history. The same `action_id` again with the "
        "same content returns the case and does nothing twice.",
        endpoint=_mover(move),
        takes=ReasonIn,
        example={"reason": "Payroll of a new company, confirmed by its contract."},
        gives={200: CaseOut},
        answer=EXAMPLE_CASE,
        errors=(MalformedError, FieldError, UnknownFieldError, NotFoundError, ConflictError, UnavailableError),
    )


def _query(name: str, sentence: str, schema: dict[str, object]) -> Query:
    return Query(name=name, sentence=sentence, schema=schema)


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/cases",
        name="listCases",
        summary="The cases, sorted",
        text="A list of cases, by default those with the highest rank of a payment first. Accounts are never ranked.",
        endpoint=cases,
        query=(
            _query("state", "Only cases in this state.", {"enum": list(STATES)}),
            _query("order", "What comes first.", {"enum": list(ORDERS), "default": "risk"}),
            _query("limit", "How many at most.", {"type": "integer", "minimum": 0, "default": PAGE_ROWS}),
            _query("offset", "How many to leave out.", {"type": "integer", "minimum": 0, "default": 0}),
        ),
        gives={200: list[CaseRow]},
        answer=[EXAMPLE_ROW],
        errors=(FieldError,),
    ),
    Operation(
        method="GET",
        path="/v1/cases/{case_id}",
        name="readCase",
        summary="One case",
        text="Its alerts, its accounts with the roles they play, and what people did.",
        endpoint=case,
        gives={200: CaseOut},
        answer=EXAMPLE_CASE,
        errors=(NotFoundError,),
    ),
    *(_move(move) for move in get_args(CaseMove)),
)
