"""The payments behind a decision as a page shows them: which are drawn, and each with the sentence of its fact."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from headgate.cases.case import Alert
from headgate.cases.flow import Flow, flow_of
from headgate.decisions.record import Decision
from headgate.facts.values import Witness
from headgate.models.reasons import words_of

CROWD: Final = 30  # accounts in one drawing; beyond it only the alerts are drawn
FEW: Final = 4  # payments that a count or a mean may bring into the drawing; more would be somebody's daily life
_FEATURES: Final = ("payer_", "payee_", "pair_", "reverse_pair_")


def drawn(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """Return the alerts with that evidence alone which shows where money went: patterns, and what is only a few."""
    return tuple(_with_path(alert) for alert in alerts)


def drawing_of(alerts: tuple[Alert, ...]) -> Flow:
    """Return the graph of a case, small enough to be read."""
    whole = flow_of(drawn(alerts))
    return whole if len(whole.nodes) <= CROWD else flow_of(alerts, len(alerts))


def _with_path(alert: Alert) -> Alert:
    kept = tuple(witness for witness in alert.witnesses if _is_path(witness))
    return msgspec.structs.replace(alert, decision=msgspec.structs.replace(alert.decision, evidence=kept))


def _is_path(witness: Witness) -> bool:
    return not witness.fact.startswith(_FEATURES) or len(witness.payments) <= FEW


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
