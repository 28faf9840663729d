"""The snapshots of a home: folders that hold both folds as they stood at one seq, each whole or not there at all.

    snapshots/000000000120034/    snapshot.json  facts.snapshot  decisions.msgpack

Order: everything is written and synced in a folder with a temporary name, with `snapshot.json` and its checksums last;
then the folder gets its name, which is the seq of the next entry. A crash before that leaves a temporary folder, which
`tidy` removes. What is damaged is set aside and the one before is used: a snapshot only saves time, the journal is all.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from headgate.disk import sync
from headgate.drivers.pipeline import Pipeline
from headgate.drivers.rules import Rules
from headgate.drivers.state import load_state, save_state
from headgate.errors import FileError, SnapshotError
from headgate.limits import US_PER_DAY

MANIFEST: Final = "snapshot.json"
_DIGITS: Final = 15
_UNFINISHED: Final = ".unfinished"
_DAMAGED: Final = ".damaged"
Say = Callable[[str], None]


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a snapshot is: the seq of the next entry, the clock of the last one, and the SHA-256 of each file."""

    next_seq: int
    last_clock_us: int
    files: dict[str, str]
    format: int = 1


class Snapshots:
    """The snapshots in one folder, which is made when it is needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def seqs(self) -> tuple[int, ...]:
        """The seq at which each one stands, newest first; nothing is said about whether it is good."""
        names = (path.name for path in self.folder.glob("*") if path.name.isdecimal())
        return tuple(sorted(map(int, names), reverse=True))

    def write(self, pipeline: Pipeline, at: Say = lambda step: None) -> Path:
        """Write a pipeline at rest; return the folder. One that is there already stays as it is.

        at: hears of each step by name when it is done. Raises FileError where it cannot be written.
        """
        place = self.place(pipeline.next_seq)
        try:
            self.folder.mkdir(exist_ok=True)
            if not place.exists():
                self._write(pipeline, place, at)
        except OSError as error:
            raise FileError(
                f"A snapshot cannot be written: {error.strerror}",
                where=str(place),
                repair="Free disk space or restore the right to write; nothing of the journal is lost meanwhile.",
            ) from error
        return place

    def newest(self, rule_set: Callable[[str], Rules], end_seq: int, say: Say) -> Pipeline | None:
        """Return the pipeline of the newest good snapshot, None where there is none.

        rule_set: finds the rules in force by their hash. end_seq: the seq of the next entry of the journal; a snapshot
        beyond it belongs to another journal. say: hears in words of each one that is no good, which is set aside.
        """
        for seq in self.seqs():
            place = self.place(seq)
            try:
                check(place, end_seq)
                return load_state(place, rule_set)
            except (FileError, SnapshotError) as error:
                aside = place.with_name(f"{place.name}{_DAMAGED}")
                shutil.rmtree(aside, ignore_errors=True)
                place.rename(aside)
                say(f"A snapshot was set aside as {aside.name}, the one before it is used: {error}")
        return None

    def content_hash(self, seq: int) -> str:
        """The SHA-256 (hex) of what a snapshot says of its files; empty where it was removed meanwhile."""
        try:
            return digest_of(self.place(seq) / MANIFEST)
        except OSError:
            return ""

    def placed_at(self, seq: int) -> float | None:
        """When a snapshot was written, in seconds since 1970; None where there is none."""
        try:
            return (self.place(seq) / MANIFEST).stat().st_mtime
        except OSError:
            return None

    def keep(self, count: int, days: int = 0) -> None:
        """Remove all but the newest ones, and the newest one of each UTC day for so many days back."""
        seqs = self.seqs()
        kept = {self._day(seq) for seq in seqs[:count]}
        for seq in seqs[count:]:
            day = self._day(seq)
            if max(kept) - day > days or day in kept:
                shutil.rmtree(self.place(seq), ignore_errors=True)
            kept.add(day)

    def _day(self, seq: int) -> int:
        """The UTC day in which a snapshot ends, -1 for one that cannot be read."""
        try:
            content = (self.place(seq) / MANIFEST).read_bytes()
            return msgspec.json.decode(content, type=Manifest).last_clock_us // US_PER_DAY
        except (OSError, msgspec.MsgspecError):
            return -1

    def tidy(self) -> None:
        """Remove what was never finished; nobody may be writing."""
        for path in self.folder.glob(f"*{_UNFINISHED}"):
            shutil.rmtree(path, ignore_errors=True)

    def place(self, seq: int) -> Path:
        """Return the folder of the snapshot that stands at a seq, whether or not it is there."""
        return self.folder / f"{seq:0{_DIGITS}d}"

    def _write(self, pipeline: Pipeline, place: Path, at: Say) -> None:
        beside = place.with_name(f"{place.name}.{os.getpid()}{_UNFINISHED}")
        shutil.rmtree(beside, ignore_errors=True)
        save_state(pipeline, beside)
        at("written")
        files = {path.name: digest_of(path) for path in sorted(beside.iterdir())}
        manifest = Manifest(next_seq=pipeline.next_seq, last_clock_us=pipeline.last_clock_us, files=files)
        (beside / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
        for path in (*beside.iterdir(), beside):
            sync(path)
        at("synced")
        beside.rename(place)
        sync(self.folder)
        at("placed")


def check(place: Path, end_seq: int) -> Manifest:
    """Return what a snapshot of a journal that ends at a seq is.

    Raises SnapshotError unless every file of it is what was written, FileError where it cannot be read.
    """
    try:
        manifest = msgspec.json.decode((place / MANIFEST).read_bytes(), type=Manifest)
        wrong = [name for name, digest in manifest.files.items() if digest_of(place / name) != digest]
    except OSError as error:
        raise FileError(
            f"A snapshot cannot be read: {error.strerror}", where=str(place), repair="Check the disk."
        ) from error
    except msgspec.MsgspecError as error:
        raise _damaged(place, f"{MANIFEST} says {error}") from error
    if wrong or manifest.next_seq != int(place.name):
        raise _damaged(place, f"{', '.join(wrong) or 'its name'} is not what was written")
    if manifest.next_seq > end_seq:
        raise _damaged(place, f"it stands before entry {manifest.next_seq}, and the journal ends before {end_seq}")
    return manifest


def digest_of(path: Path) -> str:
    """Return the SHA-256 (hex) of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damaged(place: Path, what: str) -> SnapshotError:
    return SnapshotError(
        f"The snapshot is not to be used: {what}",
        where=str(place),
        repair="Nothing is lost: the one before it, or the journal, gives the same state. Check the disk.",
    )
