"""Inclusion and consistency proofs (RFC 6962, sections 2.1.1 and 2.1.2): made from a reader of nodes, and checked.

Making a proof trusts the reader; checking one trusts nothing but the roots. What a proof says is in the docstrings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from headgate.errors import LedgerError
from headgate.ledger.hashing import HASH_BYTES, node_hash, split_of
from headgate.limits import MAX_LOG_SIZE, MAX_PROOF_HASHES

Node: TypeAlias = Callable[[int, int], bytes]
"""node(height, index): the hash over the leaves [index << height, (index + 1) << height), all of them in the tree."""

Proof: TypeAlias = tuple[bytes, ...]


def range_hash(node: Node, start: int, end: int) -> bytes:
    """Return the hash of the leaves [start, end), where `start` begins a subtree of the tree."""
    width = end - start
    if width & (width - 1) == 0:
        height = width.bit_length() - 1
        return node(height, start >> height)
    middle = start + split_of(width)
    return node_hash(range_hash(node, start, middle), range_hash(node, middle, end))


def prove_inclusion(index: int, size: int, node: Node) -> Proof:
    """Return the proof that leaf `index` is in the tree of `size` leaves, from its sibling up to below the root."""
    if not 0 <= index < size:
        raise LedgerError(f"There is no entry {index} in a log of {size}", repair="Ask for an entry below the size.")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split_of(end - start)
        if index < middle:
            proof.append(range_hash(node, middle, end))
            end = middle
        else:
            proof.append(range_hash(node, start, middle))
            start = middle
    return tuple(reversed(proof))


def prove_consistency(old: int, new: int, node: Node) -> Proof:
    """Return the proof that the first `old` leaves of the tree of `new` leaves are the old tree; old >= 1."""
    if not 1 <= old <= new:
        raise LedgerError(f"Nothing proves {old} entries consistent with {new}", repair="Give 1 <= old <= new.")
    proof: list[bytes] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + split_of(end - start)
        if old <= middle:
            proof.append(range_hash(node, middle, end))
            end = middle
        else:
            proof.append(range_hash(node, start, middle))
            start, whole = middle, False
    if not whole:
        proof.append(range_hash(node, start, end))
    return tuple(reversed(proof))


def check_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Raise LedgerError unless the proof leads from the hash of leaf `index` to the root of `size` leaves."""
    _check_shape(size, (leaf, root))
    _check_shape(size, proof)
    if not 0 <= index < size:
        raise _wrong(f"the proof speaks of entry {index} of {size}")
    at, last, hash_ = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise _wrong("the proof is too long")
        if at & 1 or at == last:
            hash_ = node_hash(sibling, hash_)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            hash_ = node_hash(hash_, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise _wrong("the proof is too short")
    if hash_ != root:
        raise _wrong(f"the proof of entry {index} does not lead to the root of the checkpoint")


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raise LedgerError unless the tree of `old` leaves (at least one) is the beginning of the tree of `new`."""
    _check_shape(new, proof)
    if not 1 <= old <= new:
        raise _wrong(f"the sizes {old} and {new} have no consistency proof")
    if old == new:
        if proof or old_root != new_root:
            raise _wrong(f"two roots at the same size {old}, or a proof where none is needed")
        return
    seeds = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not seeds:
        raise _wrong("the proof is too short")
    roots = _climb(old - 1, new - 1, seeds)
    if roots != (old_root, new_root):
        raise _wrong(f"the first {old} entries of {new} are not those that were signed before")


def _climb(at: int, last: int, seeds: Sequence[bytes]) -> tuple[bytes, bytes]:
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = seeds[0]
    for sibling in seeds[1:]:
        if last == 0:
            raise _wrong("the proof is too long")
        if at & 1 or at == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise _wrong("the proof is too short")
    return before, after


def _check_shape(size: int, proof: Sequence[bytes]) -> None:
    if size > MAX_LOG_SIZE or len(proof) > MAX_PROOF_HASHES or any(len(hash_) != HASH_BYTES for hash_ in proof):
        raise _wrong("the proof is not made of hashes of 32 bytes, or is too long")


def _wrong(what: str) -> LedgerError:
    return LedgerError(
        f"The proof does not hold: {what}",
        where="proof",
        repair="Ask the operator of the log for a new proof; if that fails too, the log was changed.",
    )
