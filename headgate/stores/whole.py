"""The whole journal of a store in order of seq: its archive, then its tail, as if they were one.

A part may move from the tail to the archive while somebody reads. So what was read of the tail counts only when no
part has come meanwhile; otherwise the parts are read first, from the same seq on. Every entry is seen once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import pyarrow as pa

from headgate.decisions.record import Decision, from_batch
from headgate.journal.entries import Entry
from headgate.journal.schema import from_block, to_block
from headgate.limits import ARCHIVE_BLOCK_ROWS
from headgate.stores.store import Decisions, Journal


class Kept(Journal, Decisions, Protocol):
    """The part of a store that this reads."""


def blocks(store: Journal, from_seq: int = 0) -> Iterator[pa.RecordBatch]:
    """Yield the journal from a seq on in blocks. Raises FileError where a file of the archive is missing."""
    while True:
        for part in store.parts(from_seq):
            for block in store.archive.blocks(part):
                wanted = block.slice(max(0, from_seq - block.column("seq")[0].as_py()))
                if wanted.num_rows:
                    yield wanted
            from_seq = part.last_seq + 1
        found = list(store.tail(from_seq, ARCHIVE_BLOCK_ROWS))
        if store.parts(from_seq):
            continue
        if not found:
            return
        yield to_block(found)
        from_seq = found[-1].seq + 1


def entries(store: Journal, from_seq: int = 0) -> Iterator[Entry]:
    """Yield the journal from a seq on as values."""
    for block in blocks(store, from_seq):
        yield from from_block(block)


def decisions(store: Kept, from_seq: int = 0) -> Iterator[Decision]:
    """Yield the decisions from a seq on, archived or in the tail, in order."""
    while True:
        for part in store.parts(from_seq):
            for block in store.archive.blocks(part, "decisions") if part.decisions else ():
                yield from (each for each in from_batch(block) if each.seq >= from_seq)
            from_seq = part.last_seq + 1
        found = list(store.decisions(from_seq, ARCHIVE_BLOCK_ROWS))
        if store.parts(from_seq):
            continue
        if not found:
            return
        yield from found
        from_seq = found[-1].seq + 1
