"""What is never forgotten of an account: since when it is seen, how often it paid and was paid, its largest payments.

Fixed bytes an account, whatever the number of its payments; nothing about pairs is kept for ever.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from headgate.facts.view import Edge


class Seen(NamedTuple):
    """One account: the clock of its first payment, and how many it sent and received with the largest of each."""

    first_us: int
    sent: int = 0
    received: int = 0
    sent_max: int | None = None
    received_max: int | None = None


class Ever:
    """Every account that a payment moved money from or to, in the order of their first payments."""

    __slots__ = ("_accounts",)

    def __init__(self) -> None:
        self._accounts: dict[str, Seen] = {}

    def __len__(self) -> int:
        return len(self._accounts)

    def add(self, edge: Edge) -> None:
        """Count a payment for both of its accounts."""
        one = self._accounts.get(edge.payer, Seen(edge.clock_us))
        largest = max(one.sent_max or 0, edge.amount)
        self._accounts[edge.payer] = one._replace(sent=one.sent + 1, sent_max=largest)
        other = self._accounts.get(edge.payee, Seen(edge.clock_us))
        largest = max(other.received_max or 0, edge.amount)
        self._accounts[edge.payee] = other._replace(received=other.received + 1, received_max=largest)

    def forget(self, clock_us: int) -> None:
        """Nothing is forgotten."""

    def of(self, account: str) -> Seen | None:
        """Return what is known of an account, None where no payment of it was seen."""
        return self._accounts.get(account)

    def state(self) -> dict[str, Seen]:
        """Return all accounts."""
        return self._accounts

    def load(self, state: Any) -> None:
        """Take over a state."""
        assert not self._accounts
        self._accounts = msgspec.convert(state, dict[str, Seen])
