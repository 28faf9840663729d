"""Do to a case what a person decided; its payments get the outcome that follows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from headgate.cases.case import Alert, Case
from headgate.cases.lifecycle import CASE
from headgate.errors import ConflictError
from headgate.journal.entries import Action, Entry, Outcome, OutcomeClass
from headgate.service.commands.learn import Report, outcome_of
from headgate.service.commands.stage import Stage

OUTCOME_OF: Final[dict[str, OutcomeClass]] = {"confirm": "fraud", "dismiss": "fine"}


class Act:
    """Do to a case what a person decided; its payments get the outcome that follows."""

    def __init__(self, action: Action) -> None:
        self.action = action
        self._done = False

    def entries(self) -> Iterable[Entry]:
        """It names no account by an id of the caller."""
        return ()

    def check(self, stage: Stage) -> None:
        """Raise NotFoundError, FieldError or ConflictError; an action that was done before is no conflict."""
        case = stage.pipeline.cases.case(self.action.subject)
        done = next((line for line in case.history if line.action_id == self.action.action_id), None)
        if done is None and stage.entry("action", self.action.action_id) is not None:
            raise taken(self.action)
        if done is None:
            stage.pipeline.cases.check(self.action)
            stage.pipeline.engine.check(self.action)
        elif (done.actor, done.action, done.reason) != (self.action.actor, self.action.action, self.action.reason):
            raise taken(self.action)
        self._done = done is not None

    def fold(self, stage: Stage) -> Case:
        """Return the case after it."""
        if not self._done:
            before = stage.pipeline.cases.case(self.action.subject)
            stage.fold(self.action)
            for outcome in case_outcomes(before, self.action, stage.pipeline.cases.alerts(before.id)):
                stage.fold(outcome)
        return stage.pipeline.cases.case(self.action.subject)


def taken(action: Action) -> ConflictError:
    """Return the error for an action whose id came before with other content."""
    return ConflictError(
        f"Action {action.action_id!r} came before with other content",
        where="action_id",
        repair="Give every action an id of its own. Nothing was changed.",
    )


def case_outcomes(case: Case, action: Action, alerts: Iterable[Alert]) -> list[Outcome]:
    """Return the outcomes that follow from confirming or dismissing a case, each superseding the one before it.

    Ids are made from the action and the payment, so the same action gives the same outcomes.
    """
    outcome = OUTCOME_OF.get(action.action)
    if outcome is None:
        return []
    earlier = [line for line in case.history if line.action in OUTCOME_OF]
    found = []
    for alert in alerts:
        before = [line for line in earlier if line.clock_us >= alert.payment.clock_us]
        corrects = _case_outcome_id(before[-1].action_id, alert.tx_id) if before else None
        name = _case_outcome_id(action.action_id, alert.tx_id)
        found.append(outcome_of(alert.payment, name, Report(outcome, f"case {case.id}", corrects)))
    return found


def _case_outcome_id(action_id: str, tx_id: str) -> str:
    digest = hashlib.sha256("\n".join((action_id, tx_id)).encode()).hexdigest()
    return f"{CASE}-{digest[:32]}"
