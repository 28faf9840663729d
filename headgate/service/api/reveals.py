"""Which name stands behind an account of a case: shown to a person, on record before."""

from __future__ import annotations

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from headgate.errors import FieldError, MalformedError, NotFoundError, UnavailableError, UnknownFieldError
from headgate.service.api.cases import case_of
from headgate.service.commands.person import one_line
from headgate.service.names import Asked, name_of
from headgate.service.operations import Operation, json_answer
from headgate.service.parts import parts_of
from headgate.service.wire import RevealIn


class NameOut(msgspec.Struct, frozen=True, kw_only=True):
    """The id behind a pseudonym, for whoever asked and for nobody else; keep it no longer than the purpose asks for."""

    case_id: str
    account: str
    id: str
    purpose: str


async def reveal(request: Request) -> Response:
    """Answer with the id behind a pseudonym, after it was logged."""
    given = parts_of(request).intake.reveal(await request.body())
    return json_answer(await run_in_threadpool(_revealed, request, given))


def _revealed(request: Request, given: RevealIn) -> NameOut:
    case = case_of(request)
    asked = Asked(given.account, given.purpose, one_line(given.reason))
    return NameOut(case_id=case.id, account=asked.account, id=name_of(request, case, asked), purpose=asked.purpose)


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/cases/{case_id}/reveal",
        name="revealName",
        summary="The name behind an account of a case",
        text="The id of an account, as payments came with it, for a purpose of the charter. Who asked, for what and in "
        "which case is in the log before the answer is given; the reason stays with the vault. Where it cannot be "
        "logged there is no answer.",
        endpoint=reveal,
        takes=RevealIn,
        example={
            "account": "A-K3J5Q2XZ",
            "purpose": "investigation",
            "reason": "The holder has to be called before the hold expires.",
        },
        gives={200: NameOut},
        answer=NameOut(case_id="C-000042", account="A-K3J5Q2XZ", id="DE-4711", purpose="investigation"),
        errors=(MalformedError, FieldError, UnknownFieldError, NotFoundError, UnavailableError),
    ),
)
