"""Law: what left the longest window and the profile horizon is gone, from the facts and from memory.

    forgets(lambda: MyEngine(names), random_journal(seed=1, payments=500))

Your engine needs `sizes()`: how much it remembers, by kind; what is kept for ever under `accounts`, `rates` and `ever`.
Facts that read `ever` are left out where the engine is compared with a fresh one.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from headgate.checks.comparison import FactsEngine, Make, facts_of, require_same
from headgate.errors import LawError
from headgate.facts.grammar import specs
from headgate.journal.entries import Account, Entry, Payment, Rates
from headgate.limits import PROFILE_HORIZON_US, US_PER_DAY

_REPAIR = (
    "Drop records whose clock is t - 28 days (t - 400 days or 400 closed days for profiles) or earlier, and keys that "
    "have none left."
)
_SILENCE_US = PROFILE_HORIZON_US + US_PER_DAY
_KEPT = ("accounts", "rates", "ever")  # facts of the class `ever`


def forgets(make: Make, entries: Sequence[Entry], *, rounds: int = 3) -> None:
    """Raise LawError unless an engine forgets what left the longest window and the profile horizon.

    After a silence of that horizon and a day (profiles count in whole UTC days) memory must be empty and the facts
    those of a fresh engine; rounds of the same journal, with such silences between them, must end with the same sizes.
    """
    engine, sizes = make(), []
    for number in range(rounds):
        facts_of(engine, _later(entries, number))
        sizes.append(_bounded(engine))
    if any(size != sizes[0] for size in sizes):
        raise _broken(f"rounds of the same journal end with {sizes}")
    _require_clean_slate(make, engine, entries, rounds)


def _require_clean_slate(make: Make, engine: FactsEngine, entries: Sequence[Entry], rounds: int) -> None:
    """The first payment after the silence meets an engine that knows of the past what is kept only."""
    payment = next(entry for entry in entries if isinstance(entry, Payment))
    last = _later(entries, rounds - 1)[-1]
    probe = msgspec.structs.replace(
        payment, seq=last.seq + 1, clock_us=last.clock_us + _SILENCE_US, tx_id="after the silence"
    )
    got = facts_of(engine, [probe])
    left = {kind: size for kind, size in _bounded(engine).items() if size}
    if left:
        raise _broken(f"after 401 days of silence {left} are still there")
    told = [entry for entry in _later(entries, rounds - 1) if isinstance(entry, Account | Rates)]
    fresh, kept = facts_of(make(), [*told, probe]), [name for name in got.column_names if _remembers_for_ever(name)]
    require_same("forgets", fresh.drop_columns(kept), got.drop_columns(kept), _REPAIR)


def _remembers_for_ever(name: str) -> bool:
    """Whether a column is a fact of the grammar that counts payments without end."""
    return name in specs() and "ever" in specs()[name].reads


def _later(entries: Sequence[Entry], number: int) -> list[Entry]:
    """Return the journal once more, `number` rounds later, each round after a silence, at the same times of day."""
    span_us = entries[-1].clock_us - entries[0].clock_us + _SILENCE_US
    span_us += -span_us % US_PER_DAY
    return [
        msgspec.structs.replace(
            entry, seq=entry.seq + number * (entries[-1].seq + 1), clock_us=entry.clock_us + number * span_us
        )
        for entry in entries
    ]


def _bounded(engine: FactsEngine) -> dict[str, int]:
    return {kind: size for kind, size in engine.sizes().items() if kind not in _KEPT}


def _broken(what: str) -> LawError:
    return LawError(f"The law 'forgets' is broken: {what}", where="engine.sizes()", repair=_REPAIR)
