"""Decisions that were made, by the id of their payment."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from headgate.decisions.record import Decision
from headgate.errors import NotFoundError, UnavailableError
from headgate.service.answers import EXAMPLE_DECISION, DecisionOut
from headgate.service.looks import accounts_of, look
from headgate.service.operations import Operation, json_answer
from headgate.service.parts import parts_of
from headgate.service.receipts import receipt_of
from headgate.stores.store import Store


def decision(request: Request) -> Response:
    """Answer with the decision on a payment."""
    store = parts_of(request).store
    found = decided(store, request.path_params["tx_id"])
    answer = DecisionOut.of(found, store)
    look(request, accounts_of(found, store.payment), answer.case_id or "")
    return json_answer(answer)


def receipt(request: Request) -> Response:
    """Answer with the proof that the decision on a payment is in the log."""
    parts = parts_of(request)
    found = decided(parts.store, request.path_params["tx_id"])
    return Response(receipt_of(found, parts.store, parts.publishing).written(), media_type="text/plain")


def decided(store: Store, tx_id: str) -> Decision:
    """Return the decision on a payment; NotFoundError with the ids near to it where there is none."""
    found = store.decision(tx_id)
    if found is None:
        near = ", ".join(store.similar_ids(tx_id, 3))
        raise NotFoundError(
            f"No payment with the id {tx_id!r} has been decided",
            where="tx_id",
            repair=f"Check the id; near to it are {near}." if near else "Send it to POST /v1/payments.",
        )
    return found


EXAMPLE_RECEIPT = """c2sp.org/tlog-proof@v1
extra eyJhY3Rpb24iOiJhbGxvdyIsImF0X3VzIjoxNzY0MDAwMDAwMDAwMDAwfQ==
index 1204
DRNsqBmBkbiQ4NPLrwjRqfIvg0tBBq3yW/I7uVAkbdI=

ledger.bank.example/2026
1206
vF1UZmbHcJ9ow4UVxNSiJr1lAYZ5nVVbYTFvZrwMDqU=

— ledger.bank.example/2026 9xKqnX8vcmUgYW5kIGZpdmU=
"""
OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/decisions/{tx_id:path}/receipt",
        name="readReceipt",
        summary="The proof that a decision is in the log",
        text="A receipt (C2SP tlog-proof): the entry about the decision, its number, the hashes up to the root, and "
        "the signed checkpoint. `headgate verify --receipt` and docs/verify.py check it without this service.",
        endpoint=receipt,
        gives={200: str},
        answer=EXAMPLE_RECEIPT,
        errors=(NotFoundError, UnavailableError),
        media_type="text/plain",
    ),
    Operation(
        method="GET",
        path="/v1/decisions/{tx_id:path}",
        name="readDecision",
        summary="The decision on a payment",
        text="The record as it was made, with reasons, evidence and versions. It never changes.",
        endpoint=decision,
        gives={200: DecisionOut},
        answer=EXAMPLE_DECISION,
        errors=(NotFoundError,),
    ),
)
