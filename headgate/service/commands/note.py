"""Have things logged that are no entries of the journal: looks, reveals, drafts. Answered when they are on disk."""

from __future__ import annotations

from collections.abc import Iterable

from headgate.drivers.book import Say
from headgate.journal.entries import Entry
from headgate.service.commands.stage import Stage


class Note:
    """Have these said in the ledger, in their order. Nothing else changes."""

    def __init__(self, says: Iterable[Say]) -> None:
        self.says = tuple(says)

    def entries(self) -> Iterable[Entry]:
        """It names no account by an id of the caller."""
        return ()

    def check(self, stage: Stage) -> None:
        """Nothing can be wrong with it."""

    def fold(self, stage: Stage) -> None:
        """Say them with this group."""
        for say in self.says:
            stage.say(say)
