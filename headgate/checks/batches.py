"""Batches for the law of stores: what a service commits about a journal, with every second payment in a case."""

from __future__ import annotations

from collections.abc import Sequence

from headgate.cases.announcement import Announcement
from headgate.cases.case import Alert
from headgate.cases.grouping import CaseState
from headgate.decisions.record import Decision
from headgate.journal.entries import Entry, Payment
from headgate.stores.store import Batch


def sample_batches(entries: Sequence[Entry], parts: int = 3) -> list[Batch]:
    """Return batches of a journal in which every second payment is an alert in a case."""
    state = CaseState()
    size = -(-len(entries) // parts)
    return [_batch(entries[start : start + size], state) for start in range(0, len(entries), size)]


def _batch(entries: Sequence[Entry], state: CaseState) -> Batch:
    decisions, alerts, cases, told = [], [], [], []
    for entry in entries:
        if not isinstance(entry, Payment):
            continue
        decision = _decision(entry)
        decisions.append(decision)
        if decision.alert:
            alerts.append(Alert(payment=entry, decision=decision, reference_minor=entry.amount_minor))
            told += [_announcement(entry, place) for place in range(2)]
            cases += [change.case for change in state.add(alerts[-1])]
    return Batch(entries=entries, decisions=decisions, alerts=alerts, cases=cases, announcements=told)


def _announcement(payment: Payment, place: int) -> Announcement:
    return Announcement(
        seq=payment.seq,
        place=place,
        clock_us=payment.clock_us,
        kind="payment.held",
        subject=payment.tx_id,
        due_us=place,
    )


def _decision(payment: Payment) -> Decision:
    alert = payment.seq % 2 == 0
    return Decision(
        tx_id=payment.tx_id,
        seq=payment.seq,
        clock_us=payment.clock_us,
        action="review" if alert else "allow",
        alert=alert,
        score=payment.seq / 7,
        probability=None,
        rank_score=payment.seq / 7,
        threshold=0.1,
        reasons=("A sentence, with ünïcode.",),
    )
