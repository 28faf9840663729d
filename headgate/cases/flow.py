"""The path of the money and the timeline of a case, as data that a page draws.

In: a case and its alerts with their witnesses. Out: accounts as nodes with what went in and out *within this case*,
payments as edges, rows in time order. It looks at nothing else and scores nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

import msgspec

from headgate.cases.case import Alert, Case
from headgate.limits import CASE_GRAPH_PAYMENTS

EdgeKind: TypeAlias = Literal["alert", "context"]


class FlowNode(msgspec.Struct, frozen=True, kw_only=True):
    """An account and what the payments of this case moved in and out of it, in reference minor units."""

    account: str
    in_minor: int = 0
    out_minor: int = 0
    in_payments: int = 0
    out_payments: int = 0


class FlowEdge(msgspec.Struct, frozen=True, kw_only=True):
    """A payment: an alert, or the context that alerts point at. `roles` says what it is evidence of."""

    tx_id: str
    seq: int
    clock_us: int
    payer: str
    payee: str
    reference_minor: int
    kind: EdgeKind
    action: str | None = None
    roles: tuple[str, ...] = ()


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """The graph of a case: edges in journal order; `truncated` when payments were left out to stay readable."""

    nodes: tuple[FlowNode, ...]
    edges: tuple[FlowEdge, ...]
    truncated: bool


class TimelineRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the timeline: a payment (then `edge` is set) or what somebody did (then `actor` is)."""

    clock_us: int
    kind: Literal["alert", "context", "action"]
    sentence: str
    edge: FlowEdge | None = None
    actor: str | None = None


def flow_of(alerts: Iterable[Alert], limit: int = CASE_GRAPH_PAYMENTS) -> Flow:
    """Return the graph of these alerts and their evidence, at most `limit` payments.

    Where there are more, alerts stay before context, and the newest before older ones.
    """
    edges = _edges(alerts)
    kept = sorted(edges, key=lambda edge: (edge.kind == "context", -edge.seq))[:limit]
    shown = tuple(sorted(kept, key=lambda edge: edge.seq))
    return Flow(nodes=_nodes(shown), edges=shown, truncated=len(edges) > len(shown))


def timeline(case: Case, flow: Flow) -> tuple[TimelineRow, ...]:
    """Return payments and actions of a case in time order; at one clock payments come first."""
    rows = [_payment_row(edge) for edge in flow.edges]
    rows += [
        TimelineRow(clock_us=line.clock_us, kind="action", sentence=line.reason, actor=line.actor)
        for line in case.history
    ]
    return tuple(sorted(rows, key=lambda row: (row.clock_us, row.kind == "action")))


def _edges(alerts: Iterable[Alert]) -> Sequence[FlowEdge]:
    found: dict[str, FlowEdge] = {}
    for alert in alerts:
        for edge in (_alert_edge(alert), *_evidence_edges(alert)):
            found[edge.tx_id] = _joined(found[edge.tx_id], edge) if edge.tx_id in found else edge
    return list(found.values())


def _alert_edge(alert: Alert) -> FlowEdge:
    return FlowEdge(
        tx_id=alert.tx_id,
        seq=alert.payment.seq,
        clock_us=alert.payment.clock_us,
        payer=alert.payment.payer,
        payee=alert.payment.payee,
        reference_minor=alert.reference_minor,
        kind="alert",
        action=alert.decision.action,
    )


def _evidence_edges(alert: Alert) -> Iterable[FlowEdge]:
    for witness in alert.witnesses:
        for payment in witness.payments:
            yield FlowEdge(
                tx_id=payment.tx_id,
                seq=payment.seq,
                clock_us=payment.clock_us,
                payer=payment.payer,
                payee=payment.payee,
                reference_minor=payment.reference_minor,
                kind="context",
                roles=(f"{witness.fact}: {payment.role}",),
            )


def _joined(first: FlowEdge, second: FlowEdge) -> FlowEdge:
    """One payment seen twice: an alert stays an alert, and roles add up."""
    alert = second if second.kind == "alert" else first
    roles = tuple(dict.fromkeys((*first.roles, *second.roles)))
    return msgspec.structs.replace(alert, roles=roles)


def _nodes(edges: Iterable[FlowEdge]) -> tuple[FlowNode, ...]:
    nodes: dict[str, FlowNode] = {}
    for edge in edges:
        payer = nodes.get(edge.payer) or FlowNode(account=edge.payer)
        nodes[edge.payer] = msgspec.structs.replace(
            payer, out_minor=payer.out_minor + edge.reference_minor, out_payments=payer.out_payments + 1
        )
        payee = nodes.get(edge.payee) or FlowNode(account=edge.payee)
        nodes[edge.payee] = msgspec.structs.replace(
            payee, in_minor=payee.in_minor + edge.reference_minor, in_payments=payee.in_payments + 1
        )
    return tuple(nodes.values())


def _payment_row(edge: FlowEdge) -> TimelineRow:
    words = f"{edge.payer} pays {edge.payee}"
    sentence = f"{words}: {edge.action}" if edge.action else words
    return TimelineRow(clock_us=edge.clock_us, kind=edge.kind, sentence=sentence, edge=edge)
