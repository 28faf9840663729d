"""What the ledger asks of a store: leaves in order, and the head that was signed over them, changed together or not.

A store decides by compare-and-swap on the size that one writer only goes on; `headgate.checks.ledger` is its law.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Head(NamedTuple):
    """The log as it was last signed: its size, the packed right edge of its tree, the checkpoint note."""

    size: int
    peaks: bytes
    checkpoint: bytes


class LedgerStore(Protocol):
    """Leaves and head of one log. Every method raises UnavailableError when the store cannot be used now."""

    def ledger_head(self) -> Head | None:
        """Return the head that was stored last, None before the first."""

    def ledger_leaves(self, start: int, end: int) -> list[bytes]:
        """Return the leaves with numbers in [start, end), in order."""

    def append_to_ledger(self, leaves: Sequence[bytes], head: Head, expected_size: int) -> None:
        """Store leaves and head in one transaction.

        Raises ConflictError, and changes nothing, unless the stored size is `expected_size` and the head's size is
        that plus the number of leaves.
        """
