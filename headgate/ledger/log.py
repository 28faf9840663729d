"""A log as its one writer sees it: leaves go in, a signed head comes out. It never signs two histories.

Order of writes, and what a crash after each step leaves:
1. sign in memory: nothing; the signature is lost and no one has seen it.
2. leaves and head in one transaction of the store, by compare-and-swap on the size: all of it or nothing.
3. `committed`, the answer to the caller: both are on disk; a restart goes on from them.
4. tiles, then the published checkpoint, then witnesses: projections; made again from the store.
A checkpoint leaves the process (steps 3 and 4) only after step 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from headgate.errors import LedgerError
from headgate.ledger.checkpoint import Checkpoint, open_checkpoint
from headgate.ledger.note import Signer, VerifierKey, sign_note
from headgate.ledger.store import Head, LedgerStore
from headgate.ledger.tree import Tree, grow, unpacked


class Prepared(NamedTuple):
    """A group of leaves with the head over them, to be stored if the log still has `expected_size` entries."""

    leaves: tuple[bytes, ...]
    head: Head
    expected_size: int
    tree: Tree


class Log:
    """The log `origin`. signers: its keys, two while one replaces the other; head: what the store has, None at first.

    old_keys: verifier keys of the log that do not sign any more. Raises LedgerError where the stored head is not one
    that these keys signed over the stored right edge.
    """

    def __init__(
        self, origin: str, signers: Sequence[Signer], head: Head | None, old_keys: Sequence[VerifierKey] = ()
    ) -> None:
        self.origin = origin
        self._signers = tuple(signers)
        self._keys = (*(signer.verifier for signer in signers), *old_keys)
        self._tree = Tree() if head is None else self._tree_of(head)

    @property
    def size(self) -> int:
        """How many entries are committed."""
        return self._tree.size

    @property
    def tree(self) -> Tree:
        """The committed tree."""
        return self._tree

    def prepare(self, leaves: Sequence[bytes]) -> Prepared:
        """Return these leaves with a signed head over the log and them; the log itself is unchanged.

        The head may be signed again for other leaves when it was not stored; it must not be shown before it is.
        """
        tree = grow(self._tree, leaves).tree
        return Prepared(tuple(leaves), self._signed(tree), self._tree.size, tree)

    def committed(self, prepared: Prepared) -> None:
        """Go on from a prepared group that is now in the store. Raises LedgerError when it is not the next one."""
        if prepared.expected_size != self._tree.size:
            raise _two_histories(f"a group for {prepared.expected_size} entries came at {self._tree.size}")
        self._tree = prepared.tree

    def append(self, leaves: Sequence[bytes], store: LedgerStore) -> Head:
        """Prepare, store and commit. Raises ConflictError when another writer went on meanwhile: then stop."""
        prepared = self.prepare(leaves)
        store.append_to_ledger(prepared.leaves, prepared.head, prepared.expected_size)
        self.committed(prepared)
        return prepared.head

    def _signed(self, tree: Tree) -> Head:
        if tree.size < self._tree.size or not _follows(self._tree, tree):
            raise _two_histories(f"{tree.size} entries do not follow {self._tree.size}")
        checkpoint = Checkpoint(self.origin, tree.size, tree.root())
        return Head(tree.size, tree.packed(), sign_note(checkpoint.text(), self._signers).written())

    def _tree_of(self, head: Head) -> Tree:
        tree = unpacked(head.size, head.peaks)
        signed = open_checkpoint(head.checkpoint, self.origin, self._keys).checkpoint
        if (signed.size, signed.root) != (tree.size, tree.root()):
            raise LedgerError(
                f"The stored right edge of {tree.size} entries is not what was signed ({signed.size} entries)",
                where="ledger_state",
                repair="Restore the store; nothing is signed until its head is the one that was signed.",
            )
        return tree


def _follows(old: Tree, new: Tree) -> bool:
    """Whether the perfect subtrees that both sizes share are the same ones."""
    heights = range(old.size.bit_length(), -1, -1)
    for place, height in enumerate(height for height in heights if old.size >> height & 1):
        if old.size >> height != new.size >> height:
            return True  # from here on the old peaks lie inside a larger subtree of the new tree
        if old.peaks[place] != new.peaks[place]:
            return False
    return True


def _two_histories(what: str) -> LedgerError:
    return LedgerError(
        f"The log refuses to sign: {what}",
        where="checkpoint",
        repair="Stop this writer, and start it again from the store; if it happens again, the store was changed.",
    )
