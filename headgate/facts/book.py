"""What fold 1 remembers: the payments, declines, returns, outcomes and sessions of 28 days, the frauds of 400 days,
accounts, rates, and the memories of facts that look further back or around.

Only entries enter; only what a requested fact reads is kept. It holds no score and no decision.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from headgate.facts.memories import LEARN_LATE, STORES, open_memories, size_name
from headgate.facts.records import SHELVES, BookState, Event, Holder, Verdict, Way, open_stores
from headgate.facts.shelf import Shelf, Store
from headgate.facts.timeline import Timeline
from headgate.facts.view import Edge
from headgate.journal.currency import RateTable
from headgate.journal.entries import Account, Entry, Outcome, Payment, PaymentStatusChange, Rates, Session
from headgate.limits import MAX_WINDOW_US, PROFILE_HORIZON_US

NOBODY = Holder()
_NOTHING: Timeline[Any] = Timeline(None)


class Book:
    """The memory of fold 1. reads: the stores that the requested facts look into."""

    def __init__(self, reads: frozenset[str], reference_currency: str) -> None:
        assert reads <= STORES
        self.rates = RateTable(reference_currency)
        self.accounts: dict[str, Holder] = {}
        self.stores: dict[str, Store[Any, Any]] = {}
        self._shelves: dict[str, Shelf[Any]] = {}
        for name in SHELVES:
            stores = open_stores(name, reads)
            self.stores.update(stores)
            self._shelves[name] = Shelf(tuple(stores.values()))
        self.memories = open_memories(reads, self.holder)
        self._learn = tuple(memory.add for name, memory in self.memories.items() if name not in LEARN_LATE)
        late = tuple(memory.add for name, memory in self.memories.items() if name in LEARN_LATE)
        self._shelves["payments"].late = late
        self._takes: dict[type, Callable[[Any], None]] = {
            PaymentStatusChange: self._take_status,
            Outcome: self._take_outcome,
            Account: self._take_account,
            Session: self._take_session,
            Rates: self.rates.observe,
        }

    def forget(self, clock_us: int) -> None:
        """Forget what left the longest window, or the profile horizon, at `clock_us`."""
        for name, shelf in self._shelves.items():
            shelf.forget(clock_us - (PROFILE_HORIZON_US if name == "frauds" else MAX_WINDOW_US))
        for memory in self.memories.values():
            memory.forget(clock_us)

    def take(self, entry: Entry) -> None:
        """Learn from an entry that is no payment; kinds that say nothing about payments are passed over."""
        take = self._takes.get(type(entry))
        if take is not None:
            take(entry)

    def edge_of(self, entry: Payment | PaymentStatusChange | Outcome) -> Edge:
        """Return the entry as an edge, its amount in reference minor units by the rates known now."""
        amount = self.rates.reference_minor(entry.amount_minor, entry.currency)
        own = self.same_party(entry.payer, entry.payee)
        return Edge(entry.seq, entry.clock_us, entry.payer, entry.payee, amount, entry.tx_id, own)

    def add_payment(self, edge: Edge, payment: Payment) -> None:
        """Remember a payment. A declined one moved no money: it stands among the declines only."""
        declined = payment.status == "declined"
        self._shelves["declined" if declined else "payments"].add(edge)
        if not declined:
            self._shelves["ways"].add(
                Way(edge.seq, edge.clock_us, edge.payer, edge.payee, payment.channel, payment.rail)
            )
            for learn in self._learn:
                learn(edge)

    def holder(self, account: str) -> Holder:
        """Return what is known of an account."""
        return self.accounts.get(account, NOBODY)

    def same_party(self, one: str, other: str) -> bool:
        """Whether both accounts are known to have a holder in common."""
        parties = self.holder(one).parties
        return bool(parties) and not set(parties).isdisjoint(self.holder(other).parties)

    def _take_status(self, entry: PaymentStatusChange) -> None:
        shelf = "declined" if entry.new_status == "declined" else "returned"
        self._shelves[shelf].add(self.edge_of(entry))

    def _take_outcome(self, entry: Outcome) -> None:
        for shelf, store in (("verdicts", "outcomes_by_id"), ("frauds", "frauds_by_id")):
            if entry.supersedes is not None and store in self.stores:
                line = self.stores[store].by_key.get(entry.supersedes, _NOTHING)
                for verdict in line.records[line.gone :]:
                    self._shelves[shelf].remove(verdict)
        verdict = Verdict(self.edge_of(entry), entry.outcome_id, entry.outcome == "fraud", entry.payment_clock_us)
        self._shelves["verdicts"].add(verdict)
        if verdict.fraud:
            self._shelves["frauds"].add(verdict)

    def _take_account(self, entry: Account) -> None:
        parties = (*((entry.party,) if entry.party else ()), *entry.joint_parties)
        self.accounts[entry.account] = Holder(parties, entry.opened_us, entry.account_type, entry.account_country)

    def _take_session(self, entry: Session) -> None:
        self._shelves["events"].add(Event(entry.seq, entry.clock_us, entry.account, entry.event))

    def sizes(self) -> dict[str, int]:
        """Return how much is kept: `records.<shelf>`, `keys.<store>`, `accounts`, `rates`,
        and the memories by their own names."""
        records = {f"records.{name}": len(shelf.recent) for name, shelf in self._shelves.items()}
        keys = {f"keys.{name}": len(store.by_key) for name, store in self.stores.items()}
        memories = {size_name(name): len(memory) for name, memory in self.memories.items()}
        return {**records, **keys, **memories, "accounts": len(self.accounts), "rates": len(self.rates.state())}

    def fullest(self) -> int:
        """Return the number of records of the key that has most."""
        lines = (len(line) for store in self.stores.values() for line in store.by_key.values())
        return max(lines, default=0)

    def state(self) -> BookState:
        """Return all that is remembered, as plain values."""
        standing = {name: shelf.standing() for name, shelf in self._shelves.items()}
        memories = {name: memory.state() for name, memory in self.memories.items()}
        return BookState(**standing, memories=memories, accounts=dict(self.accounts), rates=self.rates.state())

    def load(self, state: BookState) -> None:
        """Take over a state; the book must be empty. Raises msgspec.ValidationError for a memory of another kind."""
        assert not any(self.sizes().values())
        for name, shelf in self._shelves.items():
            for record in getattr(state, name):
                shelf.add(record)
        self.accounts = dict(state.accounts)
        for name, memory in self.memories.items():
            memory.load(state.memories.get(name))
        self.rates.load(state.rates)
