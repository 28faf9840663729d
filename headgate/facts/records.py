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
    """An outcome as it became known: `edge` has the seq and clock of the outcome, not of its payment."""

    edge: Edge
    outcome_id: str
    fraud: bool

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


class Holder(NamedTuple):
    """What the newest `account` entry says: the parties that hold the account, and its other facts."""

    parties: tuple[str, ...] = ()
    opened_us: int | None = None
    account_type: str | None = None
    account_country: str | None = None


class BookState(msgspec.Struct, forbid_unknown_fields=True):
    """All that a book remembers, as plain values; every list is in journal order."""

    payments: list[Edge]
    declined: list[Edge]
    returned: list[Edge]
    verdicts: list[Verdict]
    events: list[Event]
    latest: dict[str, list[Edge]]
    accounts: dict[str, Holder]
    rates: list[list[str]]


def _payer(edge: Edge) -> Keys:
    return (edge.payer,)


def _payee(edge: Edge) -> Keys:
    return (edge.payee,)


def _either(edge: Edge) -> Keys:
    return (edge.payer, edge.payee) if edge.payer != edge.payee else (edge.payer,)


def _pair(edge: Edge) -> Keys:
    return ((edge.payer, edge.payee),)


def _told(keys: Callable[[Edge], Keys]) -> Callable[[Verdict], Keys]:
    return lambda verdict: keys(verdict.edge)


def _outcome_id(verdict: Verdict) -> Keys:
    return (verdict.outcome_id,)


def _event(event: Event) -> Keys:
    return ((event.account, event.event),)


_Timelines = Callable[[Hashable], Timeline[Any]]

# shelf -> store -> (the keys of a record, the timeline that holds it)
SHELVES: dict[str, dict[str, tuple[Callable[[Any], Keys], _Timelines]]] = {
    "payments": {
        "sent": (_payer, Series),
        "received": (_payee, Series),
        "any": (_either, Series),
        "pair": (_pair, Edges),
    },
    "declined": {"declined_sent": (_payer, Edges), "declined_received": (_payee, Edges)},
    "returned": {"returned_sent": (_payer, Edges), "returned_received": (_payee, Edges)},
    "verdicts": {
        "outcomes_sent": (_told(_payer), Timeline),
        "outcomes_received": (_told(_payee), Timeline),
        "outcomes_any": (_told(_either), Timeline),
        "outcomes_by_id": (_outcome_id, Timeline),
    },
    "events": {"events": (_event, Timeline)},
}

# the newest payment of each key within the profile horizon: store -> the keys of a payment
LATEST: dict[str, Callable[[Edge], Keys]] = {
    "latest_sent": _payer,
    "latest_received": _payee,
    "latest_any": _either,
    "latest_pair": _pair,
}

STORES: frozenset[str] = frozenset((*LATEST, *(store for stores in SHELVES.values() for store in stores)))


def open_stores(shelf: str, reads: frozenset[str]) -> dict[str, Store[Any, Any]]:
    """Return the empty stores of one shelf that requested facts read."""
    return {name: Store(*parts) for name, parts in SHELVES[shelf].items() if name in reads}
