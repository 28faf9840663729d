"""The hashes of a Merkle tree (RFC 6962, section 2.1) with SHA-256.

A leaf and an inner node are hashed with different first bytes, so that neither can stand for the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of one entry, 32 bytes."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two nodes, 32 bytes."""
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes; the slow definition, straight from the text of the RFC."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    split = split_of(len(hashes))
    return node_hash(root_of(hashes[:split]), root_of(hashes[split:]))


def split_of(count: int) -> int:
    """Return the largest power of two below `count` (count > 1): how many leaves stand left of the root."""
    return 1 << (count - 1).bit_length() - 1


def folded(hashes: Sequence[bytes]) -> bytes:
    """Return the hash of the perfect subtree over 2^k hashes of one level."""
    assert len(hashes) & (len(hashes) - 1) == 0, "only perfect subtrees are folded"
    level = list(hashes)
    while len(level) > 1:
        level = [sha256(b"\x01" + level[at] + level[at + 1]).digest() for at in range(0, len(level), 2)]
    return level[0]
