"""What the writer asks of a command, whichever it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from headgate.journal.entries import Entry
from headgate.service.commands.stage import Stage

Given = TypeVar("Given", covariant=True)


class Command(Protocol[Given]):
    """A wish of a caller. `entries` carry the ids of the caller, so that new accounts are named for a whole group."""

    def entries(self) -> Iterable[Entry]:
        """Everything in it that mentions accounts or parties by the ids of the caller."""

    def check(self, stage: Stage) -> None:
        """Raise the error with which it is refused; nothing has changed then. After it `fold` cannot fail."""

    def fold(self, stage: Stage) -> Given:
        """Do it on the stage, and return the answer."""
