"""Moves closed days from the tail of a store into its archive, a part at a time.

Order, for each part:

1. write    the entries and decisions of the part are read from the store and written to files under temporary names;
2. name     the files are synced and get their names; they are read back for their hashes;
3. compare  the files are read back as values and compared with what the store holds, bit by bit;
4. take     in one transaction the store names the part, remembers where its identities lie, and deletes what it holds
            from the tail.

What a crash leaves: before 2 temporary files; between 2 and 4 files that no part names; in both cases the tail still
has everything, nobody reads the files, and the next move writes them again. After 4 nothing is left to do. So every
entry and decision is in the tail or in the archive at any moment, and in one of them only.

Nothing else has to be in step with a move: a pipeline is restored from its last snapshot and goes on by seq through
archive and tail, and `explain` reads both, so it does not matter on which side of the archive's end a snapshot lies.
"""

from __future__ import annotations

from collections.abc import Callable

from headgate.decisions.record import Decision, from_batch
from headgate.errors import FileError
from headgate.journal.identity import ids_of
from headgate.journal.schema import from_block, to_block
from headgate.limits import ARCHIVE_BLOCK_ROWS, MAX_PART_ENTRIES, US_PER_DAY
from headgate.stores.archive import Part
from headgate.stores.archive_writer import PartWriter, day_of, part_name
from headgate.stores.store import Journal, Store


def move_closed_days(
    store: Store,
    now_us: int,
    keep_days: int,
    tick: Callable[[Part], object] = lambda part: None,
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """Move the UTC days that ended at least `keep_days` whole days before now; return how many entries went.

    store: one of its own, that no other thread uses meanwhile. tick: hears of each part when it is archived. stop:
    whether to end before the next part. Raises FileError where the archive cannot be written, UnavailableError where
    the store cannot; what was moved stays moved.
    """
    assert keep_days >= 0, "settings refuse it"
    end, moved = (now_us // US_PER_DAY - keep_days) * US_PER_DAY, 0
    while not stop() and (part := next_part(store, end)) is not None:
        take(store, part)
        tick(part)
        moved += part.last_seq - part.first_seq + 1
    return moved


def next_part(store: Store, end_us: int) -> Part | None:
    """Write the oldest entries of the tail before a clock to files (steps 1 to 3); None where there are none."""
    first = next(store.tail(limit=1), None)
    if first is None or first.clock_us >= end_us:
        return None
    day_end_us = (first.clock_us // US_PER_DAY + 1) * US_PER_DAY
    last_seq = min(store.tail_from(min(day_end_us, end_us)) - 1, first.seq + MAX_PART_ENTRIES - 1)
    name = part_name(day_of(first.clock_us), [part.name for part in store.parts()])
    writer = PartWriter(store.archive, name)
    try:
        for seq in range(first.seq, last_seq + 1, ARCHIVE_BLOCK_ROWS):
            rows = min(ARCHIVE_BLOCK_ROWS, last_seq + 1 - seq)
            writer.add(to_block(list(store.tail(seq, rows))), _decisions(store, seq, seq + rows - 1))
        part = writer.seal()
    finally:
        writer.discard()
    _compare(store, part)
    return part


def take(store: Journal, part: Part) -> None:
    """Let the store take a part that is written (step 4)."""
    store.take_part(part, (row for block in store.archive.blocks(part) for row in ids_of(block)))


def _decisions(store: Store, first_seq: int, last_seq: int) -> list[Decision]:
    return [each for each in store.decisions(first_seq, last_seq - first_seq + 1) if each.seq <= last_seq]


def _compare(store: Store, part: Part) -> None:
    for block in store.archive.blocks(part):
        first = block.column("seq")[0].as_py()
        if from_block(block) != list(store.tail(first, block.num_rows)):
            raise _other(part, "entries")
    for block in store.archive.blocks(part, "decisions"):
        first, last = (block.column("seq")[row].as_py() for row in (0, -1))
        if from_batch(block) != _decisions(store, first, last):
            raise _other(part, "decisions")


def _other(part: Part, what: str) -> FileError:
    return FileError(
        f"The {what} of a part read back otherwise than the store has them",
        where=f"part {part.name}",
        repair="Check the storage of the archive. Nothing has left the store.",
    )
