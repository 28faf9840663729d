"""The graph of a case as a browser draws it: boxes with places, arrows with amounts and sentences.

The flow of a case goes in, plain values come out. Payments of one pair of accounts in one direction are one arrow.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from headgate.cases.flow import Flow, FlowEdge, FlowNode
from headgate.service.web.layout import NARROW, Point, bow, positions
from headgate.service.web.words import action_word, amount, money, when

Pair = tuple[str, str]
MANY: Final = 3  # arrows at one account whose amounts would cover each other
TOLD: Final = 4  # payments of one arrow that are told one by one


def graph_of(flow: Flow, currency: str) -> dict[str, Any]:
    """Return nodes and edges for the page; amounts are in the reference currency."""
    wide, narrow = positions(flow), positions(flow, NARROW)
    alerted = {account for edge in flow.edges if edge.kind == "alert" for account in (edge.payer, edge.payee)}
    pairs: dict[Pair, list[FlowEdge]] = {}
    for edge in flow.edges:
        pairs.setdefault((edge.payer, edge.payee), []).append(edge)
    arrows = [_arrow(pair, edges, currency) for pair, edges in pairs.items()]
    inside = _into_boxes(arrows)
    return {
        "nodes": [
            _node(node, node.account in alerted, inside.get(node.account, ""), currency)
            | _places(wide[node.account], narrow[node.account])
            for node in flow.nodes
        ],
        "edges": [
            {"id": f"e{number}", "bow": bow(flow, *arrow["pair"]), **arrow} for number, arrow in enumerate(arrows)
        ],
    }


def _into_boxes(arrows: list[dict[str, Any]]) -> dict[str, str]:
    """Where many arrows meet, write the amount of an account with one arrow only into its box: account -> amount."""
    ends = Counter(end for arrow in arrows for end in (("from", arrow["source"]), ("to", arrow["target"])))
    inside: dict[str, str] = {}
    for arrow in arrows:
        source, target = arrow["source"], arrow["target"]
        meeting, leaving = ends["to", target], ends["from", source]
        lone = source if meeting > MANY and meeting >= leaving else target if leaving > MANY else None
        if lone is not None and ends["from", lone] + ends["to", lone] == 1:
            inside[lone], arrow["label"] = arrow["label"], ""
    return inside


def _places(wide: Point, narrow: Point) -> dict[str, int]:
    """Time runs to the right on a wide screen and downwards on a narrow one."""
    return {"x": wide[0], "y": wide[1], "narrow_x": narrow[1], "narrow_y": narrow[0]}


def _node(node: FlowNode, alerted: bool, inside: str, currency: str) -> dict[str, Any]:
    words = (
        f"{node.account} received {money(node.in_minor, currency)} in {_payments(node.in_payments)} "
        f"and sent {money(node.out_minor, currency)} in {_payments(node.out_payments)} of this case."
    )
    return {"id": node.account, "label": f"{node.account}\n{inside}".rstrip(), "alerted": alerted, "words": words}


def _arrow(pair: Pair, edges: list[FlowEdge], currency: str) -> dict[str, Any]:
    total = amount(sum(edge.reference_minor for edge in edges), currency)
    told = "; ".join(_payment(edge, currency) for edge in edges[:TOLD])
    rest = f"; and {len(edges) - TOLD} more." if len(edges) > TOLD else "."
    return {
        "pair": pair,
        "source": pair[0],
        "target": pair[1],
        "label": total if len(edges) == 1 else f"{total} in {len(edges)}",
        "alert": any(edge.kind == "alert" for edge in edges),
        "words": f"{pair[0]} pays {pair[1]}: {told}{rest}",
    }


def _payment(edge: FlowEdge, currency: str) -> str:
    part = action_word(edge.action).lower() if edge.action else "evidence"
    return f"{money(edge.reference_minor, currency)} at {when(edge.clock_us)} ({part}, {edge.tx_id})"


def _payments(count: int) -> str:
    return "1 payment" if count == 1 else f"{count} payments"
