"""The records that fold 1 keeps beside payments, the stores they stand in, and the plain form of a snapshot.

Values only; who keeps them is `book.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

import msgspec

from headgate.facts.series import Series
from headgate.facts.shelf import Keys, Store
from headgate.facts.timeline import Edges, Timeline
from headgate.facts.view import Edge


class Verdict(NamedTuple):
    """An outcome as it became known: `edge` has its seq and clock, `paid_us` is the clock of its payment."""

    edge: Edge
    outcome_id: str
    fraud: bool
    paid_us: int

    @property
    def seq(self) -> int:
        """Place of the outcome in the journal."""
        return self.edge.seq

    @property
    def clock_us(self) -> int:
        """When the outcome became known."""
        return self.edge.clock_us


class Event(NamedTuple):
    """Something that happened in a session of an account."""

    seq: int
    clock_us: int
    account: str
    event: str


class Way(NamedTuple):
    """By which channel and on which rail a payment came; empty where it does not state them."""

    seq: int
    clock_us: int
    payer: str
    payee: str
    channel: str
    rail: str


class Holder(NamedTuple):
    """What the newest `account` entry says: the parties that hold the account, and its other facts."""

    parties: tuple[str, ...] = ()
    opened_us: int | None = None
    account_type: str | None = None
    account_country: str | None = None


class BookState(msgspec.Struct, forbid_unknown_fields=True):
    """All that a book remembers, as plain values; every list of records is in journal order."""

    payments: list[Edge]
    declined: list[Edge]
    returned: list[Edge]
    verdicts: list[Verdict]
    frauds: list[Verdict]
    events: list[Event]
    memories: dict[str, Any]
    accounts: dict[str, Holder]
    rates: list[list[str]]
    ways: list[Way] = []


def by_payer(edge: Edge) -> Keys:
    """Under the account that pays."""
    return (edge.payer,)


def by_payee(edge: Edge) -> Keys:
    """Under the account that is paid."""
    return (edge.payee,)


def by_either(edge: Edge) -> Keys:
    """Under both accounts."""
    return (edge.payer, edge.payee) if edge.payer != edge.payee else (edge.payer,)


def by_pair(edge: Edge) -> Keys:
    """Under the two accounts in the direction of the payment."""
    return ((edge.payer, edge.payee),)


def _told(keys: Callable[[Edge], Keys]) -> Callable[[Verdict], Keys]:
    return lambda verdict: keys(verdict.edge)


def _outcome_id(verdict: Verdict) -> Keys:
    return (verdict.outcome_id,)


def _way_payer(way: Way) -> Keys:
    return (way.payer,)


def _way_payee(way: Way) -> Keys:
    return (way.payee,)


def _event(event: Event) -> Keys:
    return ((event.account, event.event),)


_Timelines = Callable[[Hashable], Timeline[Any]]

# shelf -> store -> (the keys of a record, the timeline that holds it)
SHELVES: dict[str, dict[str, tuple[Callable[[Any], Keys], _Timelines]]] = {
    "payments": {
        "sent": (by_payer, Series),
        "received": (by_payee, Series),
        "any": (by_either, Series),
        "pair": (by_pair, Edges),
    },
    "declined": {"declined_sent": (by_payer, Edges), "declined_received": (by_payee, Edges)},
    "returned": {"returned_sent": (by_payer, Edges), "returned_received": (by_payee, Edges)},
    "verdicts": {
        "outcomes_sent": (_told(by_payer), Timeline),
        "outcomes_received": (_told(by_payee), Timeline),
        "outcomes_any": (_told(by_either), Timeline),
        "outcomes_by_id": (_outcome_id, Timeline),
    },
    "frauds": {
        "frauds_sent": (_told(by_payer), Timeline),
        "frauds_received": (_told(by_payee), Timeline),
        "frauds_any": (_told(by_either), Timeline),
        "frauds_by_id": (_outcome_id, Timeline),
    },
    "events": {"events": (_event, Timeline)},
    "ways": {"ways_sent": (_way_payer, Timeline), "ways_received": (_way_payee, Timeline)},
}


def open_stores(shelf: str, reads: frozenset[str]) -> dict[str, Store[Any, Any]]:
    """Return the empty stores of one shelf that requested facts read."""
    return {name: Store(*parts) for name, parts in SHELVES[shelf].items() if name in reads}
