"""What a person does to a case, a payment or a list, as an entry of the journal; the writer stamps seq and clock."""

from __future__ import annotations

import re
import secrets
from typing import Final

from headgate.cases.lifecycle import CASE
from headgate.decisions.holds import CLEAR, CONFIRM, PAYMENT, RELEASE, STOP
from headgate.journal.entries import Action
from headgate.service.wire import CaseMove, PaymentMove

ACTION_OF: Final[dict[PaymentMove, str]] = {"release": RELEASE, "confirm-hold": CONFIRM, "stop": STOP, "clear": CLEAR}
_SPACES: Final = re.compile(r"\s+")


def case_action(action_id: str, actor: str, move: CaseMove, case_id: str, reason: str) -> Action:
    """Return the entry for what a person does to a case."""
    return person_action(action_id, actor, move, CASE, case_id, reason)


def payment_action(action_id: str, actor: str, move: PaymentMove, tx_id: str, reason: str) -> Action:
    """Return the entry for what a person does to a payment."""
    return person_action(action_id, actor, ACTION_OF[move], PAYMENT, tx_id, reason)


def person_action(action_id: str, actor: str, action: str, subject_kind: str, subject: str, reason: str) -> Action:
    """Return the entry for what a person does to anything."""
    return Action(
        seq=0,
        clock_us=0,
        action_id=action_id,
        actor=actor,
        action=action,
        subject_kind=subject_kind,
        subject=subject,
        reason=reason,
    )


def new_action_id(door: str) -> str:
    """Return a fresh id for an action that came in by this door."""
    return f"{door}-{secrets.token_hex(8)}"


def one_line(text: str) -> str:
    """Return a text of a person without line breaks and double spaces."""
    return _SPACES.sub(" ", text).strip()
