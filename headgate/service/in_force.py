"""The rules in force as everybody but the writer sees them: pages, the intake, the API."""

from __future__ import annotations

from headgate.drivers.home import Home
from headgate.drivers.rules import Rules
from headgate.service.inside import Deciding


class InForce:
    """Gives the rules by which the writer decides; while it folds its state again, those by which it decided last."""

    def __init__(self, home: Home, writer: Deciding) -> None:
        self._sets = home.rule_sets
        self._writer = writer
        self._name, self._rules = "", home.rules

    def __call__(self) -> Rules:
        """Return them."""
        name = self._writer.rules_hash
        if name and name != self._name:
            self._name, self._rules = name, self._sets.get(name)
        return self._rules
