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
    return grow_by_hashes(tree, map(leaf_hash, entries))


def grow_by_hashes(tree: Tree, hashes: Iterable[bytes]) -> Growth:
    """Return the tree with leaves of these hashes behind its own."""
    row, old, peaks = tuple(hashes), list(tree.peaks), []
    size, height, levels = tree.size + len(row), 0, [row]
    _check_size(size)
    while row or old:
        if tree.size >> height & 1:
            row = (old.pop(), *row)
        if len(row) & 1:
            peaks.append(row[-1])
        row = tuple(sha256(b"\x01" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=False))
        height += 1
        if row and height % TILE_HEIGHT == 0:
            levels.append(row)
    return Growth(Tree(size, tuple(reversed(peaks))), tuple(levels))


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
