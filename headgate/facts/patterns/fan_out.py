"""Fan-out: one account pays many others.

Counts payees, by the newest payment to each; never looks beyond the payer's own payments.
"""

from __future__ import annotations

from headgate.facts.patterns.pattern import NOTHING, Found, Pattern
from headgate.facts.view import Edge, GraphView
from headgate.limits import PATTERN_DEGREE


def find(view: GraphView, last: Edge, window_us: int, witness: bool) -> Found:
    """Count the payees that the payer paid in the window, this payment included.

    Each payee stands for the newest payment to it. The `PATTERN_DEGREE` newest payees are looked at, the judged
    one first; one more makes the answer `truncated`. Transfers to own accounts do not count. Strength is the
    evenness of the legs, mean amount / largest amount: 1.0 when every payee got the same.
    """
    payer, payee = last.payer, last.payee
    if last.own or payer == payee:
        return NOTHING
    newest = view.newest_out_per_payee(payer, window_us, PATTERN_DEGREE + 1)
    others = [edge for edge in newest if edge.payee != payee]
    legs = [edge for edge in others[: PATTERN_DEGREE - 1] if not edge.own and edge.payee != payer]
    legs.insert(0, last)
    amounts = [edge.amount for edge in legs]
    spread = len(legs) * max(amounts)
    return Found(
        count=len(legs),
        strength=sum(amounts) / spread if spread else None,
        truncated=len(others) >= PATTERN_DEGREE,
        payments=tuple((edge, "out", 1) for edge in reversed(legs)) if witness else (),
    )


PATTERN = Pattern(
    name="fan_out",
    sentence="Accounts that the payer paid, this payment included.",
    find=find,
)
