"""Law: the facts that a decision recorded are found again, bit for bit, from the journal alone.

explains(lambda: MyEngine(names), journal, {"tx-17": "…digest of the decision…"})
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headgate.checks.comparison import Make, facts_of
from headgate.errors import LawError
from headgate.facts.digest import facts_digest
from headgate.journal.entries import Entry


def explains(make: Make, entries: Sequence[Entry], recorded: Mapping[str, str]) -> None:
    """Raise LawError unless a fresh engine over the journal gives each recorded facts digest again, by tx_id."""
    engine = make()
    facts = facts_of(engine, entries)
    again = {row["tx_id"]: facts_digest(engine.names, row) for row in facts.to_pylist() if row["tx_id"] in recorded}
    for tx_id, digest in recorded.items():
        if again.get(tx_id) != digest:
            raise LawError(
                "The law 'explains' is broken: the journal does not give the recorded facts again"
                if tx_id in again
                else "The law 'explains' is broken: the payment is not in the journal",
                where=f"payment {tx_id!r}",
                repair="Compare journal, engine version and fact names with those of the decision record.",
            )
