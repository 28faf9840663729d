"""The whole journal of a store in order of seq: its archive, then its tail, as if they were one.

A part may move from the tail to the archive while somebody reads. So what was read of the tail counts only when no
part has come meanwhile; otherwise the parts are read first, from the same seq on. Every entry is seen once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

import pyarrow as pa

from headgate.decisions.record import Decision, from_batch
from headgate.journal.entries import Entry
from headgate.journal.schema import from_block, to_block
from headgate.limits import ARCHIVE_BLOCK_ROWS
from headgate.stores.archive import Part
from headgate.stores.store import Decisions, Journal

Piece = TypeVar("Piece")
Row = TypeVar("Row", Entry, Decision)


class Kept(Journal, Decisions, Protocol):
    """The part of a store that this reads."""


def blocks(store: Journal, from_seq: int = 0) -> Iterator[pa.RecordBatch]:
    """Yield the journal from a seq on in blocks. Raises FileError where a file of the archive is missing."""

    def archived(part: Part, first: int) -> Iterator[pa.RecordBatch]:
        for block in store.archive.blocks(part):
            wanted = block.slice(max(0, first - block.column("seq")[0].as_py()))
            if wanted.num_rows:
                yield wanted

    for piece in _pieces(store, from_seq, archived, store.tail):
        yield to_block(piece) if isinstance(piece, list) else piece


def entries(store: Journal, from_seq: int = 0) -> Iterator[Entry]:
    """Yield the journal from a seq on as values."""
    for block in blocks(store, from_seq):
        yield from from_block(block)


def decisions(store: Kept, from_seq: int = 0) -> Iterator[Decision]:
    """Yield the decisions from a seq on, archived or in the tail, in order."""

    def archived(part: Part, first: int) -> Iterator[list[Decision]]:
        for block in store.archive.blocks(part, "decisions") if part.decisions else ():
            yield [each for each in from_batch(block) if each.seq >= first]

    for piece in _pieces(store, from_seq, archived, store.decisions):
        yield from piece


def _pieces(
    store: Journal,
    from_seq: int,
    archived: Callable[[Part, int], Iterator[Piece]],
    tail: Callable[[int, int], Iterator[Row]],
) -> Iterator[Piece | list[Row]]:
    """Yield what is archived from a seq on, part by part, then the tail: again from its parts when one has moved."""
    while True:
        for part in store.parts(from_seq):
            yield from archived(part, from_seq)
            from_seq = part.last_seq + 1
        found = list(tail(from_seq, ARCHIVE_BLOCK_ROWS))
        if store.parts(from_seq):
            continue
        if not found:
            return
        yield found
        from_seq = found[-1].seq + 1
