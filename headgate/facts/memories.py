"""What fold 1 remembers beside the records of 28 days: the newest payment of each key, the sums of closed
days, what is never forgotten of an account, and which accounts belong together.

Each memory has a name, by which facts read it, and learns from payments that moved money, in journal order: when they
come, or, those of `LEARN_LATE`, when they leave the 28 days.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from headgate.facts.chains import Chains
from headgate.facts.days import Days
from headgate.facts.ever import Ever
from headgate.facts.latest import Latest
from headgate.facts.records import SHELVES, Holder, by_either, by_pair, by_payee, by_payer
from headgate.facts.refreshes import Refreshes
from headgate.facts.shelf import Keys
from headgate.facts.view import Edge
from headgate.limits import PEER_DAYS, PROFILE_DAYS


class Memory(Protocol):
    """One memory. Its length is how much it keeps; it keeps nothing that no later fact can depend on."""

    def __len__(self) -> int: ...

    def add(self, edge: Edge) -> None:
        """Learn from a payment that is not older than the newest one."""
        ...

    def forget(self, clock_us: int) -> None:
        """The clock has come to `clock_us`: forget what is too old; called before every entry."""
        ...

    def state(self) -> Any:
        """Return all that is remembered, as plain values for MessagePack."""
        ...

    def load(self, state: Any) -> None:
        """Take over a state; the memory must be empty. Raises msgspec.ValidationError for other values."""
        ...


HolderOf = Callable[[str], Holder]
Make = Callable[[HolderOf], Memory]


def _group(holder: Holder) -> Keys:
    """Under the type of an account; an account of unknown type has no peers."""
    return () if holder.account_type is None else (holder.account_type,)


MEMORIES: dict[str, Make] = {
    "latest_sent": lambda _: Latest(by_payer),
    "latest_received": lambda _: Latest(by_payee),
    "latest_any": lambda _: Latest(by_either),
    "latest_pair": lambda _: Latest(by_pair),
    "before_any": lambda _: Latest(by_either),
    "profile_sent": lambda _: Days(by_payer, PROFILE_DAYS),
    "profile_received": lambda _: Days(by_payee, PROFILE_DAYS),
    "profile_pair": lambda _: Days(by_pair, PROFILE_DAYS),
    "peers_sent": lambda holder_of: Days(lambda edge: _group(holder_of(edge.payer)), PEER_DAYS),
    "peers_received": lambda holder_of: Days(lambda edge: _group(holder_of(edge.payee)), PEER_DAYS),
    "chains": lambda _: Chains(),
    "ever": lambda _: Ever(),
    "community": lambda _: Refreshes(),
}

LEARN_LATE: frozenset[str] = frozenset({"before_any"})

STORES: frozenset[str] = frozenset((*MEMORIES, *(store for stores in SHELVES.values() for store in stores)))


def size_name(name: str) -> str:
    """Return the name under which `sizes` counts a memory: its own where it counts no keys that expire."""
    return name if name in ("ever", "community") else f"keys.{name}"


def open_memories(reads: frozenset[str], holder_of: HolderOf) -> dict[str, Memory]:
    """Return the empty memories that requested facts read. holder_of: what is known of an account now."""
    return {name: make(holder_of) for name, make in MEMORIES.items() if name in reads}
