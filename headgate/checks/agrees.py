"""Law: two engines agree bit for bit, in facts and in evidence; the slow one is the specification.

agrees(lambda: Engine(names), lambda: MyEngine(names), random_journal(seed=1, payments=500))
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pyarrow as pa

from headgate.checks.comparison import FactsEngine, Make, facts_of, require_same
from headgate.errors import LawError
from headgate.journal.entries import Entry

_REPAIR = "The reference is right: follow the definition, with exact integers and the written order of float steps."


def agrees(reference: Make, other: Make, entries: Sequence[Entry], *, seed: int = 0, evidence: float = 0.05) -> None:
    """Raise LawError unless both give the same facts, and the same evidence for a random share of them.

    The reference takes the entries one by one; the other takes them once in blocks and once one by one.
    """
    random, one, two, rows = Random(seed), reference(), other(), []
    for entry in entries:
        facts = one.observe_one(entry)
        two.observe_one(entry)
        if facts is not None:
            rows.append({"seq": entry.seq, "tx_id": getattr(entry, "tx_id", None), **facts})
            _require_same_evidence(one, two, [name for name in facts if random.random() < evidence], entry)
    expected = pa.Table.from_pylist(rows, one.schema)
    require_same("agrees", expected, facts_of(other(), entries), _REPAIR)


def _require_same_evidence(one: FactsEngine, two: FactsEngine, names: Sequence[str], entry: Entry) -> None:
    for name in names:
        if one.evidence(name) != two.evidence(name):
            raise LawError(
                f"The law 'agrees' is broken: {two.evidence(name)} instead of {one.evidence(name)}",
                where=f"entry {entry.seq}, evidence of {name!r}",
                repair=_REPAIR,
            )
