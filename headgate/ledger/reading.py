"""Reads a log as an outsider does: everything is verified first, and entries are handed on in the same pass.

It speaks to a folder or an address only, through `ledger.verify`; nothing of a home, a store or a service.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from headgate.errors import FileError, LedgerError
from headgate.kernel import time_after
from headgate.ledger import verify
from headgate.ledger.reader import TileReader
from headgate.ledger.tiles import CHECKPOINT

Visit = Callable[[int, bytes], None]
"""visit(number, entry): called for every entry in order."""

_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Sound(NamedTuple):
    """A log that holds: origin, size, checkpoint note, its keys' texts, and a reader of its nodes for proofs."""

    origin: str
    size: int
    checkpoint: bytes
    keys: tuple[str, ...]
    reader: TileReader


def read_log(place: str, keys: Sequence[str], visit: Visit, saved: Sequence[Path] = ()) -> Sound:
    """Verify the log in a folder or behind an address, and show every entry to `visit` on the way.

    keys: verifier keys; those of the log's own file where none is given. What was visited counts only if this returns.
    Raises LedgerError where anything does not hold, FileError where there is no key or no saved checkpoint.
    """
    log, count = verify.Log(place), 0

    def visited(bundle: bytes, time_us: int) -> int:
        nonlocal count
        last_us = time_after(bundle, time_us)
        for entry in verify.unbundle(bundle) if last_us >= 0 else ():
            visit(count, entry)
            count += 1
        return last_us

    try:
        texts = tuple(keys) or _own_keys(log)
        known = {each: key for text in texts for each, key in verify.parse_key(text).items()}
        origin, earlier = texts[0].split("+")[0], [(str(path), _bytes(path)) for path in saved]
        faults = verify.verify(log, known, origin, earlier, quick=visited)[1]
        note = log.read(CHECKPOINT) or b""
        size = verify.open_checkpoint("The log's checkpoint", note, origin, known)[0]
    except verify.Fault as fault:
        faults, size = [str(fault)], 0
    if not faults and size != count:
        faults = ["The log grew while it was read"]
    if faults:
        raise LedgerError(
            f"The log does not hold: {faults[0]}",
            where=place,
            repair="Run `headgate verify` on it for all faults; nothing is taken from a log that does not hold.",
        )
    return Sound(origin, size, note, texts, TileReader(size, fetch_of(log)))


def fields_of(entry: bytes) -> dict[str, Any]:
    """Return the fields of an entry of any kind, known here or not."""
    return _decode(entry)


def _own_keys(log: verify.Log) -> tuple[str, ...]:
    keys = tuple((log.read("vkeys") or b"").decode("utf-8", "replace").split())
    if not keys:
        raise FileError(
            "There is no file `vkeys` in this log", where=log.place, repair="Is it a log? Give its key with --key."
        )
    return keys


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(f"It cannot be read: {error.strerror}", where=str(path), repair="Give another path.") from error


def fetch_of(log: verify.Log) -> Callable[[str], bytes]:
    """Return what a reader of tiles fetches files of this log with."""

    def fetch(path: str) -> bytes:
        data = log.read(path)
        if data is None:
            raise FileNotFoundError(path)
        return data

    return fetch
