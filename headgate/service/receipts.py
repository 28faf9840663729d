"""Receipts of a served home: where a decision stands in its log, and the proof that it does."""

from __future__ import annotations

from headgate.decisions.record import Decision
from headgate.errors import NotFoundError, UnavailableError
from headgate.ledger.places import number_of
from headgate.ledger.proof import prove_inclusion
from headgate.ledger.reader import folder_reader
from headgate.ledger.receipt import Receipt
from headgate.ledger.store import LedgerStore
from headgate.service.inside import PublishedLog
from headgate.service.publishing import size_of


def receipt_of(decision: Decision, store: LedgerStore, publishing: PublishedLog | None) -> Receipt:
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


def _found(decision: Decision, store: LedgerStore) -> tuple[int, bytes]:
    head = store.ledger_head()
    found = number_of(decision.seq, 0 if head is None else head.size, store.ledger_leaves)
    if found is None:
        raise NotFoundError(
            f"The decision on {decision.tx_id!r} is not in the log",
            where="tx_id",
            repair="It was made before the log began, for instance by a replay; receipts are for what came after.",
        )
    return found
