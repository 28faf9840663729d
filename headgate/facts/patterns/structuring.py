"""Structuring: one account sends several sums just below a threshold at which somebody would look.

Looks at the payer's own payments only.
"""

from __future__ import annotations

from typing import Final

from headgate.facts.patterns.pattern import NOTHING, Found, Pattern
from headgate.facts.view import Edge, GraphView
from headgate.limits import STRUCTURING_LOOKS

# Reference minor units: sums at which reports, questions and approvals commonly begin.
THRESHOLDS: Final = (100_000, 300_000, 500_000, 1_000_000, 1_500_000)
LEAST_PERCENT: Final = 90  # of a threshold: what is just below it


def find(view: GraphView, last: Edge, window_us: int, witness: bool) -> Found:
    """Count the payments that the payer sent just below the threshold of this one, this one included; never 1.

    Just below is `LEAST_PERCENT` of a threshold or more, and less than the threshold; the smallest threshold that
    the judged amount is just below is the one that counts. The `STRUCTURING_LOOKS` newest payments that the payer
    sent are looked at; one more makes the answer `truncated`, but not where the judged amount is below no threshold.
    Transfers between own accounts do not count. Strength is mean amount / threshold.
    """
    threshold = next((above for above in THRESHOLDS if _just_below(last.amount, above)), None)
    if threshold is None or last.own or last.payer == last.payee:
        return NOTHING
    sent = view.newest_outs(last.payer, window_us, STRUCTURING_LOOKS + 1)
    looked_at = [e for e in sent[:STRUCTURING_LOOKS] if not e.own and e.payee != e.payer]
    legs = [last, *(edge for edge in looked_at if _just_below(edge.amount, threshold))]
    truncated = len(sent) > STRUCTURING_LOOKS
    if len(legs) == 1:
        return Found(0, truncated=truncated)
    return Found(
        count=len(legs),
        strength=float(sum(edge.amount for edge in legs)) / float(len(legs) * threshold),
        truncated=truncated,
        payments=tuple((edge, "below", 1) for edge in reversed(legs)) if witness else (),
    )


def _just_below(amount: int, threshold: int) -> bool:
    return LEAST_PERCENT * threshold <= 100 * amount < 100 * threshold


PATTERN = Pattern(
    name="structuring",
    sentence="Payments of the payer just below the same threshold, this payment included.",
    find=find,
)
