"""How deep in a chain a payment stands: what an account received lately, each with the length of the chain behind it.

A payment hands on what its payer received when its amount is `LEAST_PERCENT` to `MOST_PERCENT` of that: it is one
longer than the chain of the payment received. So a chain grows by one look at what is remembered, however long it is.
Depths are counted to `CHAIN_HOPS`, so that they depend on a bounded past: that many windows.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final, NamedTuple

import msgspec

from headgate.facts.spec import SPANS, Span
from headgate.facts.view import Edge
from headgate.limits import CHAIN_HOPS, CHAIN_LOOKS

CHAIN_SPANS: Final = (SPANS[2], SPANS[3], SPANS[4])  # 24h, 72h, 7d
LEAST_PERCENT: Final = 90  # of the sum received: what is left after the commission of a mule
MOST_PERCENT: Final = 101  # rounding, or a little of the account's own money


class Depth(NamedTuple):
    """Where a payment stands in a chain of one window: its place from 1 on, and the first payment of the chain.

    The first payment of a chain that is longer than `CHAIN_HOPS` is not told: it may be any time ago.
    """

    depth: int
    start_us: int | None
    start_amount: int | None


class Link(NamedTuple):
    """A payment received, with its depth for each of `CHAIN_SPANS`."""

    edge: Edge
    depths: tuple[Depth, ...]


class Chains:
    """The `CHAIN_LOOKS` newest payments, and one more, that each account received in the longest of the windows."""

    __slots__ = ("_links", "_queue")

    def __init__(self) -> None:
        self._links: dict[str, deque[Link]] = {}
        self._queue: deque[Link] = deque()

    def __len__(self) -> int:
        return len(self._links)

    def earlier(self, edge: Edge, span: Span) -> Link | None:
        """Return what this payment hands on: of the payments received that fit, the deepest, the newest of equals.

        None where nothing fits, and where the payer received more than `CHAIN_LOOKS` payments in the window: their
        money cannot be told apart.
        """
        links = [link for link in self._links.get(edge.payer, ()) if link.edge.clock_us > edge.clock_us - span.us]
        if len(links) > CHAIN_LOOKS or edge.own or not edge.amount:
            return None
        fit = [link for link in links if _hands_on(link.edge.amount, edge.amount)]
        at = CHAIN_SPANS.index(span)
        return max(fit, key=lambda link: (link.depths[at].depth, link.edge.seq), default=None)

    def depth(self, edge: Edge, span: Span) -> Depth:
        """Return where this payment stands."""
        earlier = self.earlier(edge, span)
        if earlier is None:
            return Depth(1, edge.clock_us, edge.amount)
        before = earlier.depths[CHAIN_SPANS.index(span)]
        if before.depth == CHAIN_HOPS:
            return Depth(CHAIN_HOPS, None, None)
        return before._replace(depth=before.depth + 1)

    def add(self, edge: Edge) -> None:
        """Learn from a payment that is not older than the newest one; own transfers are no part of a chain."""
        if not edge.own:
            self._put(Link(edge, tuple(self.depth(edge, span) for span in CHAIN_SPANS)))

    def _put(self, link: Link) -> None:
        line = self._links.setdefault(link.edge.payee, deque(maxlen=CHAIN_LOOKS + 1))
        line.append(link)
        self._queue.append(link)

    def forget(self, clock_us: int) -> None:
        """Forget what has left the longest of the windows at `clock_us`."""
        until_us = clock_us - CHAIN_SPANS[-1].us
        while self._queue and self._queue[0].edge.clock_us <= until_us:
            link = self._queue.popleft()
            line = self._links[link.edge.payee]
            if line[0] is link:
                line.popleft()
            if not line:
                del self._links[link.edge.payee]

    def state(self) -> list[Link]:
        """Return what is remembered, in journal order."""
        return sorted((link for line in self._links.values() for link in line), key=lambda link: link.edge.seq)

    def load(self, state: Any) -> None:
        """Take over a state."""
        assert not self._links
        for link in msgspec.convert(state, list[Link]):
            self._put(link)


def _hands_on(received: int, sent: int) -> bool:
    return LEAST_PERCENT * received <= 100 * sent <= MOST_PERCENT * received
