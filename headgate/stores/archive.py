"""The archive: older days of the journal and of the decisions as Parquet files, in a folder or an object storage.

    archive/journal/2026-03-02.parquet     the entries of one UTC day, in order of seq
    archive/decisions/2026-03-02.parquet   the decisions on payments among them

Files come and go here; which of them belong to the archive, only the store says (`stores.tables_archive`). A file that
no part of the store names is the leftover of a crash: nobody reads it, and the next move of that day replaces it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO, Final, Literal, TypeAlias

import fsspec
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from headgate.decisions.record import Decision, from_batch
from headgate.errors import FileError, HeadgateError, UnavailableError
from headgate.journal.entries import Entry
from headgate.journal.schema import from_block
from headgate.limits import ARCHIVE_BLOCK_ROWS

FOLDER: Final = "archive"
Kind: TypeAlias = Literal["journal", "decisions"]
KINDS: Final[tuple[Kind, ...]] = ("journal", "decisions")


class Part(msgspec.Struct, frozen=True, kw_only=False):
    """One part of the archive: two files of one name, with entries of one UTC day in order of seq.

    name: the day, and a number after a point where the day has several parts. decisions: how many there are. The hashes
    are SHA-256 (hex) of the two files.
    """

    name: str
    first_seq: int
    last_seq: int
    first_clock_us: int
    last_clock_us: int
    decisions: int
    journal_sha256: str
    decisions_sha256: str


class Archive:
    """The files. url: a folder, or any URL that fsspec knows (`s3://bucket/folder`); options: what its driver takes.

    Raises FileError where no driver for such a URL is installed.
    """

    def __init__(self, url: str, options: Mapping[str, Any] | None = None) -> None:
        self.url = url
        try:
            self.files, self.root = fsspec.core.url_to_fs(url, **(options or {}))
        except (ImportError, ValueError, TypeError) as error:
            raise FileError(
                f"The archive cannot be opened: {error}",
                where="setting [archive] url",
                repair="Name a folder or a URL whose driver is installed, for instance s3fs for s3://.",
            ) from error

    def path(self, kind: Kind, name: str) -> str:
        """Return the path of a file of a part within the storage."""
        return f"{self.root.rstrip('/')}/{kind}/{name}.parquet"

    def blocks(self, part: Part, kind: Kind = "journal") -> Iterator[pa.RecordBatch]:
        """Yield one file of a part in blocks. Raises FileError where it is missing or damaged."""
        with self._open(part, kind) as file:
            yield from file.iter_batches(batch_size=ARCHIVE_BLOCK_ROWS)

    def entry(self, part: Part, seq: int) -> Entry:
        """Return the entry of a part with this seq."""
        (entry,) = from_block(self._row(part, "journal", seq))
        return entry

    def decision(self, part: Part, seq: int) -> Decision | None:
        """Return the decision of a part on the payment with this seq; None where it was only learnt from."""
        found = from_batch(self._row(part, "decisions", seq)) if part.decisions else []
        return found[0] if found else None

    def sha256(self, kind: Kind, name: str) -> str:
        """Return the SHA-256 (hex) of a file as it is read back."""
        digest = hashlib.sha256()
        with self.file(kind, name) as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        return digest.hexdigest()

    @contextmanager
    def file(self, kind: Kind, name: str) -> Iterator[BinaryIO]:
        """Give a file to be read. Raises FileError where it is missing, UnavailableError where that cannot be told."""
        with self._words(kind, name), self.files.open(self.path(kind, name), "rb") as file:
            yield file

    def _row(self, part: Part, kind: Kind, seq: int) -> pa.Table:
        """The row with this seq, from the one row group that can hold it."""
        with self._open(part, kind) as file:
            groups = [number for number in range(file.num_row_groups) if _may_hold(file, number, seq)]
            table = file.read_row_groups(groups)
            return table.filter(pa.compute.equal(table.column("seq"), seq))

    @contextmanager
    def _open(self, part: Part, kind: Kind) -> Iterator[pq.ParquetFile]:
        with self.file(kind, part.name) as raw:
            yield pq.ParquetFile(raw)

    @contextmanager
    def _words(self, kind: Kind, name: str) -> Iterator[None]:
        try:
            yield
        except (FileNotFoundError, pa.ArrowInvalid) as error:
            raise FileError(
                f"A file of the archive is missing or damaged: {type(error).__name__}",
                where=f"{kind}/{name}.parquet",
                repair="Restore the file from a backup; nothing can be explained without the journal.",
            ) from error
        except (HeadgateError, AssertionError):
            raise
        except Exception as error:  # whatever a driver of a storage raises: not all are errors of the system
            raise UnavailableError(
                f"The archive cannot be read now: {trouble_of(error)}",
                where=f"{kind}/{name}.parquet",
                repair="Check that its storage can be reached, and that it may be read.",
            ) from error


def trouble_of(error: Exception) -> str:
    """Return what a storage said, without an address or a path."""
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__


def _may_hold(file: pq.ParquetFile, group: int, seq: int) -> bool:
    found = file.metadata.row_group(group).column(file.schema_arrow.get_field_index("seq")).statistics
    return found is None or not found.has_min_max or found.min <= seq <= found.max
