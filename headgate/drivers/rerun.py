"""Decides a payment again: both folds over the journal up to it, by the rules that were in force at each entry.

Nothing of the live state is used. A fold begins at the newest snapshot that is older than the payment and whole, at the
state in which the replay ended, or at the first entry of the journal; what is damaged is passed over and said. Rules
come from the sets that the home keeps by their hashes. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import takewhile
from typing import NamedTuple

import msgspec

from headgate.decisions.record import Decision
from headgate.drivers.beginning import after_history
from headgate.drivers.home import Home
from headgate.drivers.pipeline import Pipeline, Step
from headgate.drivers.rollouts import named_before, widen
from headgate.drivers.snapshots import check
from headgate.drivers.state import load_state
from headgate.errors import FileError, NotFoundError, OrderError, SnapshotError
from headgate.facts.values import FactValue
from headgate.journal.entries import Entry, Payment
from headgate.stores.whole import entries

Tick = Callable[[int], object]
Logged = Callable[[int], str]
Past = dict[str, dict[str, FactValue]]


_UNUSABLE = (FileError, SnapshotError, NotFoundError, msgspec.MsgspecError, LookupError, ValueError, TypeError)


class Rerun(NamedTuple):
    """A payment decided again. past: what past scores said of it, by the hash of the model that gave them.

    began: where the fold began, in words; from_seq: at which entry; snapshot: the seq of the snapshot there, None for
    another beginning. passed: beginnings that could not be used, and why, in words.
    """

    decision: Decision
    facts: Mapping[str, FactValue]
    past: Past
    began: str
    from_seq: int
    snapshot: int | None
    passed: tuple[str, ...]


class _Start(NamedTuple):
    """Where a fold may begin: in words, at which entry, and how it is read, None for one that is too late.

    snapshot: its seq.
    """

    words: str
    next_seq: int
    read: Callable[[], Pipeline | None]
    snapshot: int | None = None


def decided_again(
    home: Home,
    payment: Payment,
    *,
    from_start: bool = False,
    logged: Logged = lambda seq: "",
    tick: Tick = lambda entries: None,
) -> Rerun:
    """Return the payment decided again.

    from_start: from the first entry of the journal, without any snapshot. logged: the hash that was logged for the
    snapshot at a seq, empty where none was; another snapshot than that one is passed over. tick: hears of each entry
    that is folded.
    Raises OrderError where the journal does not lead to the payment any more, NotFoundError or FileError where rules
    that were in force are not kept any more or were altered, and what the engine raises for an entry that is malformed.
    """
    passed: list[str] = []
    for start in _starts(home, payment.seq, logged, tick, from_start=from_start):
        try:
            pipeline = start.read()
        except _UNUSABLE as error:
            if start.next_seq == 0:
                raise
            passed.append(f"T{start.words[1:]} was passed over: {error}")
            continue
        if pipeline is None:
            continue
        from_seq = pipeline.next_seq if start.next_seq else 0
        past, step = _folded(home, pipeline, payment, tick)
        assert step.decision is not None
        assert step.facts is not None
        return Rerun(step.decision, step.facts, past, start.words, from_seq, start.snapshot, tuple(passed))
    raise AssertionError("a journal has a first entry")


def _starts(home: Home, seq: int, logged: Logged, tick: Tick, *, from_start: bool) -> Iterator[_Start]:
    """Where a fold up to an entry may begin, the nearest first."""
    if not from_start:
        end_seq = home.store.last_seq() + 1
        for at in home.snapshots.seqs():
            if at <= seq:
                yield _Start(f"the snapshot before entry {at}", at, partial(_snapshot, home, at, end_seq, logged), at)
        yield _Start("the state at the end of the replay", 1, partial(_ended, home, seq))
    yield _Start("the first entry of the journal", 0, partial(_first, home, seq, tick))


def _snapshot(home: Home, at: int, end_seq: int, logged: Logged) -> Pipeline:
    place = home.snapshots.place(at)
    check(place, end_seq)
    if logged(at) not in ("", home.snapshots.content_hash(at)):
        raise SnapshotError(
            "The snapshot is not the one that was logged",
            where=str(place),
            repair="Nothing is lost: the one before it, or the journal, gives the same state. Find out who changed it.",
        )
    return load_state(place, home.rule_sets.get)


def _ended(home: Home, seq: int) -> Pipeline | None:
    """The state at the end of the replay, None where that is after the payment."""
    pipeline = load_state(home.paths.state, home.rule_sets.get)
    return pipeline if pipeline.next_seq <= seq else None


def _first(home: Home, seq: int, tick: Tick) -> Pipeline:
    """A pipeline that has learnt from the history of the replay."""
    settings = home.settings
    return after_history(
        home.blocks, settings.decided_from_seq, seq, home.rules, home.rule_sets.get,
        reference_currency=settings.reference_currency, time_zone=settings.time_zone, tick=tick,
    )  # fmt: skip


def _folded(home: Home, pipeline: Pipeline, payment: Payment, tick: Tick) -> tuple[Past, Step]:
    """Fold up to the payment and decide it."""
    to_come = [
        name for _, each in named_before(payment.seq, home.blocks(pipeline.next_seq)) for name in _facts(home, each)
    ]
    widen(pipeline, to_come, home.blocks())
    for entry in takewhile(lambda each: each.seq < payment.seq, entries(home.store, pipeline.next_seq)):
        _step(pipeline, entry)
        tick(1)
    past = pipeline.scorers.past(payment)
    return past, _step(pipeline, payment)


def _facts(home: Home, name: str) -> tuple[str, ...]:
    return home.rule_sets.get(name).facts


def _step(pipeline: Pipeline, entry: Entry) -> Step:
    """Take an entry at its own place. Raises OrderError where the journal is not what it was when it was decided."""
    expected = pipeline.next_seq
    step = pipeline.step(entry) if entry.seq == expected else None
    if step is None or step.timers:
        what = (
            f"entry {expected} is missing, the next one is {entry.seq}"
            if step is None
            else f"a deadline of payment {step.timers[0].tx_id!r} has passed before entry {entry.seq} and is not there"
        )
        raise OrderError(
            f"The journal is not what it was when this was decided: {what}",
            where=f"journal, entry {expected}",
            repair="An entry was removed, or changed in what followed from it: compare the store with a backup.",
        )
    return step
