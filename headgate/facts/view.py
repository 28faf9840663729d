"""What a pattern may see of the payments: edges, read only, inside one window.

The view belongs to the payment judged: every sequence ends before it. A pattern never sees the fold's own
lists, so it can change nothing and remember nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Edge(NamedTuple):
    """One payment as an edge from payer to payee; `amount` in reference minor units.

    `own` says that both accounts were known to belong to one party when the payment was seen.
    """

    seq: int
    clock_us: int
    payer: str
    payee: str
    amount: int
    tx_id: str
    own: bool


class GraphView(Protocol):
    """The payments that precede the judged one, clock in (t - window_us, t]. Declined ones are absent."""

    def outs(self, account: str, window_us: int) -> Sequence[Edge]:
        """Edges that `account` sent, oldest first."""
        ...

    def ins(self, account: str, window_us: int) -> Sequence[Edge]:
        """Edges that `account` received, oldest first."""
        ...

    def pair(self, payer: str, payee: str, window_us: int) -> Sequence[Edge]:
        """Edges from `payer` to `payee`, oldest first."""
        ...

    def newest_outs(self, account: str, window_us: int, limit: int) -> Sequence[Edge]:
        """At most the `limit` newest edges that `account` sent, newest first."""
        ...

    def newest_ins(self, account: str, window_us: int, limit: int) -> Sequence[Edge]:
        """At most the `limit` newest edges that `account` received, newest first."""
        ...

    def newest_ins_before(self, account: str, window_us: int, seq: int, limit: int) -> Sequence[Edge]:
        """At most the `limit` newest edges that `account` received before place `seq`, newest first."""
        ...

    def newest_in_per_payer(self, account: str, window_us: int, limit: int) -> Sequence[Edge]:
        """The newest edge of each of the `limit` most recent distinct payers of `account`, newest first."""
        ...

    def newest_out_per_payee(self, account: str, window_us: int, limit: int) -> Sequence[Edge]:
        """The newest edge to each of the `limit` most recent distinct payees of `account`, newest first."""
        ...

    def last_before(self, account: str) -> Edge | None:
        """The newest edge of `account`, either way, that left the longest window; None beyond the profile horizon.

        Only a pattern that reads the memory `before_any` may ask this.
        """
        ...
