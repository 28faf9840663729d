"""Law: every search has a limit, reaches it, and says so.

    bounded(lambda: MyEngine([*names, "fan_in_24h_truncated", "payer_sent_count_28d"]))

In a crowd every fact `…_truncated` must be true at least once, among strangers never; no witness is longer than its
limit, and one that was cut says `truncated`.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow.compute as pc

from headgate.checks.comparison import FactsEngine, Make, facts_of
from headgate.checks.journals import crowded_journal, quiet_journal
from headgate.errors import LawError
from headgate.journal.entries import Entry
from headgate.limits import MAX_WITNESS_PAYMENTS, PATTERN_DEGREE


def bounded(make: Make, *, crowd: Sequence[Entry] | None = None) -> None:
    """Raise LawError unless every limit of an engine is reached in a crowd and reported.

    crowd: a journal that exceeds your own limits, where the one of `crowded_journal` does not.
    """
    entries = crowded_journal(PATTERN_DEGREE + 8) if crowd is None else crowd
    engine = make()
    limits = [name for name in engine.names if name.endswith("_truncated")]
    crowded, quiet = facts_of(engine, entries), facts_of(make(), quiet_journal())
    for name in limits:
        if not pc.any(crowded.column(name)).as_py():
            raise _broken(name, "is never true, although the search met more than it may look at")
        if pc.any(quiet.column(name)).as_py():
            raise _broken(name, "is true among strangers")
    _require_short_witnesses(make(), entries)


def _require_short_witnesses(engine: FactsEngine, entries: Sequence[Entry]) -> None:
    cut = False
    for entry in entries:
        facts = engine.observe_one(entry)
        for name in facts or ():
            witness = engine.evidence(name)
            cut = cut or (witness.truncated and len(witness.payments) == MAX_WITNESS_PAYMENTS)
            if len(witness.payments) > MAX_WITNESS_PAYMENTS:
                raise _broken(name, f"has a witness of {len(witness.payments)} payments")
    if not cut:
        raise _broken("evidence", "is nowhere cut and marked `truncated`; ask for the count of a hub, too")


def _broken(name: str, what: str) -> LawError:
    return LawError(
        f"The law 'bounded' is broken: {name!r} {what}",
        where=f"fact {name!r}",
        repair="Give the search a limit of limits.py, stop there, and say `truncated`.",
    )
