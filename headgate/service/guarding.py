"""Takes a model out of force that no longer fits the payments of the last closed days: the scenarios decide alone.

It looks at the state between two groups, on the writer's thread, and asks for other rules as a person does. Only a
person lets the model return. What it writes is a few files, once.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from headgate.decisions.rollout import Withdrawn
from headgate.drivers.asked import ask
from headgate.drivers.home import Home
from headgate.drivers.rules import ACTOR
from headgate.drivers.staging import Staging
from headgate.errors import HeadgateError
from headgate.limits import MAX_TEXT_CHARS
from headgate.models.watch import Findings
from headgate.service.around import Folded, Log, Resting

Show = Callable[[Findings | None], object]


class Guard:
    """Looks whenever a day has closed, after `then` has looked; `shown` hears what was found, None without a model."""

    def __init__(self, home: Home, log: Log, then: Resting, shown: Show = lambda findings: None) -> None:
        self._home, self._log, self._then, self._shown = home, log, then, shown
        self._seen: int | None = -1

    def look(self, folded: Folded) -> None:
        """Look at the days that have closed."""
        self._then.look(folded)
        watch = folded.pipeline.watch
        closed = None if watch is None else watch.closed_days
        if closed == self._seen:
            return
        self._seen, found = closed, None if watch is None else watch.findings()
        self._shown(found)
        if found is not None:
            self._judge(folded, found)

    def end(self) -> None:
        """Finish what was begun."""
        self._then.end()

    def _judge(self, folded: Folded, found: Findings) -> None:
        drift = folded.pipeline.decisions.policy.drift
        words = "; ".join(found.against(drift.bounds))
        if words and drift.fall_back:
            try:
                self._withdraw(folded.pipeline.rules_hash, words)
            except HeadgateError as error:
                self._log(f"The model should be taken out, and cannot be: {error}")
        elif words:
            self._log(f"The model no longer fits: {words}")

    def _withdraw(self, in_force: str, words: str) -> None:
        """Write it into the files of the home, so that a start wants the same, then ask for it."""
        rules = self._home.rule_sets.get(in_force)
        assert rules.model is not None, "a watch has a model"
        if Staging(self._home.paths.root).rules().model is not None:
            Staging(self._home.paths.root).withdraw_model(words)
        withdrawn = Withdrawn(model=rules.model.content_hash, why=words[:MAX_TEXT_CHARS])
        alone = rules._replace(model=None, rollout=msgspec.structs.replace(rules.rollout, withdrawn=withdrawn))
        ask(self._home.paths, self._home.rule_sets, alone, ACTOR, words)
        self._log(f"The scenarios decide alone from now on: {words}. `headgate models return` lets the model return.")
