"""Receipts: where a decision stands in the log, and the proof that it does.

Decisions are logged in the order of their seq, so their place is found by halving, without an index.
"""

from __future__ import annotations

from typing import Final

import msgspec

from headgate.decisions.record import Decision
from headgate.errors import NotFoundError, UnavailableError
from headgate.ledger.proof import prove_inclusion
from headgate.ledger.reader import folder_reader
from headgate.ledger.receipt import Receipt
from headgate.ledger.store import LedgerStore
from headgate.service.publishing import Publishing, size_of

_PAGE: Final = 256


class _Place(msgspec.Struct):
    kind: str
    seq: int = -1


_place = msgspec.json.Decoder(_Place).decode


def receipt_of(decision: Decision, store: LedgerStore, publishing: Publishing | None) -> Receipt:
    """Return the receipt of a decision under the published checkpoint.

    Raises NotFoundError for a decision that is not in the log, UnavailableError where no log is published.
    """
    if publishing is None:
        raise UnavailableError("This service publishes no log", where="ledger", repair="Ask a service that does.")
    number, entry = _found(decision, store)
    checkpoint = publishing.published(number + 1)
    size = size_of(checkpoint)
    proof = prove_inclusion(number, size, folder_reader(publishing.folder, size).node)
    return Receipt(number, entry, proof, checkpoint)


def number_of(seq: int, store: LedgerStore) -> tuple[int, bytes] | None:
    """Return the number and content of the entry about the decision with this seq, None where there is none."""
    head = store.ledger_head()
    low, high = 0, 0 if head is None else head.size
    while low < high:
        middle = (low + high) // 2
        found = _first_decision(middle, high, store)
        if found is None or found[1] > seq:
            high = middle
        elif found[1] < seq:
            low = found[0] + 1
        else:
            return found[0], found[2]
    return None


def _first_decision(start: int, end: int, store: LedgerStore) -> tuple[int, int, bytes] | None:
    for first in range(start, end, _PAGE):
        for number, content in enumerate(store.ledger_leaves(first, min(first + _PAGE, end)), first):
            place = _place(content)
            if place.kind == "decision":
                return number, place.seq, content
    return None


def _found(decision: Decision, store: LedgerStore) -> tuple[int, bytes]:
    found = number_of(decision.seq, store)
    if found is None:
        raise NotFoundError(
            f"The decision on {decision.tx_id!r} is not in the log",
            where="tx_id",
            repair="It was made before the log began, for instance by a replay; receipts are for what came after.",
        )
    return found
