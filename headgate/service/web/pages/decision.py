"""The page of one payment: what was decided, why, on which evidence, by which versions, and how to check it."""

from __future__ import annotations

import shlex

from starlette.requests import Request
from starlette.responses import Response

from headgate.errors import NotFoundError
from headgate.service.parts import parts_of
from headgate.service.web.evidence import evidence_of
from headgate.service.web.meter import meter_of


def decision(request: Request) -> Response:
    """Show the decision on a payment."""
    parts, tx_id = parts_of(request), request.path_params["tx_id"]
    found = parts.store.decision(tx_id)
    if found is None:
        raise _undecided(tx_id, known=parts.payment(tx_id) is not None)
    return parts.pages.show(
        request,
        "decision.html",
        decision=found,
        payment=parts.payment(tx_id),
        case=parts.store.case_of(tx_id),
        meter_row=meter_of(found),
        evidence=evidence_of(found),
        versions=[(name, getattr(found.versions, name)) for name in found.versions.__struct_fields__],
        command=f"headgate explain {shlex.quote(tx_id)} --home {shlex.quote(parts.home_name)}",
        reference_currency=parts.reference_currency,
    )


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


PAGES = (("GET", "/decisions/{tx_id:path}", decision),)
