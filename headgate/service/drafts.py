"""Drafts of reports from cases, logged before they are given out."""

from __future__ import annotations

from starlette.requests import Request

from headgate.cases.case import Case
from headgate.cases.report import ReportDraft, draft_of
from headgate.drivers.said import drafted
from headgate.service.guard import caller_of
from headgate.service.looks import look
from headgate.service.parts import parts_of


def draft(request: Request, case: Case) -> ReportDraft:
    """Return the draft of a report about a case, after it was logged who drafted it and that they saw its accounts.

    Raises UnavailableError where it cannot be logged.
    """
    parts, person = parts_of(request), caller_of(request).name
    alerts = parts.store.alerts(alert.tx_id for alert in case.alerts)
    made = draft_of(case, alerts, person, parts.reference_currency, parts.store.last_clock_us())
    shown = [account for edge in made.path for account in (edge.payer, edge.payee)]
    look(request, shown, case.id, also=[drafted(person, case.id, made.content())])
    return made
