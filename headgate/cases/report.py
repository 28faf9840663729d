"""The draft of a report to the authority from a case: what is known, in order, and what a person has to add.

Values in, a draft out, as fields or as plain text. It says what payments did and never what somebody is. It is not
sent anywhere, and accounts stand under pseudonyms: whoever files it adds names, by a reveal, and the assessment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from headgate.cases.case import Alert, Case, CaseAction, CaseStateName
from headgate.cases.flow import FlowEdge, FlowNode, flow_of
from headgate.limits import US_PER_SECOND
from headgate.models.reasons import money

LACKS: Final = (
    "Names: accounts stand under pseudonyms; have the names of those that are reported shown in the case, on record.",
    "The assessment: why this is a suspicion in the words of the person who files it.",
    "The form: the authority's own, such as goAML, with its codes.",
)


class DraftedPayment(msgspec.Struct, frozen=True, kw_only=True):
    """An alerted payment with the sentences that say why; `reference_minor` is in the reference currency."""

    tx_id: str
    clock_us: int
    payer: str
    payee: str
    amount_minor: int
    currency: str
    reference_minor: int
    action: str
    reasons: tuple[str, ...]


class ReportDraft(msgspec.Struct, frozen=True, kw_only=True):
    """The draft of a report about one case, as it stood at `as_of_us` (the clock of the journal, microseconds UTC).

    path: the alerted payments and the evidence behind them; `truncated` where there are more than can be drawn.
    versions: the content hash of what decided, by name. lacks: what a person has to add.
    """

    case_id: str
    state: CaseStateName
    drafted_by: str
    as_of_us: int
    opened_us: int
    reference_currency: str
    value_minor: int
    typologies: tuple[str, ...]
    payments: tuple[DraftedPayment, ...]
    path: tuple[FlowEdge, ...]
    accounts: tuple[FlowNode, ...]
    truncated: bool
    history: tuple[CaseAction, ...]
    versions: tuple[dict[str, str], ...]
    lacks: tuple[str, ...] = LACKS

    def content(self) -> bytes:
        """Return the draft as JSON with sorted names: what is committed to in the ledger."""
        return msgspec.json.encode(self, order="sorted")


def draft_of(case: Case, alerts: Iterable[Alert], person: str, reference_currency: str, as_of_us: int) -> ReportDraft:
    """Return the draft of a report about a case with these alerts."""
    alerts = tuple(alerts)
    flow = flow_of(alerts)
    versions = {
        msgspec.json.encode(alert.decision.versions, order="sorted"): msgspec.to_builtins(alert.decision.versions)
        for alert in alerts
    }
    return ReportDraft(
        case_id=case.id,
        state=case.state,
        drafted_by=person,
        as_of_us=as_of_us,
        opened_us=case.opened_us,
        reference_currency=reference_currency,
        value_minor=case.value_minor,
        typologies=case.typologies,
        payments=tuple(map(_payment, alerts)),
        path=flow.edges,
        accounts=flow.nodes,
        truncated=flow.truncated,
        history=case.history,
        versions=tuple({name: content for name, content in each.items() if content} for each in versions.values()),
    )


def text_of(draft: ReportDraft) -> str:
    """Return a draft as plain text."""
    return "\n".join(_lines(draft)) + "\n"


def _payment(alert: Alert) -> DraftedPayment:
    payment, decision = alert.payment, alert.decision
    return DraftedPayment(
        tx_id=payment.tx_id,
        clock_us=payment.clock_us,
        payer=payment.payer,
        payee=payment.payee,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        reference_minor=alert.reference_minor,
        action=decision.action,
        reasons=(*(fired.reason for fired in decision.fired), *decision.reasons),
    )


def _lines(draft: ReportDraft) -> Iterator[str]:
    currency = draft.reference_currency
    yield f"DRAFT of a report about case {draft.case_id}. Nothing was sent to anybody."
    yield f"Drafted by {draft.drafted_by}; the case as it stood at {_time(draft.as_of_us)}. Times are UTC."
    yield f"The case is {draft.state}. It was opened at {_time(draft.opened_us)}."
    yield f"{len(draft.payments)} alerted payments, {money(draft.value_minor, currency)} at stake."
    yield from _part("1. What it looks like", draft.typologies or ("No scenario fired.",))
    yield from _part("2. Payments", (line for each in draft.payments for line in _payment_lines(each)))
    yield from _part("3. Path of the money", (_edge_line(each, currency) for each in draft.path))
    if draft.truncated:
        yield "There are more payments than are listed: alerts stay before evidence, the newest before older ones."
    yield from _part("4. Accounts, within this case", (_node_line(each, currency) for each in draft.accounts))
    done = [f"{_time(each.clock_us)}  {each.actor} {each.action}: {each.reason}" for each in draft.history]
    yield from _part("5. What people did", done or ("Nobody has decided about the case yet.",))
    yield from _part("6. What decided", (_versions_line(each) for each in draft.versions))
    yield from _part("7. What a person has to add", draft.lacks)


def _part(title: str, lines: Iterable[str]) -> Sequence[str]:
    return ("", title, *(f"  {line}" for line in lines))


def _payment_lines(payment: DraftedPayment) -> Iterator[str]:
    amount = money(payment.amount_minor, payment.currency)
    who = f"{payment.payer} pays {payment.payee} {amount}"
    yield f"{_time(payment.clock_us)}  {payment.tx_id}: {who}; decided: {payment.action}"
    yield from (f"  - {reason}" for reason in payment.reasons)


def _edge_line(edge: FlowEdge, currency: str) -> str:
    part = "alert" if edge.kind == "alert" else "evidence"
    amount = money(edge.reference_minor, currency)
    return f"{_time(edge.clock_us)}  {edge.payer} -> {edge.payee}  {amount}  {edge.tx_id} ({part})"


def _node_line(node: FlowNode, currency: str) -> str:
    came, went = money(node.in_minor, currency), money(node.out_minor, currency)
    return f"{node.account}: in {came} ({node.in_payments} payments), out {went} ({node.out_payments} payments)"


def _versions_line(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {content[:16]}" for name, content in versions.items())


def _time(clock_us: int) -> str:
    return datetime.fromtimestamp(clock_us // US_PER_SECOND, UTC).strftime("%Y-%m-%d %H:%M:%S")
