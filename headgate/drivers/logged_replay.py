"""Writes into the ledger of a home what its replay decided, as if it had been logged by then; for demonstrations.

A replay itself logs nothing: what it decides, nobody waited for. Entries carry the clock of now, when they are logged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from headgate.decisions.holds import HoldChange
from headgate.decisions.record import Decision
from headgate.drivers.book import Book, Happened
from headgate.drivers.home import Home
from headgate.drivers.pipeline import Step
from headgate.journal.entries import Payment, Timer
from headgate.ledger.publish import Publisher
from headgate.stores.store import Batch
from headgate.stores.whole import decisions, entries

_GROUP: Final = 10_000


def log_replay(root: Path, now_us: int, tick: Callable[[int], object] = lambda entries: None) -> int:
    """Log and publish what was decided in a home whose log has not begun; return how many entries it has then.

    tick: hears of journal entries as they go by.
    """
    home = Home(root)
    book = home.book()
    try:
        book.begin("")
        steps = _steps(home)
        while group := list(islice(steps, _GROUP)):
            _log(home, book, Happened(now_us, group))
            tick(len(group))
        book.close_log("the replay has ended")
        _log(home, book, Happened(now_us))
        return Publisher(home.store, home.log_folder, book.keys.verifiers).publish()
    finally:
        book.close()
        home.close()


def _log(home: Home, book: Book, happened: Happened) -> None:
    written = book.write(happened)
    if written is not None:
        home.store.commit(Batch(logged=written.logged, told=written.told))
        book.committed(written)


def _steps(home: Home) -> Iterator[Step]:
    """Yield the decided part of the journal of a replay, each entry with what it brought."""
    first, payers = home.settings.decided_from_seq, dict[str, str]()
    made = decisions(home.store, first)
    decision = next(made, None)
    for entry in entries(home.store, first):
        if isinstance(entry, Payment) and decision is not None and decision.seq == entry.seq:
            payers |= _waits(decision, entry.payer)
            yield Step(entry, decision=decision)
            decision = next(made, None)
        elif isinstance(entry, Timer) and entry.timer == "hold_expires" and entry.tx_id in payers:
            released = HoldChange(
                tx_id=entry.tx_id, payer=payers.pop(entry.tx_id), state="released", by="timer", clock_us=entry.clock_us
            )
            yield Step(entry, hold_changes=(released,))
        else:
            yield Step(entry)


def _waits(decision: Decision, payer: str) -> dict[str, str]:
    return {decision.tx_id: payer} if decision.action == "hold" else {}
