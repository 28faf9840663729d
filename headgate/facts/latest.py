"""The newest payment under each key within the profile horizon of 400 days: what "since when" is asked of.

One record a key, however many payments it stands for; keys that were silent for the whole horizon are dropped.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import msgspec

from headgate.facts.shelf import Keys
from headgate.facts.view import Edge
from headgate.limits import PROFILE_HORIZON_US


class Latest:
    """Newest payments by key, in the order in which they came. `keys_of` says under which keys a payment stands."""

    __slots__ = ("_by_key", "_keys_of")

    def __init__(self, keys_of: Callable[[Edge], Keys]) -> None:
        self._keys_of = keys_of
        self._by_key: OrderedDict[Hashable, Edge] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_key)

    def add(self, edge: Edge) -> None:
        """A payment that is not older than the newest one takes the place of the one before it."""
        for key in self._keys_of(edge):
            self._by_key[key] = edge
            self._by_key.move_to_end(key)

    def forget(self, clock_us: int) -> None:
        """Forget every key whose newest payment is as old as the profile horizon at `clock_us`, or older."""
        until_us = clock_us - PROFILE_HORIZON_US
        while self._by_key:
            key = next(iter(self._by_key))
            if self._by_key[key].clock_us > until_us:
                return
            del self._by_key[key]

    def of(self, key: Hashable) -> Edge | None:
        """Return the newest payment under a key, None where there is none in the horizon."""
        return self._by_key.get(key)

    def state(self) -> list[Edge]:
        """Return the payments that are newest under some key, in journal order; adding them again gives the same."""
        return sorted(set(self._by_key.values()), key=lambda edge: edge.seq)

    def load(self, state: Any) -> None:
        """Take over a state."""
        assert not self._by_key
        for edge in msgspec.convert(state, list[Edge]):
            self.add(edge)
