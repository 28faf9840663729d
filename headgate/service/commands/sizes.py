"""Read how much the state holds: asked of the writer, since nobody else may look at the facts engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from headgate.journal.entries import Entry
from headgate.service.commands.stage import Stage


class Sizes(NamedTuple):
    """What the facts engine remembers by kind, and how many payments wait by state."""

    facts: dict[str, int]
    waiting: dict[str, int]


class ReadSizes:
    """How much the state holds. Nothing changes by asking."""

    def entries(self) -> Iterable[Entry]:
        """It names no account."""
        return ()

    def check(self, stage: Stage) -> None:
        """Nothing can be wrong with it."""

    def fold(self, stage: Stage) -> Sizes:
        """Return them."""
        waiting = Counter(each.state for each in stage.pipeline.decisions.holds.all())
        return Sizes(stage.pipeline.engine.sizes(), {"held": waiting["held"], "stopped": waiting["stopped"]})
