"""Writes parts of the archive: blocks and decisions in, two files under their final names out, on disk when sealed.

Order: both files are written under temporary names and synced; decisions get their name, then the journal; the folders
are synced; both are read back for their hashes. A crash before the names leaves `*.partial`, which the next writer of
that part replaces; a crash after them leaves files that no part of a store names.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from fsspec.implementations.local import LocalFileSystem

from headgate.decisions.record import DECISION_SCHEMA, Decision, to_batch
from headgate.disk import sync
from headgate.errors import FileError
from headgate.journal.schema import BLOCK_SCHEMA
from headgate.limits import US_PER_DAY, US_PER_SECOND
from headgate.stores.archive import KINDS, Archive, Kind, Part, trouble_of

_SCHEMAS: Final[dict[Kind, pa.Schema]] = {"journal": BLOCK_SCHEMA, "decisions": DECISION_SCHEMA}


def day_of(clock_us: int) -> str:
    """Return the UTC day of a clock, for instance `2026-03-02`."""
    return datetime.fromtimestamp(clock_us // US_PER_SECOND, UTC).strftime("%Y-%m-%d")


def part_name(day: str, taken: Sequence[str]) -> str:
    """Return the name of the next part of a day, given the names of all parts that there are."""
    number = 1 + sum(name.partition("_")[0] == day for name in taken)
    return day if number == 1 else f"{day}_{number:04d}"


class PartWriter:
    """One part under construction. Raises FileError where the storage cannot be written."""

    def __init__(self, archive: Archive, name: str) -> None:
        self.name = name
        self.day = name.partition("_")[0]
        self.entries = self.decisions = 0
        self._archive = archive
        self._ends: list[tuple[int, int]] = []
        self._files: dict[Kind, Any] = {}
        self._writers: dict[Kind, pq.ParquetWriter] = {}
        with self._words():
            for kind in KINDS:
                self._open(kind)

    def add(self, block: pa.RecordBatch, decisions: Sequence[Decision] = ()) -> None:
        """Append entries of the day, and decisions on payments; both in order of seq."""
        assert block.num_rows, "a block of a part is not empty"
        clocks, places = block.column("clock_us"), block.column("seq")
        assert clocks[0].as_py() // US_PER_DAY == clocks[-1].as_py() // US_PER_DAY, "a part holds one day"
        self._ends += [(places[row].as_py(), clocks[row].as_py()) for row in (0, -1)]
        del self._ends[1:-1]
        with self._words():
            self._writers["journal"].write_batch(block)
            if decisions:
                self._writers["decisions"].write_batch(to_batch(decisions))
        self.entries += block.num_rows
        self.decisions += len(decisions)

    def seal(self) -> Part:
        """Put both files under their names, on disk, and return what they hold."""
        (first_seq, first_clock_us), (last_seq, last_clock_us) = self._ends[0], self._ends[-1]
        with self._words():
            self._close()
            for kind in reversed(KINDS):
                self._name(kind)
        hashes = [self._archive.sha256(kind, self.name) for kind in KINDS]
        return Part(self.name, first_seq, last_seq, first_clock_us, last_clock_us, self.decisions, *hashes)

    def discard(self) -> None:
        """Give the part up; what was written stays under its temporary name until it is replaced."""
        for each in (*self._writers.values(), *self._files.values()):
            with suppress(Exception):  # it could not be written, which is being told already
                each.close()
        self._writers, self._files = {}, {}

    @contextmanager
    def _words(self) -> Iterator[None]:
        try:
            yield
        except AssertionError:
            raise
        except Exception as error:  # whatever a driver of a storage raises: not all are errors of the system
            self.discard()
            raise FileError(
                f"The archive cannot be written: {trouble_of(error)}",
                where=f"part {self.name}",
                repair="Free space in its storage or restore the right to write. Nothing has left the store.",
            ) from error

    def _open(self, kind: Kind) -> None:
        path = self._partial(kind)
        self._archive.files.makedirs(path.rpartition("/")[0], exist_ok=True)
        self._files[kind] = self._archive.files.open(path, "wb")
        self._writers[kind] = pq.ParquetWriter(self._files[kind], _SCHEMAS[kind], compression="zstd")

    def _close(self) -> None:
        for each in (*self._writers.values(), *self._files.values()):
            each.close()
        self._writers, self._files = {}, {}

    def _name(self, kind: Kind) -> None:
        partial, path = self._partial(kind), self._archive.path(kind, self.name)
        if isinstance(self._archive.files, LocalFileSystem):
            sync(partial)
            os.replace(partial, path)
            sync(os.path.dirname(path))
        else:
            self._archive.files.mv(partial, path)

    def _partial(self, kind: Kind) -> str:
        return f"{self._archive.path(kind, self.name)}.partial"
