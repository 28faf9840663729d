"""Gather-scatter: money comes to one account from many and leaves it for many others.

The judged payment is the newest one that leaves. Looks at the payer's own payments only, by the newest with
each counterparty.
"""

from __future__ import annotations

from collections.abc import Sequence

from headgate.facts.patterns.pattern import NOTHING, Found, Pattern
from headgate.facts.view import Edge, GraphView
from headgate.limits import PATTERN_DEGREE


def find(view: GraphView, last: Edge, window_us: int, witness: bool) -> Found:
    """Count the smaller of: accounts that paid the payer, accounts it paid after the first of these payments.

    An account on both sides counts on neither (a refund gathers nothing), so 0 when the payee is a payer too.
    Each counterparty stands for its newest payment; the `PATTERN_DEGREE` newest payers and payees are looked
    at. Transfers between own accounts do not count. Strength is the balance of the two sides, smaller sum /
    larger sum; the share retained is 1 - sum out / sum in, between 0 and 1.
    """
    hub = last.payer
    newest_in = view.newest_in_per_payer(hub, window_us, PATTERN_DEGREE + 1)
    if not newest_in or last.own or hub == last.payee:
        return NOTHING
    newest_out = view.newest_out_per_payee(hub, window_us, PATTERN_DEGREE + 1)
    others = [edge for edge in newest_out if edge.payee != last.payee]
    gather, scatter = _sides(newest_in[:PATTERN_DEGREE], [last, *others[: PATTERN_DEGREE - 1]])
    truncated = len(newest_in) > PATTERN_DEGREE or len(others) >= PATTERN_DEGREE
    if not gather or last not in scatter:
        return Found(0, truncated=truncated)
    gathered, scattered = (sum(edge.amount for edge in side) for side in (gather, scatter))
    return Found(
        count=min(len(gather), len(scatter)),
        strength=min(gathered, scattered) / max(gathered, scattered) if gathered and scattered else None,
        truncated=truncated,
        payments=_witness(gather, scatter) if witness else (),
        share_retained=max(0, gathered - scattered) / gathered if gathered else None,
    )


def _sides(ins: Sequence[Edge], outs: Sequence[Edge]) -> tuple[list[Edge], list[Edge]]:
    """Split into what was gathered and what was scattered after the first of it, without accounts of both sides."""
    payers = {edge.payer for edge in ins}
    payees = {edge.payee for edge in outs}
    gather = [edge for edge in ins if not edge.own and edge.payer not in payees]
    first = gather[-1].seq if gather else 0
    scatter = [e for e in outs if not e.own and e.payee not in payers and e.seq > first]
    return gather, scatter


def _witness(gather: list[Edge], scatter: list[Edge]) -> tuple[tuple[Edge, str, int], ...]:
    payments = [(edge, "gather", 1) for edge in gather] + [(edge, "scatter", 2) for edge in scatter]
    return tuple(sorted(payments, key=lambda payment: payment[0].seq))


PATTERN = Pattern(
    name="gather_scatter",
    sentence="Accounts that paid the payer and others that it then paid, whichever are fewer.",
    find=find,
)
