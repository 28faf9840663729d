"""Reads nodes of the tree out of its tiles, for proofs, and entries out of their bundles.

A node of height h lies in the tile of level h // 8, or is folded from hashes there; at most one tile a node is read.
Tiles come by argument (a folder, a store, a network); the last ones used are remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from headgate.errors import LedgerError
from headgate.ledger.hashing import HASH_BYTES, folded
from headgate.ledger.tiles import ENTRIES, TileName, unbundle
from headgate.ledger.tree import TILE_HEIGHT, Tree
from headgate.limits import TILE_WIDTH

Fetch = Callable[[str], bytes]


class TileReader:
    """Nodes of the log of `size` leaves. `fetch(path)` returns the bytes of a file of the log.

    Raises LedgerError for a tile that is missing or has another length; hashes are not checked against each other.
    """

    def __init__(self, size: int, fetch: Fetch, remembered_tiles: int = 64) -> None:
        self.size = size
        self._fetch = fetch
        self._tile = lru_cache(remembered_tiles)(self._fetched)
        self._bundle = lru_cache(remembered_tiles)(self._bundled)

    def node(self, height: int, index: int) -> bytes:
        """Return the hash over the leaves [index << height, (index + 1) << height)."""
        level, above = divmod(height, TILE_HEIGHT)
        first = index << above
        tile = self._tile(level, first // TILE_WIDTH)
        at = first % TILE_WIDTH
        return folded(tile[at : at + (1 << above)])

    def tree(self) -> Tree:
        """Return the right edge of the log."""
        bits = [height for height in reversed(range(self.size.bit_length())) if self.size >> height & 1]
        return Tree(self.size, tuple(self.node(height, (self.size >> height) - 1) for height in bits))

    def _fetched(self, level: int, index: int) -> tuple[bytes, ...]:
        width = min(TILE_WIDTH, (self.size >> TILE_HEIGHT * level) - index * TILE_WIDTH)
        assert width > 0, "no node beyond the size is asked for"
        data = self._data(TileName(level, index, width), width * HASH_BYTES)
        return tuple(data[at : at + HASH_BYTES] for at in range(0, width * HASH_BYTES, HASH_BYTES))

    def _data(self, name: TileName, length: int) -> bytes:
        try:
            data = self._partial_or_full(name)[:length]
        except FileNotFoundError:
            data = b""
        if len(data) != length:
            raise LedgerError(
                f"A tile has {len(data)} bytes instead of {length}",
                where=name.path(),
                repair="Publish the log again from its store, or fetch the file again.",
            )
        return data

    def leaves(self, start: int, end: int) -> list[bytes]:
        """Return the entries with numbers in [start, end), in order. Raises LedgerError as for tiles."""
        found: list[bytes] = []
        while start < min(end, self.size):
            number, first = divmod(start, TILE_WIDTH)
            found += self._bundle(number)[first : first + end - start]
            start = (number + 1) * TILE_WIDTH
        return found

    def _bundled(self, number: int) -> tuple[bytes, ...]:
        name = TileName(ENTRIES, number, min(TILE_WIDTH, self.size - number * TILE_WIDTH))
        try:
            entries = unbundle(self._partial_or_full(name))[: name.width]
        except FileNotFoundError:
            entries = []
        if len(entries) != name.width:
            raise LedgerError(
                f"A bundle has {len(entries)} entries instead of {name.width}",
                where=name.path(),
                repair="Publish the log again from its store, or fetch the file again.",
            )
        return tuple(entries)

    def _partial_or_full(self, name: TileName) -> bytes:
        try:
            return self._fetch(name.path())
        except FileNotFoundError:
            return self._fetch(name._replace(width=TILE_WIDTH).path())  # the tile was filled meanwhile


def folder_reader(folder: Path, size: int) -> TileReader:
    """Return a reader of the log in a folder. Reading raises LedgerError for a missing file."""

    def fetch(path: str) -> bytes:
        return (folder / path).read_bytes()

    return TileReader(size, fetch)
