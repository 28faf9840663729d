"""Read which payments wait: asked of the writer, so that the answer holds only what is on disk."""

from __future__ import annotations

from collections.abc import Iterable

from headgate.decisions.holds import Waiting
from headgate.journal.entries import Entry
from headgate.service.commands.stage import Stage


class ReadWaiting:
    """Every payment that waits now. Nothing changes by asking."""

    def entries(self) -> Iterable[Entry]:
        """It names no account."""
        return ()

    def check(self, stage: Stage) -> None:
        """Nothing can be wrong with it."""

    def fold(self, stage: Stage) -> tuple[Waiting, ...]:
        """Return them in the order in which they began to wait."""
        return stage.pipeline.decisions.holds.all()
