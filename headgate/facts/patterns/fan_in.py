"""Fan-in: many accounts pay one.

Counts payers, by the newest payment of each; never looks beyond the payee's own payments.
"""

from __future__ import annotations

from headgate.facts.patterns.pattern import NOTHING, Found, Pattern
from headgate.facts.view import Edge, GraphView
from headgate.limits import PATTERN_DEGREE


def find(view: GraphView, last: Edge, window_us: int, witness: bool) -> Found:
    """Count the payers that paid the payee in the window, this payment included.

    Each payer stands for its newest payment. The `PATTERN_DEGREE` newest payers are looked at, the judged one
    first; one more makes the answer `truncated`. Transfers from own accounts do not count. Strength is the
    evenness of the legs, mean amount / largest amount: 1.0 when every payer paid the same.
    """
    payer, payee = last.payer, last.payee
    if last.own or payer == payee:
        return NOTHING
    newest = view.newest_in_per_payer(payee, window_us, PATTERN_DEGREE + 1)
    others = [edge for edge in newest if edge.payer != payer]
    legs = [edge for edge in others[: PATTERN_DEGREE - 1] if not edge.own and edge.payer != payee]
    legs.insert(0, last)
    amounts = [edge.amount for edge in legs]
    spread = len(legs) * max(amounts)
    return Found(
        count=len(legs),
        strength=sum(amounts) / spread if spread else None,
        truncated=len(others) >= PATTERN_DEGREE,
        payments=tuple((edge, "in", 1) for edge in reversed(legs)) if witness else (),
    )


PATTERN = Pattern(
    name="fan_in",
    sentence="Accounts that paid the payee, this payment included.",
    find=find,
)
