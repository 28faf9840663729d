"""Law: any split of the journal into blocks gives the same bits as one entry at a time.

from headgate.checks.journals import random_journal
from headgate.checks.replays import replays
replays(lambda: MyEngine(names), random_journal(seed=1, payments=500))
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

import pyarrow as pa

from headgate.checks.comparison import FactsEngine, Make, facts_of, facts_of_blocks, require_same
from headgate.journal.entries import Entry

_REPAIR = "A fact may depend on the entries before its payment only, never on where a block ends."


def replays(make: Make, entries: Sequence[Entry], *, seed: int = 0, splits: int = 3) -> None:
    """Raise LawError unless single entries, one block and random blocks agree bit for bit."""
    one_by_one = _singles(make(), entries)
    require_same("replays", one_by_one, facts_of(make(), entries, max(len(entries), 1)), _REPAIR)
    for number in range(splits):
        blocks = random_blocks(entries, Random(seed + number))
        require_same("replays", one_by_one, facts_of_blocks(make(), blocks), _REPAIR)


def random_blocks(entries: Sequence[Entry], random: Random) -> Iterator[Sequence[Entry]]:
    """Yield the entries in blocks of random length; some are empty."""
    start = 0
    while start < len(entries):
        rows = random.choice((0, 1, 2, 7, random.randrange(1, 200)))
        yield entries[start : start + rows]
        start += rows


def _singles(engine: FactsEngine, entries: Sequence[Entry]) -> pa.Table:
    rows = []
    for entry in entries:
        facts = engine.observe_one(entry)
        if facts is not None:
            rows.append({"seq": entry.seq, "tx_id": getattr(entry, "tx_id", None), **facts})
    return pa.Table.from_pylist(rows, engine.schema)
