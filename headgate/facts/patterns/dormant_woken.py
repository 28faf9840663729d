"""Dormant account woken: an account that slept for months pays again.

Looks at the payer's own payments only: those of the longest window, and the newest one before it.
"""

from __future__ import annotations

from collections.abc import Sequence

from headgate.facts.patterns.pattern import NOTHING, Found, Pattern
from headgate.facts.view import Edge, GraphView
from headgate.limits import DORMANT_LOOKS, DORMANT_US, MAX_WINDOW_US, PROFILE_HORIZON_US


def find(view: GraphView, last: Edge, window_us: int, witness: bool) -> Found:
    """Count the payments of the payer, either way, since it woke in the window, this payment included.

    It woke when every payment that it sent or received in the longest window lies in this window, and the first of
    them (the judged one, if it has no other) came at least `DORMANT_US` after the newest one before the longest
    window, which is remembered for `PROFILE_HORIZON_US`. Transfers between own accounts are a sign of life: they may
    end or begin a sleep, but are not counted, and none completes the pattern. Of what the account sent and of what it
    received the `DORMANT_LOOKS` newest payments are looked at; one more of either makes the answer `truncated`.
    Strength is the sleep as a share of `PROFILE_HORIZON_US`.
    """
    payer = last.payer
    if last.own or payer == last.payee:
        return NOTHING
    first = _first(view, last)
    before = view.last_before(payer) if first.clock_us > last.clock_us - window_us else None
    if before is None or first.clock_us - before.clock_us < DORMANT_US:
        return NOTHING
    sent = view.newest_outs(payer, window_us, DORMANT_LOOKS + 1)
    received = view.newest_ins(payer, window_us, DORMANT_LOOKS + 1)
    looked_at = [*sent[:DORMANT_LOOKS], *received[:DORMANT_LOOKS]]
    since = [edge for edge in looked_at if not edge.own and edge.payer != edge.payee]
    return Found(
        count=len(since) + 1,
        strength=float(first.clock_us - before.clock_us) / float(PROFILE_HORIZON_US),
        truncated=len(sent) > DORMANT_LOOKS or len(received) > DORMANT_LOOKS,
        payments=_witness(before, [*since, last]) if witness else (),
    )


def _first(view: GraphView, last: Edge) -> Edge:
    """Return the oldest payment of the payer in the longest window, the judged one if there is no other."""
    sent, received = view.outs(last.payer, MAX_WINDOW_US), view.ins(last.payer, MAX_WINDOW_US)
    return min((*sent[:1], *received[:1], last), key=lambda edge: edge.seq)


def _witness(before: Edge, since: Sequence[Edge]) -> tuple[tuple[Edge, str, int], ...]:
    woken = sorted(since, key=lambda edge: edge.seq)
    return ((before, "before", 1), *((edge, "woken", 2) for edge in woken))


PATTERN = Pattern(
    name="dormant_woken",
    sentence="Payments of the payer since it woke from a sleep of 90 days or more, this payment included.",
    find=find,
    reads=frozenset({"before_any"}),
)
