"""Records of one kind, kept while they are in the longest window, under every key that a fact asks by.

What is on a shelf is exactly what the journal says about the last 28 days: records leave one by one as the clock
passes, and a key with no record left is dropped. Nothing here knows what the records mean.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from typing import Generic, TypeAlias, TypeVar

from headgate.facts.timeline import R, Timeline

L = TypeVar("L", bound=Timeline)  # type: ignore[type-arg]
Keys: TypeAlias = tuple[Hashable, ...]


class Store(Generic[R, L]):
    """Timelines by key. `keys_of` says under which keys a record stands, `make` opens the timeline of a new key."""

    __slots__ = ("_keys_of", "_make", "by_key")

    def __init__(self, keys_of: Callable[[R], Keys], make: Callable[[Hashable], L]) -> None:
        self._keys_of = keys_of
        self._make = make
        self.by_key: dict[Hashable, L] = {}

    def add(self, record: R) -> None:
        """Append the record under each of its keys."""
        for key in self._keys_of(record):
            line = self.by_key.get(key)
            if line is None:
                line = self.by_key[key] = self._make(key)
            line.append(record)

    def forget(self, record: R) -> None:
        """Forget the oldest record of each key of `record`: it is this one."""
        for key in self._keys_of(record):
            line = self.by_key[key]
            line.forget_oldest()
            if not line:
                del self.by_key[key]

    def remove(self, record: R) -> None:
        """Take the record out wherever it stands."""
        for key in self._keys_of(record):
            line = self.by_key[key]
            line.remove(record)
            if not line:
                del self.by_key[key]


class Shelf(Generic[R]):
    """Records in journal order, and the stores that index them. A shelf that nobody reads keeps nothing.

    `late` learns of each record that counts when it leaves the longest window.
    """

    __slots__ = ("_removed", "late", "recent", "stores")

    def __init__(self, stores: tuple[Store[R, Timeline[R]], ...]) -> None:
        self.stores = stores
        self.late: tuple[Callable[[R], None], ...] = ()
        self.recent: deque[R] = deque()
        self._removed: set[int] = set()

    def add(self, record: R) -> None:
        """Keep a record that is not older than the newest one."""
        if not self.stores and not self.late:
            return
        self.recent.append(record)
        for store in self.stores:
            store.add(record)

    def forget(self, until_us: int) -> None:
        """Forget every record whose clock is `until_us` or before."""
        while self.recent and self.recent[0].clock_us <= until_us:
            record = self.recent.popleft()
            if record.seq in self._removed:
                self._removed.discard(record.seq)
                continue
            for store in self.stores:
                store.forget(record)
            for learn in self.late:
                learn(record)

    def remove(self, record: R) -> None:
        """Take a record out of every store; it no longer counts."""
        self._removed.add(record.seq)
        for store in self.stores:
            store.remove(record)

    def standing(self) -> list[R]:
        """Return the records that count, in journal order."""
        return [record for record in self.recent if record.seq not in self._removed]
