"""Law: renaming accounts, parties and payments changes nothing, not even the order of ties.

anonymous(lambda: MyEngine(names), random_journal(seed=1, payments=500))
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec

from headgate.checks.comparison import Make, facts_of, require_same
from headgate.journal.entries import Account, Entry, Payment

_REPAIR = "Order ties by seq, never by an id or a hash; a fact may compare ids for equality only."
_NAMED = ("payer", "payee", "account", "party")


def anonymous(make: Make, entries: Sequence[Entry], *, seed: int = 0) -> None:
    """Raise LawError unless an engine gives the same bits under random new names."""
    expected = facts_of(make(), entries)
    got = facts_of(make(), renamed(entries, Random(seed)))
    places = expected.schema.get_field_index("tx_id")
    require_same("anonymous", expected, got.set_column(places, "tx_id", expected.column("tx_id")), _REPAIR)


def renamed(entries: Sequence[Entry], random: Random) -> list[Entry]:
    """Return the journal with other names for accounts, parties and payments; their order by name is another one."""
    names: dict[str, str] = {}

    def name(old: str) -> str:
        if old not in names:
            names[old] = f"{random.getrandbits(64):016x}"
        return names[old]

    return [_renamed(entry, name) for entry in entries]


def _renamed(entry: Entry, name: Any) -> Entry:
    fields = [field for field in _NAMED if getattr(entry, field, None) is not None]
    changes: dict[str, Any] = {field: name(getattr(entry, field)) for field in fields}
    if isinstance(entry, Account):
        changes["joint_parties"] = tuple(name(party) for party in entry.joint_parties)
    if isinstance(entry, Payment):
        changes["tx_id"] = name(entry.tx_id)
    return msgspec.structs.replace(entry, **changes)
