"""A part of the law of stores: what moves into the archive is found there, once, and the store says where.

Called by `checks.store.keeps` on a store that holds a journal of several days; it moves the older half.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from headgate.checks.law import Law
from headgate.decisions.record import Decision
from headgate.drivers.moving import move_closed_days, next_part, take
from headgate.errors import ConflictError, OrderError
from headgate.journal.entries import Entry, kind_of
from headgate.journal.identity import entry_id
from headgate.limits import US_PER_DAY
from headgate.stores.archive import Part
from headgate.stores.store import Store
from headgate.stores.whole import decisions, entries

_LAW = Law("keeps", "Name a part and delete what it holds in one transaction, and read archive and tail by seq.")
_require, _must_raise = _LAW.require, _LAW.must_raise


def archives(store: Store, journal: Sequence[Entry], decided: Sequence[Decision]) -> None:
    """Raise LawError unless older days leave the tail for the archive whole, once, and are found as before."""
    middle_us = journal[len(journal) // 2].clock_us
    first = next_part(store, middle_us)
    _require(first is not None, "a journal of one day cannot be archived by this law", "entries")
    assert first is not None
    _refuses_what_does_not_follow(store, first, journal)
    take(store, first)
    after = next(store.tail(), None)
    _require(after is not None and after.seq == first.last_seq + 1, "the tail keeps what was archived", "tail")
    before = (store.parts(), store.last_seq(), tuple(store.tail()))
    take(store, first)
    _require((store.parts(), store.last_seq(), tuple(store.tail())) == before, "a part was taken twice", "take_part")
    other = msgspec.structs.replace(first, journal_sha256="another")
    _must_raise(ConflictError, partial(store.take_part, other, ()), "another part took the place of one")
    move_closed_days(store, middle_us + US_PER_DAY, keep_days=1)
    _is_whole(store, journal, decided)


def _refuses_what_does_not_follow(store: Store, first: Part, journal: Sequence[Entry]) -> None:
    for change in ({"first_seq": first.first_seq + 1}, {"last_seq": journal[-1].seq + 1}):
        wrong = msgspec.structs.replace(first, **change)
        _must_raise(OrderError, partial(store.take_part, wrong, ()), "a part that does not follow was taken")
    _require(store.parts() == (), "a refused part left something", "take_part")


def _is_whole(store: Store, journal: Sequence[Entry], decided: Sequence[Decision]) -> None:
    tail = list(store.tail())
    _require(0 < len(tail) < len(journal), "nothing was moved, or everything", "tail")
    _require(tail == list(journal[tail[0].seq :]), "the tail is not the end of the journal", "tail")
    _require(store.parts()[-1].last_seq + 1 == tail[0].seq, "archive and tail do not meet", "parts")
    _require(store.tail_from(tail[0].clock_us) == tail[0].seq, "the tail begins at another clock", "tail_from")
    _require(list(entries(store)) == list(journal), "archive and tail are not the journal", "entries")
    _require(list(decisions(store)) == list(decided), "decisions are lost, doubled or changed", "decisions")
    _require(store.last_clock_us() == journal[-1].clock_us, "the last clock is another", "last_clock_us")
    for entry in (journal[0], *journal[:: max(1, len(journal) // 20)], journal[-1]):
        identity = entry_id(entry)
        found = store.entry(kind_of(entry), identity) if identity else entry
        _require(found == entry, "an entry is not found by its identity", "entry")
    for decision in (decided[0], decided[-1]):
        _require(store.decision(decision.tx_id) == decision, "a decision is not found by its id", "decision")
        seq = store.archived_seq("payment", decision.tx_id)
        _require(seq == (decision.seq if decision.seq < tail[0].seq else None), "its place is wrong", "archived_seq")
