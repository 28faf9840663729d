"""Lets the engine of a running service compute more facts, as if it always had, while payments go on.

A second engine reads the whole journal from the store, aside and in small blocks. When it has caught up, the writer's
thread, at rest between two groups, gives it the last entries and lets it take the place of the first. Decisions are not
touched: the facts that they read have the same bits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa

from headgate.drivers.home import Home
from headgate.drivers.rollouts import wider_engine
from headgate.errors import UnavailableError
from headgate.facts.engine import Engine
from headgate.limits import WIDENING_BLOCK_ROWS, WIDENING_SECONDS
from headgate.service.around import Folded, Resting
from headgate.stores.store import Journal
from headgate.stores.whole import blocks


class Widening:
    """Looks at the state after `then` has. `widen` is called by one other thread; `stop` ends it."""

    def __init__(self, home: Home, then: Resting) -> None:
        self._home = home
        self._then = then
        self._engine: Engine | None = None
        self._ready: tuple[Engine, int] | None = None
        self._changed = threading.Condition()
        self._stopping = False

    def look(self, folded: Folded) -> None:
        """Let an engine that is ready take the place of the one that computes, with the entries that came meanwhile."""
        self._then.look(folded)
        if self._ready is None and self._engine is folded.pipeline.engine:
            return
        with self._changed:
            if self._ready is not None:
                wider, seq = self._ready
                for block in blocks(self._home.store, seq):
                    wider.absorb(block)
                folded.pipeline.engine, self._ready = wider, None
            self._engine = folded.pipeline.engine
            self._changed.notify_all()

    def end(self) -> None:
        """Finish what was begun."""
        self._then.end()

    def stop(self) -> None:
        """Give up what is under way."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def widen(self, names: Iterable[str]) -> None:
        """Return when the service computes these facts too; at once where it does. Raises UnavailableError."""
        with self._changed:
            self._wait(lambda: self._engine is not None)
            assert self._engine is not None
            wider = wider_engine(self._engine, names)
        if wider is None:
            return
        store = self._home.open_store()
        try:
            seq = self._read(wider, store)
        finally:
            store.close()
        with self._changed:
            self._ready = (wider, seq)
            try:
                self._wait(lambda: self._engine is wider)
            finally:
                self._ready = None

    def _read(self, wider: Engine, store: Journal) -> int:
        """Give an engine the journal as far as it is on disk; return the place of the entry after it."""
        seq = 0
        for block in blocks(store):
            for piece in _pieces(block):
                if self._stopping:
                    raise _unavailable()
                wider.absorb(piece)
                seq = piece.column("seq")[-1].as_py() + 1
        return seq

    def _wait(self, until: Callable[[], bool]) -> None:
        if not self._changed.wait_for(lambda: self._stopping or until(), WIDENING_SECONDS) or self._stopping:
            raise _unavailable()


def _pieces(block: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Small enough that requests are answered in between."""
    for start in range(0, block.num_rows, WIDENING_BLOCK_ROWS):
        yield block.slice(start, WIDENING_BLOCK_ROWS)


def _unavailable() -> UnavailableError:
    return UnavailableError(
        "The facts that the rules read cannot be computed yet: the service is stopping, or folds its state again",
        repair="It is tried again by itself.",
    )
