"""The files of a log (C2SP tlog-tiles): their paths, which of them a size needs, and how entries are bundled.

Paths are relative, with `/` between their parts. Nothing here reads or writes a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from headgate.errors import LedgerError
from headgate.limits import MAX_LEDGER_ENTRY_BYTES, TILE_WIDTH

ENTRIES: Final = -1  # the level of entry bundles in a TileName
CHECKPOINT: Final = "checkpoint"


class TileName(NamedTuple):
    """One tile: its level (ENTRIES for a bundle of entries), its number there, and its hashes or entries."""

    level: int
    number: int
    width: int = TILE_WIDTH

    def path(self) -> str:
        """Return the path of the tile below the log's folder or address."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{level}/{number_path(self.number)}{partial}"


def number_path(number: int) -> str:
    """Return the number in parts of three digits, all but the last behind an x: 1234067 is `x001/x234/067`."""
    parts = [f"{number % 1000:03}"]
    while number := number // 1000:
        parts.append(f"x{number % 1000:03}")
    return "/".join(reversed(parts))


def hash_tiles(size: int) -> Iterator[TileName]:
    """Yield every tile of hashes that a log of this size has, level by level."""
    level = 0
    while size:
        yield from tiles_of(level, size)
        level, size = level + 1, size // TILE_WIDTH


def tiles_of(level: int, count: int, start: int = 0) -> Iterator[TileName]:
    """Yield the tiles of a level that has `count` hashes or entries, from the tile that holds number `start` on."""
    full, rest = divmod(count, TILE_WIDTH)
    for number in range(start // TILE_WIDTH, full):
        yield TileName(level, number)
    if rest:
        yield TileName(level, full, rest)


def bundle(entries: Sequence[bytes]) -> bytes:
    """Return entries as one bundle: each behind its length in two bytes. Raises LedgerError for an overlong one."""
    for entry in entries:
        if len(entry) > MAX_LEDGER_ENTRY_BYTES:
            raise LedgerError(
                f"An entry of {len(entry)} bytes is too long for the log",
                repair=f"Write at most {MAX_LEDGER_ENTRY_BYTES} bytes; put long texts elsewhere and log their hash.",
            )
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unbundle(data: bytes) -> list[bytes]:
    """Return the entries of a bundle. Raises LedgerError when bytes are missing at its end."""
    entries: list[bytes] = []
    at, end = 0, len(data)
    while at < end:
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if start > end or at > end:
            raise LedgerError(
                f"The bundle ends inside its entry {len(entries)}",
                repair="Fetch the file again; if it stays so, the log was changed or cut.",
            )
        entries.append(data[start:at])
    return entries
