"""Peeling chain: a large sum moves on from account to account, and each peels a smaller part off to others.

The judged payment is the newest link of the chain. Like a pass-through, but the sum is split at every account: the
link is the larger part, and link and peels together are what came in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from headgate.facts.patterns.pattern import NOTHING, Found, Pattern
from headgate.facts.view import Edge, GraphView
from headgate.limits import PATTERN_DEGREE, PATTERN_HOPS, PATTERN_STEPS

LEAST_PERCENT: Final = 50  # of the sum received goes on in the link, so that it is the larger part
MOST_PERCENT: Final = 98  # of the sum received: something is left to peel off
LEAST_LEAVES_PERCENT: Final = 90  # of the sum received leaves, in the link and the peels before it
MOST_LEAVES_PERCENT: Final = 102  # a little of the account's own money may go along

Peels: TypeAlias = tuple[Edge, ...]  # payments that one account peeled off, newest first
Chain: TypeAlias = tuple[tuple[Edge, Peels], ...]  # links in time order, each with what its payer peeled off before


def find(view: GraphView, last: Edge, window_us: int, witness: bool) -> Found:
    """Count the links of the longest peeling chain that ends in this payment; 0 when there is none, never 1.

    A link is `LEAST_PERCENT` to `MOST_PERCENT` of the one before, which its payer received earlier. Between the two
    the payer paid accounts other than the payee of the link at least once (the peels), and peels and link together
    are `LEAST_LEAVES_PERCENT` to `MOST_LEAVES_PERCENT` of what it received. No account has two links, and no transfer
    between own accounts is a link or a peel.

    The search goes back from the judged payment, newest first. For each chain it looks at the `PATTERN_DEGREE` newest
    payments that its first payer received before its link and, if the amount of one fits, at the `PATTERN_DEGREE`
    newest that it sent before the link but after the oldest that fits. Each payment looked at is a step of
    `PATTERN_STEPS`; what is not looked at is no peel and says `truncated`, like a chain of `PATTERN_HOPS` links. Of
    the longest chains the one with the newest links, compared from the end, counts. Strength is last / first amount,
    at most 1; the share retained is 1 - strength: what was peeled off on the way.
    """
    if last.own or last.payer == last.payee or not last.amount:
        return NOTHING
    chains: list[Chain] = [((last, ()),)]
    longest = chains[0]
    steps, truncated = PATTERN_STEPS, False
    while chains and len(longest) < PATTERN_HOPS:
        shorter, chains = chains, []
        for chain in shorter:
            if not steps:
                truncated = True
                break
            link = chain[0][0]
            newest = view.newest_ins_before(link.payer, window_us, link.seq, PATTERN_DEGREE + 1)
            received = newest[: min(PATTERN_DEGREE, steps)]
            steps -= len(received)
            fit = _fitting(received, chain)
            sent = _sent_between(view, window_us, fit[-1], link) if fit else []
            left = sent[: min(PATTERN_DEGREE, steps)]
            steps -= len(left)
            truncated = truncated or len(newest) > len(received) or len(sent) > len(left)
            chains += [((edge, ()), (link, peels), *chain[1:]) for edge, peels in _peeled(fit, left, link)]
        longest = chains[0] if chains else longest
    return _found(longest, truncated or len(longest) == PATTERN_HOPS, witness)


def _fitting(received: Sequence[Edge], chain: Chain) -> list[Edge]:
    """Return those of `received` whose larger part the first link of `chain` may hand on."""
    handed_on = 100 * chain[0][0].amount
    least, most = -(-handed_on // MOST_PERCENT), handed_on // LEAST_PERCENT
    passed = {chain[-1][0].payee, *(link.payer for link, _ in chain)}
    return [e for e in received if least <= e.amount <= most and not e.own and e.payer not in passed]


def _sent_between(view: GraphView, window_us: int, received: Edge, link: Edge) -> list[Edge]:
    """Return what the payer of `link` sent after it received and before the link, newest first."""
    return [edge for edge in view.outs(link.payer, window_us)[::-1] if received.seq < edge.seq < link.seq]


def _peeled(fit: Sequence[Edge], sent: Sequence[Edge], link: Edge) -> Iterator[tuple[Edge, Peels]]:
    """Yield those of `fit` of which almost all left again in `link` and in peels, with the peels."""
    others = [edge for edge in sent if not edge.own and edge.payee not in (link.payee, link.payer)]
    for edge in fit:
        peels = tuple(peel for peel in others if peel.seq > edge.seq)
        leaves = 100 * (link.amount + sum(peel.amount for peel in peels))
        if peels and LEAST_LEAVES_PERCENT * edge.amount <= leaves <= MOST_LEAVES_PERCENT * edge.amount:
            yield edge, peels


def _found(chain: Chain, truncated: bool, witness: bool) -> Found:
    if len(chain) == 1:
        return Found(0, truncated=truncated)
    first, last = chain[0][0].amount, chain[-1][0].amount
    return Found(
        count=len(chain),
        strength=min(first, last) / first,
        truncated=truncated,
        payments=_witness(chain) if witness else (),
        share_retained=max(0, first - last) / first,
    )


def _witness(chain: Chain) -> tuple[tuple[Edge, str, int], ...]:
    links = [(link, "link", hop) for hop, (link, _) in enumerate(chain, 1)]
    peels = [(peel, "peel", hop) for hop, (_, peels) in enumerate(chain, 1) for peel in peels]
    return tuple(sorted(links + peels, key=lambda payment: payment[0].seq))


PATTERN = Pattern(
    name="peeling",
    sentence="Links of the longest chain that ends in this payment, where each account peels a part off to others.",
    find=find,
)
