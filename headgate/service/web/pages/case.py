"""The page of one case: the path of the money, the alerts with their evidence, and the decision of a person."""

from __future__ import annotations

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from headgate.cases.case import Alert, Case
from headgate.cases.flow import timeline
from headgate.cases.report import text_of
from headgate.errors import ConflictError, FieldError, NotFoundError
from headgate.facts.values import Witness
from headgate.service.commands.act import Act
from headgate.service.commands.person import case_action, new_action_id, one_line
from headgate.service.drafts import draft
from headgate.service.guard import caller_of, field_of
from headgate.service.looks import accounts_of_alerts, look
from headgate.service.names import Asked, name_of
from headgate.service.parts import parts_of
from headgate.service.roles import allows
from headgate.service.standing import Standing, standing_of
from headgate.service.web.evidence import drawing_of, drawn, evidence_of
from headgate.service.web.graph import graph_of
from headgate.service.web.meter import Meter, meter_of
from headgate.service.wire import CaseMove
from headgate.stores.store import Announcements


class Move(msgspec.Struct, frozen=True):
    """A button: what it does, its words, and its look."""

    action: CaseMove
    words: str
    look: str


class AlertRow(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as the page shows it."""

    number: int
    alert: Alert
    meter: Meter
    evidence: list[tuple[Witness, str]]
    standing: Standing


_DECIDE: Final = (Move("confirm", "Confirm", "stop"), Move("dismiss", "Dismiss", ""))
_REOPEN: Final = (Move("reopen", "Open again", ""),)
_DECIDE_HINT: Final = (
    "Confirm: this is fraud or laundering; the payments count as such from now on. "
    "Dismiss: there is an honest explanation."
)
_MOVES: Final = ("confirm", "dismiss", "reopen")
_SAID: Final = {"confirmed": "You confirmed this case.", "dismissed": "You dismissed this case.", "open": "Open again."}


_NOTHING: Final = Asked("", "investigation", "")


def show(request: Request) -> Response:
    """Show a case."""
    return _page(request, _case(request))


def confirm(request: Request) -> Response:
    """Confirm the case of a form."""
    return _act(request, "confirm")


def dismiss(request: Request) -> Response:
    """Dismiss the case of a form."""
    return _act(request, "dismiss")


def reopen(request: Request) -> Response:
    """Open the case of a form again."""
    return _act(request, "reopen")


def reveal(request: Request) -> Response:
    """Show the case of a form with the name behind one of its accounts, after it was logged."""
    case, asked = _case(request), _asked(request)
    try:
        return _page(request, case, asked=asked, name=name_of(request, case, asked))
    except (FieldError, NotFoundError) as error:
        return _page(request, case, error.http_status, asked=asked, not_shown=error.paragraph())


def report(request: Request) -> Response:
    """Give out the draft of a report about a case as a text, after it was logged."""
    case = _case(request)
    name = f'attachment; filename="{case.id}-draft.txt"'
    return PlainTextResponse(text_of(draft(request, case)), headers={"Content-Disposition": name})


def _asked(request: Request) -> Asked:
    return Asked(field_of(request, "account"), field_of(request, "purpose"), one_line(field_of(request, "why")))


def _act(request: Request, move: CaseMove) -> Response:
    """Let the writer do it; then go to the case, or show it again with what is wrong and what was written."""
    parts, case_id = parts_of(request), request.path_params["case_id"]
    reason = one_line(field_of(request, "reason"))
    action_id = field_of(request, "action_id") or new_action_id("web")
    try:
        parts.writer.tell(Act(case_action(action_id, caller_of(request).name, move, case_id, reason))).result()
    except (ConflictError, FieldError) as error:
        return _page(request, _case(request), error.http_status, fault=error.paragraph(), reason=reason)
    return RedirectResponse(f"/cases/{case_id}?said={move}", 303)


def _page(
    request: Request,
    case: Case,
    status: int = 200,
    *,
    fault: str = "",
    reason: str = "",
    asked: Asked = _NOTHING,
    name: str = "",
    not_shown: str = "",
) -> Response:
    parts, role = parts_of(request), caller_of(request).role
    alerts = parts.store.alerts(alert.tx_id for alert in case.alerts)
    look(request, accounts_of_alerts(alerts), case.id)
    flow = drawing_of(alerts)
    moves = _moves(case, role)
    return parts.pages.show(
        request,
        "case.html",
        status,
        case=case,
        alerts=[_row(number, alert, parts.store) for number, alert in enumerate(_strongest_first(alerts), 1)],
        flow=flow,
        left_out=drawn(alerts) != alerts,
        graph=msgspec.json.encode(graph_of(flow, parts.reference_currency)).decode(),
        timeline=timeline(case, flow),
        moves=moves,
        moves_hint=_DECIDE_HINT if moves == _DECIDE else "",
        no_moves=_why_no_moves(case, role),
        said=_SAID.get(case.state, "") if request.query_params.get("said") in _MOVES else "",
        fault=fault,
        reason=reason,
        names=allows(role, "POST", "/cases/{case_id}/reveal"),
        purposes=parts.rules().charter.purposes,
        asked=asked,
        name=name,
        not_shown=not_shown,
        action_id=new_action_id("web"),
        clock_us=parts.store.last_clock_us(),
        reference_currency=parts.reference_currency,
    )


def _case(request: Request) -> Case:
    case_id = request.path_params["case_id"]
    found = parts_of(request).store.case(case_id)
    if found is None:
        raise NotFoundError(f"There is no case {case_id!r}", repair="The queue lists all of them.")
    return found


def _strongest_first(alerts: tuple[Alert, ...]) -> list[Alert]:
    return sorted(alerts, key=lambda alert: (-alert.decision.rank_score, alert.payment.seq))


def _row(number: int, alert: Alert, store: Announcements) -> AlertRow:
    return AlertRow(
        number=number,
        alert=alert,
        meter=meter_of(alert.decision),
        evidence=evidence_of(alert.decision),
        standing=standing_of(store, alert.decision),
    )


def _moves(case: Case, role: str) -> tuple[Move, ...]:
    """The buttons that the state of the case and the role of the person allow."""
    found = {"open": _DECIDE, "confirmed": _REOPEN, "dismissed": _REOPEN}.get(case.state, ())
    return tuple(move for move in found if allows(role, "POST", f"/cases/{{case_id}}/{move.action}"))


def _why_no_moves(case: Case, role: str) -> str:
    if case.state == "open":
        return f"The role {role} reads cases; an analyst or a supervisor decides them."
    return f"This case is {case.state}." + ("" if case.state == "merged" else " A supervisor can open it again.")


PAGES = (
    ("GET", "/cases/{case_id}", show),
    ("POST", "/cases/{case_id}/confirm", confirm),
    ("POST", "/cases/{case_id}/dismiss", dismiss),
    ("POST", "/cases/{case_id}/reopen", reopen),
    ("POST", "/cases/{case_id}/reveal", reveal),
    ("POST", "/cases/{case_id}/report", report),
)
