"""What the engine asks of a fold, so that a compiled one can take the place of the reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

import pyarrow as pa

from headgate.facts.values import FactValue, Witness
from headgate.journal.entries import Entry
from headgate.kernel import PlainDoor


class Fold(Protocol):
    """Fold 1 over valid entries in order. `format` names the bytes of `state`, `schema` the columns of a block."""

    format: str
    schema: pa.Schema

    def observe_plain(self, entry: Entry, door: PlainDoor) -> Mapping[str, FactValue] | None:
        """Take a payment that passes the door plainly; None for any other entry, and then nothing has changed.

        A fold may leave all of them to `observe`. A failure on the way leaves the door broken.
        """
        ...

    def observe(self, entry: Entry) -> Mapping[str, FactValue] | None:
        """Take one checked entry; return the facts of a payment, None for other kinds."""
        ...

    def observe_block(self, block: pa.RecordBatch) -> pa.RecordBatch:
        """Take a block of the journal; return one row a payment, by `schema`."""
        ...

    def absorb(self, block: pa.RecordBatch) -> None:
        """Take a block of the journal without computing facts."""
        ...

    def evidence(self, name: str) -> Witness:
        """Return the payments behind a fact of the payment observed last."""
        ...

    def sizes(self) -> dict[str, int]:
        """Return how much is remembered, by kind."""
        ...

    def fullest(self) -> int:
        """Return the number of records under the key that has most."""
        ...

    def state(self) -> bytes:
        """Return all that is remembered."""
        ...

    def load(self, state: bytes | memoryview) -> None:
        """Take over a state into a fresh fold with the same names and settings."""
        ...


MakeFold: TypeAlias = Callable[[tuple[str, ...], str, str], Fold]  # names, reference currency, time zone
