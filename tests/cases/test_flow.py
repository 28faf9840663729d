from __future__ import annotations

from headgate.cases.case import Alert
from headgate.cases.flow import flow_of, timeline
from headgate.cases.grouping import CaseState
from headgate.decisions.record import Decision
from headgate.facts.values import Witness, WitnessPayment
from headgate.journal.entries import Action, Payment
from headgate.limits import CASE_GRAPH_PAYMENTS


def payment(seq: int, payer: str, payee: str, amount: int = 10) -> Payment:
    return Payment(
        seq=seq, clock_us=seq, tx_id=f"t{seq}", ts_us=seq, payer=payer, payee=payee, amount_minor=amount,
        currency="EUR",
    )  # fmt: skip


def evidence(seq: int, payer: str, payee: str, role: str) -> WitnessPayment:
    return WitnessPayment(
        tx_id=f"t{seq}", seq=seq, clock_us=seq, payer=payer, payee=payee, reference_minor=10, role=role
    )


def alert(seq: int, payer: str, payee: str, *payments: WitnessPayment) -> Alert:
    witnesses = (Witness(fact="fan_in_24h", payments=payments),) if payments else ()
    decision = Decision(
        tx_id=f"t{seq}", seq=seq, clock_us=seq, action="review", alert=True, score=None, probability=None,
        rank_score=1.0, threshold=0.0, evidence=witnesses,
    )  # fmt: skip
    return Alert(payment=payment(seq, payer, payee), decision=decision, reference_minor=10)


def test_nodes_hold_what_moved_within_the_case() -> None:
    flow = flow_of([alert(3, "b", "c", evidence(1, "a", "b", "spoke"), evidence(3, "b", "c", "last"))])
    assert [(edge.tx_id, edge.kind, edge.action) for edge in flow.edges] == [
        ("t1", "context", None),
        ("t3", "alert", "review"),
    ]
    assert flow.edges[1].roles == ("fan_in_24h: last",)
    nodes = {node.account: (node.in_minor, node.out_minor, node.in_payments, node.out_payments) for node in flow.nodes}
    assert nodes == {"a": (0, 10, 0, 1), "b": (10, 10, 1, 1), "c": (10, 0, 1, 0)}
    assert not flow.truncated


def test_a_payment_that_is_alert_and_evidence_is_one_edge() -> None:
    flow = flow_of([alert(1, "a", "b"), alert(2, "c", "b", evidence(1, "a", "b", "spoke"))])
    assert [(edge.tx_id, edge.kind, edge.roles) for edge in flow.edges] == [
        ("t1", "alert", ("fan_in_24h: spoke",)),
        ("t2", "alert", ()),
    ]


def test_a_large_case_keeps_alerts_first_and_says_that_it_is_truncated() -> None:
    context = [evidence(n, f"a{n}", "b", "spoke") for n in range(10, 10 + CASE_GRAPH_PAYMENTS)]
    flow = flow_of([alert(0, "x", "y"), alert(9000, "x", "y", *context)])
    assert flow.truncated
    assert len(flow.edges) == CASE_GRAPH_PAYMENTS
    ids = {edge.tx_id for edge in flow.edges}
    assert {"t0", "t9000", f"t{9 + CASE_GRAPH_PAYMENTS}"} <= ids
    assert "t10" not in ids
    assert [edge.seq for edge in flow.edges] == sorted(edge.seq for edge in flow.edges)


def test_the_timeline_is_in_time_order_with_actions_after_payments() -> None:
    state = CaseState()
    state.add(alert(3, "b", "c"))
    state.apply(
        Action(
            seq=4,
            clock_us=3,
            action_id="x",
            actor="ana",
            action="dismiss",
            subject_kind="case",
            subject="C-000001",
            reason="A house purchase.",
        )
    )
    flow = flow_of([alert(3, "b", "c", evidence(1, "a", "b", "spoke"))])
    rows = timeline(state.case("C-000001"), flow)
    assert [(row.clock_us, row.kind, row.sentence) for row in rows] == [
        (1, "context", "a pays b"),
        (3, "alert", "b pays c: review"),
        (3, "action", "A house purchase."),
    ]
    assert rows[2].actor == "ana"
