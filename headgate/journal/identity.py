"""What makes a repetition harmless: the identity of an entry among those of its kind.

Two entries of one kind with the same identity are the same thing told twice. Kinds without one (facts of an account,
rates, lists, activations, timers) may come again: the latest holds. Ids hold no line break, so parts never run
together.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from headgate.journal.entries import Action, Entry, Outcome, Payment, PaymentStatusChange, Session, kind_of
from headgate.journal.schema import from_block

_OTHERS: Final = pa.array(["outcome", "action", "payment_status", "session"])


def entry_id(entry: Entry) -> str | None:
    """Return the identity of an entry within its kind, None where its kind has none.

    A status is told once for a payment; an event of a session once, unless its sender gives events ids of their own.
    """
    if isinstance(entry, Payment):
        return entry.tx_id
    if isinstance(entry, Outcome):
        return entry.outcome_id
    if isinstance(entry, Action):
        return entry.action_id
    if isinstance(entry, PaymentStatusChange):
        return f"{entry.tx_id}\n{entry.new_status}"
    if isinstance(entry, Session):
        own = f"\n{entry.event_id}" if entry.event_id else ""
        return f"{entry.session_id}\n{entry.event}\n{entry.signal or ''}{own}"
    return None


def ids_of(block: pa.RecordBatch) -> Iterator[tuple[str, str, int]]:
    """Yield (kind, identity, seq) of the entries of a block whose kind has one; of payments first, by columns."""
    payments = block.filter(pc.equal(block.column("kind"), "payment"))
    ids, places = (payments.column(name).to_pylist() for name in ("tx_id", "seq"))
    yield from (("payment", tx_id, seq) for tx_id, seq in zip(ids, places, strict=True))
    for entry in from_block(block.filter(pc.is_in(block.column("kind"), value_set=_OTHERS))):
        identity = entry_id(entry)
        assert identity is not None
        yield kind_of(entry), identity, entry.seq
