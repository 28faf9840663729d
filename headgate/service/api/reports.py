"""Drafts of reports to the authority."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from headgate.cases.case import CaseAction
from headgate.cases.flow import FlowEdge, FlowNode
from headgate.cases.report import DraftedPayment, ReportDraft
from headgate.errors import NotFoundError, UnavailableError
from headgate.service.answers import EXAMPLE_DECISION
from headgate.service.api.cases import case_of
from headgate.service.drafts import draft
from headgate.service.operations import Operation, json_answer


def report(request: Request) -> Response:
    """Answer with the draft of a report about a case."""
    return json_answer(draft(request, case_of(request)))


_EXAMPLE: Final = ReportDraft(
    case_id="C-000042",
    state="confirmed",
    drafted_by="case-tool",
    as_of_us=1_741_107_909_412_006,
    opened_us=1_741_104_309_412_006,
    reference_currency="EUR",
    value_minor=125_000,
    typologies=("Money passes through",),
    payments=(
        DraftedPayment(
            tx_id="P-2025-000017",
            clock_us=1_741_104_309_412_006,
            payer="A-K3J5Q2XZ",
            payee="A-PX4V22LN",
            amount_minor=125_000,
            currency="EUR",
            reference_minor=125_000,
            action="review",
            reasons=(EXAMPLE_DECISION.fired[0].reason,),
        ),
    ),
    path=(
        FlowEdge(
            tx_id="P-2025-000017",
            seq=120_034,
            clock_us=1_741_104_309_412_006,
            payer="A-K3J5Q2XZ",
            payee="A-PX4V22LN",
            reference_minor=125_000,
            kind="alert",
            action="review",
        ),
    ),
    accounts=(
        FlowNode(account="A-K3J5Q2XZ", out_minor=125_000, out_payments=1),
        FlowNode(account="A-PX4V22LN", in_minor=125_000, in_payments=1),
    ),
    truncated=False,
    history=(
        CaseAction(
            action_id="a-1",
            clock_us=1_741_107_909_000_000,
            actor="ana",
            action="confirm",
            reason="Payer was deceived; two banks agree.",
        ),
    ),
    versions=({"engine": "0.1.0", "scenarios": "9b3f0c", "policy": "04be11", "charter": "c0ffee"},),
)

OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/cases/{case_id}/report",
        name="draftReport",
        summary="Draft a report about a case",
        text="What is known about the case, in order, and what a person has to add: names, the assessment, the form "
        "of the authority. Nothing is sent to anybody. That it was drafted, by whom, and a commitment to it are in the "
        "log before the answer is given.",
        endpoint=report,
        gives={200: ReportDraft},
        answer=_EXAMPLE,
        errors=(NotFoundError, UnavailableError),
    ),
)
