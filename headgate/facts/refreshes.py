"""The communities that are valid now: the payments that a refresh looks at, and what the newest valid one found.

Refresh k looks at the payments with a clock in (kR - w, kR], R = 24 h and w = 7 days, and is valid for clocks in
[(k+1)R, (k+2)R): whoever computes has a day to do so. It is a pure function of payments that are all known by then, so
that it does not matter when it is computed; here that is when a fact first asks for it.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import msgspec

from headgate.facts.community import Communities, communities_of
from headgate.facts.view import Edge
from headgate.limits import COMMUNITY_REFRESH_US, COMMUNITY_WINDOW_US


class Refreshes:
    """Payments from the window of the valid refresh on; older ones are in no refresh to come."""

    __slots__ = ("_at_us", "_edges", "_found")

    def __init__(self) -> None:
        self._edges: deque[Edge] = deque()
        self._at_us = -COMMUNITY_REFRESH_US
        self._found: Communities | None = None

    def __len__(self) -> int:
        return len(self._edges)

    def add(self, edge: Edge) -> None:
        """Keep a payment for the refreshes to come."""
        self._edges.append(edge)

    def forget(self, clock_us: int) -> None:
        """Make the refresh that is valid at `clock_us` the current one, and forget what lies before its window."""
        at_us = (clock_us // COMMUNITY_REFRESH_US - 1) * COMMUNITY_REFRESH_US
        if at_us == self._at_us:
            return
        self._at_us, self._found = at_us, None
        while self._edges and self._edges[0].clock_us <= at_us - COMMUNITY_WINDOW_US:
            self._edges.popleft()

    def edges(self) -> list[Edge]:
        """Return the payments that the current refresh looks at, oldest first."""
        return [edge for edge in self._edges if edge.clock_us <= self._at_us]

    def current(self) -> Communities:
        """Return what the current refresh finds; the accounts that it does not name had no payment in its window."""
        if self._found is None:
            self._found = communities_of((edge.payer, edge.payee) for edge in self.edges())
        return self._found

    def state(self) -> list[Edge]:
        """Return the payments; the current refresh follows from them."""
        return list(self._edges)

    def load(self, state: Any) -> None:
        """Take over a state."""
        assert not self._edges
        self._edges.extend(msgspec.convert(state, list[Edge]))
