"""Snapshots: a file that says what it is, a checksum, and plain values. Nothing in it is ever executed.

Layout: one line of text, the SHA-256 of the rest (32 bytes), then MessagePack. The file appears whole or not at all:
it is written beside its name, flushed to disk and renamed.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec

from headgate.errors import FileError, SnapshotError

VERSION = 2
_MAGIC = f"headgate facts snapshot {VERSION}\n".encode()
_FAMILY = b"headgate facts snapshot "


class EngineState(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An engine at rest. `fold` is the fold's own state in `fold_format`; large, so it is looked at, never copied."""

    names: tuple[str, ...]
    reference_currency: str
    time_zone: str
    entries_seen: int
    last_seq: int
    last_clock_us: int
    rates: list[list[str]]
    fold_format: str
    fold: memoryview


def write_snapshot(path: Path, state: EngineState) -> None:
    """Write a snapshot, atomically. Raises FileError where the place cannot be written."""
    payload = msgspec.msgpack.encode(state)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            file.writelines((_MAGIC, hashlib.sha256(payload).digest(), payload))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise FileError(
            f"The snapshot cannot be written: {error.strerror}",
            where=str(path),
            repair="Name a file in a folder that exists and can be written.",
        ) from error


def read_snapshot(path: Path) -> EngineState:
    """Read a snapshot. Raises FileError where it cannot be read, SnapshotError where it is not sound."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FileError(
            f"The snapshot cannot be read: {error.strerror}", where=str(path), repair="Check the path."
        ) from error
    if not data.startswith(_MAGIC):
        raise _refused(path, _foreign(data))
    checksum, payload = data[len(_MAGIC) : len(_MAGIC) + 32], memoryview(data)[len(_MAGIC) + 32 :]
    if hashlib.sha256(payload).digest() != checksum:
        raise _refused(path, "The snapshot is damaged: its checksum does not match its content")
    try:
        return msgspec.msgpack.decode(payload, type=EngineState)
    except msgspec.MsgspecError as error:
        raise _refused(path, f"The snapshot does not hold the state of an engine: {error}") from error


def _foreign(data: bytes) -> str:
    if data.startswith(_FAMILY):
        return "The snapshot is of another version of headgate"
    return "The file is not a snapshot of the facts engine"


def _refused(path: Path, what: str) -> SnapshotError:
    return SnapshotError(
        what,
        where=str(path),
        repair="Use an earlier snapshot, or fold the journal again from its start: the facts will be the same.",
    )
