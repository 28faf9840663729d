"""Tell what happened in sessions: logins, payees added, devices and limits changed, consented signals; each once."""

from __future__ import annotations

from collections.abc import Iterable

from headgate.journal.entries import Session
from headgate.service.commands.once import Once
from headgate.service.commands.stage import Stage


class Sessions(Once[Session]):
    """Take events of sessions in their order, all or none."""

    def entry(self, given: Session, stage: Stage) -> Session:
        """Return the event in pseudonyms."""
        return stage.admit(given)

    def entries(self) -> Iterable[Session]:
        """The events, by the ids of the caller."""
        return self.given
