"""Law: nothing that comes later changes a fact.

The canary: every entry after t is shuffled, its accounts, amounts and labels altered; everything up to t keeps its
bits, even where past and altered future come in one block.

    no_tomorrow(lambda: MyEngine(names), random_journal(seed=1, payments=500))
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec

from headgate.checks.comparison import Make, facts_of, require_same
from headgate.journal.entries import Entry, Outcome, Payment

_REPAIR = "A fact may read entries that precede its payment only; look for joins or totals over the whole input."


def no_tomorrow(make: Make, entries: Sequence[Entry], *, seed: int = 0, moments: int = 3) -> None:
    """Raise LawError unless the facts up to each of some random moments survive another future."""
    random = Random(seed)
    expected = facts_of(make(), entries, max(len(entries), 1))
    for _ in range(moments):
        cut = random.randrange(1, len(entries))
        journal = [*entries[:cut], *another_future(entries[cut:], random)]
        got = facts_of(make(), journal, len(journal))
        past = sum(isinstance(entry, Payment) for entry in entries[:cut])
        require_same("no tomorrow", expected.slice(0, past), got.slice(0, past), _REPAIR)


def another_future(future: Sequence[Entry], random: Random) -> list[Entry]:
    """Return a valid future at the same places and clocks, with other content in another order."""
    shuffled = random.sample(list(future), len(future))
    return [
        msgspec.structs.replace(_altered(entry, random), seq=place.seq, clock_us=place.clock_us)
        for entry, place in zip(shuffled, future, strict=True)
    ]


def _altered(entry: Entry, random: Random) -> Entry:
    changes: dict[str, Any] = {}
    if isinstance(entry, Payment):
        changes = {"payer": entry.payee, "payee": entry.payer, "amount_minor": random.randrange(1, 10**7)}
    elif isinstance(entry, Outcome):
        changes = {"outcome": "fine" if entry.outcome == "fraud" else "fraud", "supersedes": None}
    return msgspec.structs.replace(entry, **changes)
