"""Which accounts are hubs: accounts with so many counterparties that sharing one says nothing.

A bounded fold over submitted payments: for each account the most recent distinct counterparties, one more than the
limit. It holds ids only while they can matter and never a score.
"""

from __future__ import annotations

from headgate.journal.entries import Payment
from headgate.limits import CASE_HUB_DEGREE, MAX_WINDOW_US

Counterparties = dict[str, int]  # counterparty -> clock of the last payment with it, in order of that clock


class Degrees:
    """Answers exactly whether an account had more than `limit` counterparties in (clock - window, clock].

    It has, if and only if its `limit + 1` most recent distinct counterparties are all inside the window; so that many
    are enough to keep.
    """

    def __init__(self, limit: int = CASE_HUB_DEGREE, window_us: int = MAX_WINDOW_US) -> None:
        self._limit = limit
        self._window_us = window_us
        self._recent: dict[str, Counterparties] = {}
        self._next_sweep_us = 0

    def observe(self, payment: Payment) -> None:
        """Take in one payment, in the order of the journal; a declined one is no contact."""
        if payment.status == "declined" or payment.payer == payment.payee:
            return
        self._touch(payment.payer, payment.payee, payment.clock_us)
        self._touch(payment.payee, payment.payer, payment.clock_us)
        if payment.clock_us >= self._next_sweep_us:
            self._sweep(payment.clock_us)

    def is_hub(self, account: str, clock_us: int) -> bool:
        """Whether the account has more than the limit of counterparties in the window that ends at the clock."""
        recent = self._recent.get(account)
        if recent is None or len(recent) <= self._limit:
            return False
        oldest_us = recent[next(iter(recent))]
        return oldest_us > clock_us - self._window_us

    def state(self) -> dict[str, Counterparties]:
        """The whole state as plain values, for a snapshot."""
        return {account: dict(recent) for account, recent in self._recent.items()}

    def load(self, state: dict[str, Counterparties]) -> None:
        """Take the place of a state that `state` gave."""
        self._recent = {account: dict(recent) for account, recent in state.items()}

    def _touch(self, account: str, counterparty: str, clock_us: int) -> None:
        recent = self._recent.get(account)
        if recent is None:
            recent = self._recent[account] = {}
        recent.pop(counterparty, None)
        recent[counterparty] = clock_us
        if len(recent) > self._limit + 1:
            del recent[next(iter(recent))]

    def _sweep(self, clock_us: int) -> None:
        """Forget accounts whose last contact is outside the window; once a window, so the cost is spread."""
        edge = clock_us - self._window_us
        self._recent = {a: recent for a, recent in self._recent.items() if max(recent.values()) > edge}
        self._next_sweep_us = clock_us + self._window_us
