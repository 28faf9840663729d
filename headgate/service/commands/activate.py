"""Put other rules in force: what the files of the home say takes effect by entries of the journal."""

from __future__ import annotations

from collections.abc import Sequence

from headgate.journal.entries import Activation
from headgate.service.commands.stage import Stage


class Activate:
    """Take the activations of one change, all or none."""

    def __init__(self, activations: Sequence[Activation]) -> None:
        self.activations = tuple(activations)

    def entries(self) -> tuple[Activation, ...]:
        """None: activations mention no account."""
        return ()

    def check(self, stage: Stage) -> None:
        """Raise NotFoundError where the rules are not kept, UnavailableError where facts of theirs are not computed."""
        for activation in self.activations:
            stage.pipeline.check(activation)

    def fold(self, stage: Stage) -> str:
        """Return the hash of the rules that are in force after it."""
        for activation in self.activations:
            stage.fold(activation)
        return stage.pipeline.rules_hash
