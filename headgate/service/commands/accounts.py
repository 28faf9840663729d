"""Tell facts of accounts: holders, age, type, country. The latest holds, so a repetition is harmless."""

from __future__ import annotations

from collections.abc import Iterable

from headgate.journal.entries import Account
from headgate.service.commands.once import Once
from headgate.service.commands.stage import Stage


class Accounts(Once[Account]):
    """Take facts of accounts in their order, all or none."""

    def entry(self, given: Account, stage: Stage) -> Account:
        """Return the facts in pseudonyms."""
        return stage.admit(given)

    def entries(self) -> Iterable[Account]:
        """The facts, by the ids of the caller."""
        return self.given
