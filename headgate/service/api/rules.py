"""What decides now, for programs: by its hashes, and whether something else is asked for."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from headgate.service.operations import Operation, json_answer
from headgate.service.parts import parts_of


class PartOut(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the rules by the hash of its content."""

    kind: str
    subject: str
    content_hash: str


class RulesOut(msgspec.Struct, frozen=True, kw_only=True):
    """What decides. `waits`: why rules that were asked for do not decide (yet), in words; empty where they do."""

    in_force: str
    parts: tuple[PartOut, ...]
    waits: str


async def rules(request: Request) -> Response:
    """Answer with the rules in force."""
    parts = parts_of(request)
    decides = parts.rules()
    return json_answer(
        RulesOut(
            in_force=decides.content_hash,
            parts=tuple(
                PartOut(kind=kind, subject=subject, content_hash=content)
                for (kind, subject), content in decides.parts.items()
            ),
            waits="" if parts.taking is None else parts.taking.trouble,
        )
    )


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/rules",
        name="readRules",
        summary="What decides now",
        text="The hash of all rules in force, as the journal names them, and of each part. Rules are changed by the "
        "commands `headgate scenarios`, `headgate models` and `headgate rules`, while the service runs.",
        endpoint=rules,
        gives={200: RulesOut},
        answer=RulesOut(
            in_force="9b3f0c",
            parts=(PartOut(kind="policy", subject="policy", content_hash="77e1d2"),),
            waits="",
        ),
    ),
)
