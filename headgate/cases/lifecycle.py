"""What people may do to a case: confirm, dismiss with a reason, reopen.

Every step is an `action` entry of the journal by a named person. Nothing here happens by itself, and nothing is
decided about a customer: a person confirms, a person releases.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

import msgspec

from headgate.cases.case import Case, CaseAction, CaseStateName, ChangeName
from headgate.errors import ConflictError, FieldError, nearest
from headgate.journal.entries import Action
from headgate.limits import MAX_NOTE_CHARS

CASE: Final = "case"  # Action.subject_kind of what is done to a case


class _Move(NamedTuple):
    sources: tuple[CaseStateName, ...]
    target: CaseStateName
    change: ChangeName


_MOVES: Final[dict[str, _Move]] = {
    "confirm": _Move(("open",), "confirmed", "confirmed"),
    "dismiss": _Move(("open",), "dismissed", "dismissed"),
    "reopen": _Move(("confirmed", "dismissed"), "open", "reopened"),
}
CASE_ACTIONS: Final = tuple(_MOVES)


def changed_by(case: Case, action: Action) -> tuple[ChangeName, Case]:
    """Return the name of the change and the case after it.

    Raises FieldError for an unknown action, an empty or overlong reason or nobody; ConflictError where the state of
    the case does not allow it (somebody else may have been faster).
    """
    move = _move(action)
    _check_words(action)
    if case.state not in move.sources:
        raise _wrong_state(case, action.action, move)
    history = (*case.history, as_case_action(action))
    return move.change, msgspec.structs.replace(case, state=move.target, history=history)


def as_case_action(action: Action) -> CaseAction:
    """Return the line of a case's history for a journal entry."""
    return CaseAction(
        action_id=action.action_id,
        clock_us=action.clock_us,
        actor=action.actor,
        action=action.action,
        reason=action.reason,
    )


def _move(action: Action) -> _Move:
    found = _MOVES.get(action.action)
    if found is None or action.subject_kind != CASE:
        raise FieldError(
            f"{action.action!r} of a {action.subject_kind!r} is nothing that can be done to a case.",
            where="action",
            repair=f"{nearest(action.action, CASE_ACTIONS)}Use one of {', '.join(CASE_ACTIONS)}.",
        )
    return found


def _check_words(action: Action) -> None:
    if not action.actor.strip():
        raise FieldError("An action needs a person.", where="actor", repair="Say who acts.")
    if not action.reason.strip():
        raise FieldError(
            "A case changes with a reason only.",
            where="reason",
            repair="Write in a sentence why you confirm, dismiss or reopen it.",
        )
    if len(action.reason) > MAX_NOTE_CHARS:
        raise FieldError(
            f"The reason has {len(action.reason)} characters.",
            where="reason",
            repair=f"Keep it to {MAX_NOTE_CHARS} characters.",
        )


def _wrong_state(case: Case, action: str, move: _Move) -> ConflictError:
    into = f" into {case.merged_into}" if case.merged_into else ""
    return ConflictError(
        f"Case {case.id} is {case.state}{into}, so it cannot be changed by {action!r}.",
        where=case.id,
        repair=f"Look at the case again; {action!r} needs a case that is {' or '.join(move.sources)}.",
    )


def payments_held(case: Case, held: Collection[str]) -> tuple[str, ...]:
    """Return the payments of a case that are held now (`held` are the ids of all open holds), in journal order."""
    return tuple(alert.tx_id for alert in case.alerts if alert.tx_id in held)
