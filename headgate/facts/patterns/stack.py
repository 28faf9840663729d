"""Stack: layers of accounts, each of which pays several of the next: sources, middles, sinks.

The judged payment is the newest one into the sinks: its payer is one of the middles. Looks at what its payer received
and sent, at the payers of its payee, and at what these received and sent, no further.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from headgate.facts.patterns.pattern import NOTHING, Found, Pattern
from headgate.facts.view import Edge, GraphView
from headgate.limits import LAYER_LOOKS, PATTERN_DEGREE, PATTERN_STEPS

Edges: TypeAlias = dict[str, Edge]  # by the account at the other end, the newest payment of each


class Middle(NamedTuple):
    """A middle account: what it received from the sources and what it paid to the sinks."""

    ins: Edges
    outs: Edges

    @property
    def width(self) -> int:
        """How many accounts it has in the layer where it has fewer."""
        return min(len(self.ins), len(self.outs))


def find(view: GraphView, last: Edge, window_us: int, witness: bool) -> Found:
    """Count the largest k for which k middles, the payer included, have k of its sources and sinks each; never 1.

    Sources are the payers of the payer, sinks its payees, middles the payers of the payee, by the newest payment of
    each pair, the `PATTERN_DEGREE` newest of each, the judged one first. No account is in two layers: the payer and
    the payee are no sources, an account that is source and sink is neither, and none of these is a middle. Another
    middle is looked at, newest first, where there are two sources and two sinks: the `LAYER_LOOKS` newest
    payments that it received before it paid the payee, and, where two sources are among their payers, its newest
    payments to `LAYER_LOOKS` payees, the payee of the judged payment counting without a look; `PATTERN_STEPS` in
    all. Transfers between own accounts do not count. Strength is the share of pairs that paid, of the middles that
    have k on both sides, with all of the sources and sinks.
    """
    newest_in = view.newest_in_per_payer(last.payer, window_us, PATTERN_DEGREE + 1)
    if not newest_in or last.own or last.payer == last.payee:
        return NOTHING
    ends = (last.payer, last.payee)
    ins = {e.payer: e for e in newest_in[:PATTERN_DEGREE] if not e.own and e.payer not in ends}
    cut_in = len(newest_in) > PATTERN_DEGREE
    if len(ins) < 2:
        return Found(0, truncated=cut_in)
    newest_out = view.newest_out_per_payee(last.payer, window_us, PATTERN_DEGREE + 1)
    others = [edge for edge in newest_out if edge.payee != last.payee]
    outs = {e.payee: e for e in [*others[: PATTERN_DEGREE - 1], last] if not e.own and e.payee != last.payer}
    judged = Middle(_without(ins, outs), _without(outs, ins))
    truncated = cut_in or len(others) >= PATTERN_DEGREE
    if judged.width < 2:
        return Found(0, truncated=truncated)
    onward, cut_onward = _onward(view, last, window_us, {*ends, *ins, *outs})
    middles, cut = _middles(view, window_us, judged, onward)
    return _found([judged, *middles], truncated or cut_onward or cut, witness)


def _without(edges: Edges, others: Mapping[str, Edge]) -> Edges:
    return {account: edge for account, edge in edges.items() if account not in others}


def _onward(view: GraphView, last: Edge, window_us: int, layers: Collection[str]) -> tuple[list[Edge], bool]:
    """Return the newest payment to the payee of each other middle, newest first, and whether a limit cut them."""
    newest = view.newest_in_per_payer(last.payee, window_us, PATTERN_DEGREE + 1)
    others = [edge for edge in newest if edge.payer != last.payer]
    onward = [edge for edge in others[: PATTERN_DEGREE - 1] if not edge.own and edge.payer not in layers]
    return onward, len(others) >= PATTERN_DEGREE


def _middles(view: GraphView, window_us: int, judged: Middle, onward: Sequence[Edge]) -> tuple[list[Middle], bool]:
    """Return the middles with two of the sources or more, and whether a limit cut the search."""
    steps, cut, middles = PATTERN_STEPS, False, []
    for second in onward:
        received = view.newest_ins_before(second.payer, window_us, second.seq, LAYER_LOOKS + 1) if steps else ()
        looked_at = received[: min(LAYER_LOOKS, steps)]
        cut = cut or not steps or len(received) > len(looked_at)
        steps -= len(looked_at)
        ins = {e.payer: e for e in reversed(looked_at) if e.payer in judged.ins and not e.own}
        if len(ins) < 2:
            continue
        sent = view.newest_out_per_payee(second.payer, window_us, LAYER_LOOKS + 1) if steps else ()
        looked_at = sent[: min(LAYER_LOOKS, steps)]
        cut = cut or not steps or len(sent) > len(looked_at)
        steps -= len(looked_at)
        outs = {e.payee: e for e in looked_at if e.payee in judged.outs and not e.own}
        middles.append(Middle(ins, {**outs, second.payee: second}))
    return middles, cut


def _found(middles: Sequence[Middle], truncated: bool, witness: bool) -> Found:
    count = max(k for k in range(len(middles) + 1) if sum(middle.width >= k for middle in middles) >= k)
    if count < 2:
        return Found(0, truncated=truncated)
    chosen = [middle for middle in middles if middle.width >= count]
    accounts = len(middles[0].ins) + len(middles[0].outs)
    return Found(
        count=count,
        strength=sum(len(middle.ins) + len(middle.outs) for middle in chosen) / (len(chosen) * accounts),
        truncated=truncated,
        payments=_witness(chosen) if witness else (),
    )


def _witness(chosen: Sequence[Middle]) -> tuple[tuple[Edge, str, int], ...]:
    payments = [(edge, "first layer", 1) for middle in chosen for edge in middle.ins.values()]
    payments += [(edge, "second layer", 2) for middle in chosen for edge in middle.outs.values()]
    return tuple(sorted(payments, key=lambda payment: payment[0].seq))


PATTERN = Pattern(
    name="stack",
    sentence="Accounts between, the payer among them, that as many or more of its payers paid and that paid as many "
    "or more of its payees.",
    find=find,
)
