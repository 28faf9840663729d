"""Do to one payment what a person decided: release or confirm its hold, place or clear a legal stop."""

from __future__ import annotations

from collections.abc import Iterable

from headgate.errors import NotFoundError
from headgate.journal.entries import Action, Entry
from headgate.service.commands.act import taken
from headgate.service.commands.stage import Stage
from headgate.service.standing import Standing, standing_after


class Handle:
    """Do to one payment what a person decided. The same action again does nothing twice."""

    def __init__(self, action: Action) -> None:
        self.action = action
        self._done: Action | None = None

    def entries(self) -> Iterable[Entry]:
        """It names no account by an id of the caller."""
        return ()

    def check(self, stage: Stage) -> None:
        """Raise NotFoundError, FieldError or ConflictError; an action that was done before is no conflict."""
        known = stage.entry("action", self.action.action_id)
        assert known is None or isinstance(known, Action)
        self._done = known
        if known is None:
            if stage.payment(self.action.subject) is None:
                raise NotFoundError(
                    f"There is no payment {self.action.subject!r}", where="tx_id", repair="Check the id of the payment."
                )
            stage.pipeline.check(self.action)
        elif _told(known) != _told(self.action):
            raise taken(self.action)

    def fold(self, stage: Stage) -> Standing:
        """Return how the payment stands after it."""
        entry = self._done or stage.fold(self.action).entry
        assert isinstance(entry, Action)
        return standing_after(entry, stage.pipeline.decisions.holds.waiting(entry.subject))


def _told(action: Action) -> tuple[str, str, str, str, str]:
    return action.actor, action.action, action.subject_kind, action.subject, action.reason
