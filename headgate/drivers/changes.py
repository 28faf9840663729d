"""The entries by which other rules take effect in a home, with who asked for them and who approved them.

One way for a service that starts and for one that runs.
"""

from __future__ import annotations

import msgspec

from headgate.drivers.approval import approval_of, require, signed
from headgate.drivers.asked import Asked
from headgate.drivers.home import Home
from headgate.drivers.rollouts import pending
from headgate.drivers.rules import ACTOR, Rules
from headgate.journal.entries import Activation


def changes_of(home: Home, in_force: str, wanted: Rules, asked: Asked | None) -> tuple[Activation, ...]:
    """Return the entries, unplaced; empty where the wanted rules are in force.

    Raises ConflictError where the settings ask for an approval that is not there. The drift watch needs none: it takes
    a model out, and only a person lets one in.
    """
    approval = approval_of(home.paths.approval, wanted.content_hash)
    changes = signed(pending(in_force, wanted, home.rule_sets, asked), approval)
    if changes and home.installed.ledger.approvals and not _takes_a_model_out(home, in_force, wanted, asked):
        require(changes, approval, home.paths.approval)
    return changes


def _takes_a_model_out(home: Home, in_force: str, wanted: Rules, asked: Asked | None) -> bool:
    """Whether the drift watch asked for the rules in force without their model, and for nothing else."""
    if not in_force or asked is None or (asked.rules, asked.by) != (wanted.content_hash, ACTOR):
        return False
    before = home.rule_sets.get(in_force)
    rollout = msgspec.structs.replace(before.rollout, withdrawn=wanted.rollout.withdrawn)
    return before._replace(model=None, rollout=rollout).content_hash == wanted.content_hash
