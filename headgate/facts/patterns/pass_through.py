"""Pass-through: money moves on from account to account, each keeping a little or nothing.

The judged payment is the newest link of the chain. Searches backward from its payer; payments that split or
merge the sum are the business of other patterns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from headgate.facts.patterns.pattern import NOTHING, Found, Pattern
from headgate.facts.view import Edge, GraphView
from headgate.limits import PATTERN_DEGREE, PATTERN_HOPS, PATTERN_STEPS

LEAST_PERCENT: Final = 70  # of the sum received: what is left after a mule's commission
MOST_PERCENT: Final = 102  # a little of the account's own money may go along

Chain: TypeAlias = tuple[Edge, ...]  # payments in time order, each from the payee of the one before


def find(view: GraphView, last: Edge, window_us: int, witness: bool) -> Found:
    """Count the payments of the longest chain that ends in this one; 0 when there is none, never 1.

    Each payment of a chain is `LEAST_PERCENT` to `MOST_PERCENT` of the one before, which its payer received
    earlier; no account appears twice, and no transfer between own accounts takes part. The search goes back
    from the judged payment, newest first, over the `PATTERN_DEGREE` newest payments that an account received
    before its link, `PATTERN_STEPS` in all; a chain of `PATTERN_HOPS` payments may be longer and says
    `truncated`. Of the longest chains the one with the newest payments, compared from the end, counts. Strength
    is last / first amount, at most 1; the share retained is 1 - strength.
    """
    if last.own or last.payer == last.payee or not last.amount:
        return NOTHING
    chains: list[Chain] = [(last,)]
    longest: Chain = (last,)
    steps, truncated = PATTERN_STEPS, False
    while chains and len(longest) < PATTERN_HOPS:
        shorter, chains = chains, []
        for chain in shorter:
            if not steps:
                truncated = True
                break
            newest = view.newest_ins_before(chain[0].payer, window_us, chain[0].seq, PATTERN_DEGREE + 1)
            looked_at = newest[: min(PATTERN_DEGREE, steps)]
            truncated = truncated or len(newest) > len(looked_at)
            steps -= len(looked_at)
            chains += [(edge, *chain) for edge in _carriers(looked_at, chain)]
        longest = chains[0] if chains else longest
    return _found(longest, truncated or len(longest) == PATTERN_HOPS, witness)


def _carriers(edges: Sequence[Edge], chain: Chain) -> list[Edge]:
    """Return those of `edges` that carry the sum which the first payment of `chain` hands on."""
    handed_on = 100 * chain[0].amount
    least, most = -(-handed_on // MOST_PERCENT), handed_on // LEAST_PERCENT
    passed = {chain[-1].payee, *(edge.payer for edge in chain)}
    return [e for e in edges if least <= e.amount <= most and not e.own and e.payer not in passed]


def _found(chain: Chain, truncated: bool, witness: bool) -> Found:
    if len(chain) == 1:
        return Found(0, truncated=truncated)
    first, last = chain[0].amount, chain[-1].amount
    return Found(
        count=len(chain),
        strength=min(first, last) / first,
        truncated=truncated,
        payments=tuple((edge, "link", hop) for hop, edge in enumerate(chain, 1)) if witness else (),
        share_retained=max(0, first - last) / first,
    )


PATTERN = Pattern(
    name="pass_through",
    sentence="Payments of the longest chain that ends in this one and hands a sum on almost whole.",
    find=find,
)
