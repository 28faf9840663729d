"""The payments behind a decision as a page shows them: each with the sentence of its fact."""

from __future__ import annotations

from headgate.decisions.record import Decision
from headgate.facts.values import Witness
from headgate.models.reasons import words_of


def evidence_of(decision: Decision) -> list[tuple[Witness, str]]:
    """Return the witnesses with their sentences; what points at the judged payment alone proves nothing more.

    Facts with the same payments are shown once.
    """
    found: dict[tuple[str, ...], tuple[Witness, str]] = {}
    for witness in decision.evidence:
        ids = tuple(payment.tx_id for payment in witness.payments)
        if ids not in found and set(ids) - {decision.tx_id}:
            found[ids] = (witness, words_of(witness.fact).sentence)
    return list(found.values())
