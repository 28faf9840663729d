"""How a payment stands now, after what was decided about it: whether it waits, and if not any more, why not.

It is read from what was announced about the payment; a decision itself never changes.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

from headgate.cases.announcement import Announcement, AnnouncementKind
from headgate.decisions.holds import CLEAR, CONFIRM, RELEASE, STOP, HoldStateName, Waiting
from headgate.decisions.record import Decision
from headgate.journal.entries import Action
from headgate.stores.store import Announcements

_STATES: Final[dict[AnnouncementKind, HoldStateName]] = {
    "payment.held": "held",
    "payment.stopped": "stopped",
    "payment.escalated": "stopped",
    "payment.released": "released",
    "payment.confirmed": "confirmed",
    "payment.cleared": "cleared",
    "payment.withdrawn": "withdrawn",
}
StandingState: TypeAlias = HoldStateName | Literal["none"]
_AFTER: Final[dict[str, HoldStateName]] = {
    RELEASE: "released",
    CONFIRM: "confirmed",
    STOP: "stopped",
    CLEAR: "cleared",
}


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a payment stands since `since_us`, by a `decision`, `person`, `timer` or `payer`; `none`: it never waited.

    due_us: when a hold releases itself, or a legal stop is escalated to more people; None where nothing is due.
    """

    tx_id: str
    state: StandingState
    since_us: int
    by: str
    due_us: int | None = None


def standing_of(store: Announcements, decision: Decision) -> Standing:
    """Return how a payment stands that was decided."""
    told = [each for each in store.announcements_about(decision.tx_id) if each.kind in _STATES]
    if told:
        return _standing(told[-1])
    return Standing(tx_id=decision.tx_id, state="none", since_us=decision.clock_us, by="decision")


def standing_after(action: Action, waiting: Waiting | None) -> Standing:
    """Return how a payment stands after what a person did to it. waiting: the payment, where it waits."""
    due_us = waiting.due_us if waiting and waiting.since_us == action.clock_us else None
    state = _AFTER[action.action]
    return Standing(tx_id=action.subject, state=state, since_us=action.clock_us, by="person", due_us=due_us)


def standing_while(waiting: Waiting) -> Standing:
    """Return how a payment stands that waits."""
    return Standing(
        tx_id=waiting.tx_id, state=waiting.state, since_us=waiting.since_us, by="decision", due_us=waiting.due_us
    )


def _standing(told: Announcement) -> Standing:
    return Standing(
        tx_id=told.subject, state=_STATES[told.kind], since_us=told.clock_us, by=told.by, due_us=told.due_us
    )
