"""What the writer needs of the rooms around it: a disk, a state folded from it, who looks at that state at rest.

Interfaces and values only. Tests give it disks that fail and hooks that stop it at every step.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from headgate.drivers.pipeline import Pipeline
from headgate.service.commands.stage import Keeper
from headgate.stores.store import Batch

Log = Callable[[str], None]
At = Callable[[str], None]


class Disk(Keeper, Protocol):
    """What is on disk and what is put there; `commit` is whole or not at all."""

    def commit(self, batch: Batch) -> None:
        """Write a batch in one transaction."""

    def reopen(self) -> None:
        """Let go of everything and begin again with what is really on disk, after a failure."""


class Folded(NamedTuple):
    """The state in memory as the store has it: both folds."""

    pipeline: Pipeline


class Resting(Protocol):
    """Who looks at the state between two groups, on the writer's thread; it may not change it."""

    def look(self, folded: Folded) -> None:
        """Look at the state at rest."""

    def end(self) -> None:
        """Finish what was begun."""


def machine_us() -> int:
    """The clock of this machine in microseconds UTC."""
    return time.time_ns() // 1000
