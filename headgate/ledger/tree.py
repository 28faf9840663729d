"""A tree that only grows, kept as its right edge: the roots of its perfect subtrees, at most one a power of two.

A Tree is a value; growing gives another one and the hashes that tiles keep. Memory is 32 bytes a level.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Final, NamedTuple

from headgate.errors import LedgerError
from headgate.ledger.hashing import EMPTY_ROOT, HASH_BYTES, leaf_hash, node_hash
from headgate.limits import MAX_LOG_SIZE

TILE_HEIGHT: Final = 8


class Tree(NamedTuple):
    """`size` leaves, and `peaks`: the roots of the perfect subtrees from left to right, one for each bit of size."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def root(self) -> bytes:
        """Return the Merkle tree hash of all leaves."""
        if not self.peaks:
            return EMPTY_ROOT
        *rest, hash_ = self.peaks
        for peak in reversed(rest):
            hash_ = node_hash(peak, hash_)
        return hash_

    def packed(self) -> bytes:
        """Return the peaks as one text of bytes, for a store."""
        return b"".join(self.peaks)


class Growth(NamedTuple):
    """A grown tree, and the new hashes of each tile level (level 0: of leaves, 1: of full tiles of level 0, …)."""

    tree: Tree
    levels: tuple[tuple[bytes, ...], ...]


def grow(tree: Tree, entries: Iterable[bytes]) -> Growth:
    """Return the tree with these entries behind its own. Raises LedgerError beyond MAX_LOG_SIZE."""
    return grow_by_hashes(tree, (leaf_hash(entry) for entry in entries))


def grow_by_hashes(tree: Tree, hashes: Iterable[bytes]) -> Growth:
    """Return the tree with leaves of these hashes behind its own."""
    size, peaks = tree.size, list(tree.peaks)
    levels: dict[int, list[bytes]] = {0: []}
    for hash_ in hashes:
        levels[0].append(hash_)
        left, height = size, 0
        while left & 1:
            hash_ = sha256(b"\x01" + peaks.pop() + hash_).digest()
            left, height = left >> 1, height + 1
            if height % TILE_HEIGHT == 0:
                levels.setdefault(height // TILE_HEIGHT, []).append(hash_)
        peaks.append(hash_)
        size += 1
    _check_size(size)
    return Growth(Tree(size, tuple(peaks)), tuple(tuple(levels[level]) for level in sorted(levels)))


def unpacked(size: int, packed: bytes) -> Tree:
    """Return the tree from its size and packed peaks. Raises LedgerError when they do not fit together."""
    _check_size(size)
    if len(packed) != HASH_BYTES * size.bit_count():
        raise LedgerError(
            f"The right edge of the tree does not fit its {size} entries",
            where="ledger_state",
            repair="Restore the store from a backup that is not older than the last published checkpoint.",
        )
    return Tree(size, tuple(packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES)))


def _check_size(size: int) -> None:
    if not 0 <= size <= MAX_LOG_SIZE:
        raise LedgerError(
            f"A log cannot have {size} entries", repair=f"Close this log at {MAX_LOG_SIZE} entries and open another."
        )
