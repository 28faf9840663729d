"""Publishes a log: tiles, bundles and checkpoint in a folder, as files that any web server can serve.

It is a projection of the store. Order of writes: bundles and tiles, each written aside and put in its place; all of
them synced; then the checkpoint. A crash leaves the old checkpoint over its old tiles (more tiles harm nobody); the
next run goes on from the published checkpoint. Where the folder is not what its checkpoint says, the checkpoint goes
first and everything is made again.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from headgate.disk import sync
from headgate.errors import HeadgateError, LedgerError, RolledBackError
from headgate.ledger.checkpoint import Checkpoint, parse_checkpoint
from headgate.ledger.note import VerifierKey, parse_note
from headgate.ledger.reader import folder_reader
from headgate.ledger.store import LedgerStore
from headgate.ledger.tiles import CHECKPOINT, ENTRIES, TileName, bundle, tiles_of, unbundle
from headgate.ledger.tree import Tree, grow
from headgate.limits import MAX_PUBLISH_ENTRIES, TILE_WIDTH

KEYS: Final = "vkeys"  # the log's verifier keys, one a line; convenient, and no proof of whose they are


class Publisher:
    """Writes the log of a store into a folder. keys: what is written into its file of verifier keys."""

    def __init__(self, store: LedgerStore, folder: Path, keys: Sequence[VerifierKey] = ()) -> None:
        self._store = store
        self._folder = folder
        self._keys = "".join(f"{key.text()}\n" for key in keys)
        self._tree: Tree | None = None
        self._unsynced: dict[Path, None] = {}

    def publish(self) -> int:
        """Write what the folder lacks and return the published size.

        Raises LedgerError, and leaves the checkpoint as it is, when the store's leaves are not what was signed.
        """
        head = self._store.ledger_head()
        if head is None:
            if (self._folder / CHECKPOINT).exists():
                raise _rolled_back("The published log has entries, the store has none", self._folder)
            return 0
        target = parse_checkpoint(parse_note(head.checkpoint).text)
        tree = self._start(target)
        while tree.size < target.size:
            tree = self._extend(tree, min(target.size, tree.size + MAX_PUBLISH_ENTRIES))
        if tree.root() != target.root:
            self._tree = None
            raise _not_signed(target)
        self._put_text(KEYS, self._keys.encode())
        self._sync()  # no checkpoint before its tiles, even after a power cut
        self._put_text(CHECKPOINT, head.checkpoint)
        self._sync()
        self._tree = tree
        return tree.size

    def put_cosigned(self, checkpoint: bytes) -> None:
        """Put the published checkpoint with more signatures in the place of the one that is there."""
        self._put_text(CHECKPOINT, checkpoint)
        self._sync()

    def _start(self, target: Checkpoint) -> Tree:
        """The published tree where the folder is sound and not ahead of the store; else the empty one."""
        if self._tree is None:
            self._tree = published_tree(self._folder, target.origin)
            if not self._tree.size:
                (self._folder / CHECKPOINT).unlink(missing_ok=True)  # it would stand over tiles that are made again
        if self._tree.size > target.size:
            sizes = f"The published log has {self._tree.size} entries, the store {target.size}"
            raise _rolled_back(f"{sizes}: the store was rolled back", self._folder)
        return self._tree

    def _extend(self, tree: Tree, size: int) -> Tree:
        leaves = self._store.ledger_leaves(tree.size, size)
        if len(leaves) != size - tree.size:
            raise LedgerError(
                f"The store lacks entries between {tree.size} and {size}",
                where="ledger_leaves",
                repair="Restore the store from a backup; the log cannot be published without them.",
            )
        grown = grow(tree, leaves)
        self._put_tiles(ENTRIES, tree.size, leaves)
        for level, hashes in enumerate(grown.levels):
            self._put_tiles(level, tree.size >> 8 * level, hashes)
        return grown.tree

    def _put_tiles(self, level: int, count: int, fresh: Sequence[bytes]) -> None:
        """Write the tiles of a level that has `count` contents on disk and gets fresh ones."""
        begun = count - count % TILE_WIDTH
        contents = [*self._begun(level, count), *fresh]
        for name in tiles_of(level, count + len(fresh), count) if fresh else ():
            at = name.number * TILE_WIDTH - begun
            part = contents[at : at + name.width]
            self._put(name.path(), bundle(part) if level == ENTRIES else b"".join(part))

    def _begun(self, level: int, count: int) -> list[bytes]:
        width = count % TILE_WIDTH
        if not width:
            return []
        name = TileName(level, count // TILE_WIDTH, width)
        data = (self._folder / name.path()).read_bytes()
        return unbundle(data) if level == ENTRIES else [data[at : at + 32] for at in range(0, len(data), 32)]

    def _put_text(self, name: str, content: bytes) -> None:
        path = self._folder / name
        if content and not (path.is_file() and path.read_bytes() == content):
            self._put(name, content)

    def _put(self, name: str, content: bytes) -> None:
        """Write a file so that it is there whole or not at all."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.new")
        aside.write_bytes(content)
        os.replace(aside, path)
        self._unsynced.update(dict.fromkeys((path, path.parent)))

    def _sync(self) -> None:
        for path in self._unsynced:
            sync(path)
        self._unsynced.clear()


def published_tree(folder: Path, origin: str) -> Tree:
    """Return the tree of the log in a folder; the empty one where there is none or its right edge is damaged."""
    try:
        checkpoint = parse_checkpoint(parse_note((folder / CHECKPOINT).read_bytes()).text)
        tree = folder_reader(folder, checkpoint.size).tree()
        _read_partial_bundle(folder, checkpoint.size)
    except (OSError, HeadgateError):
        return Tree()
    return tree if (origin, tree.root()) == (checkpoint.origin, checkpoint.root) else Tree()


def _read_partial_bundle(folder: Path, size: int) -> None:
    if size % TILE_WIDTH:
        unbundle((folder / TileName(ENTRIES, size // TILE_WIDTH, size % TILE_WIDTH).path()).read_bytes())


def _rolled_back(what: str, folder: Path) -> RolledBackError:
    return RolledBackError(
        what,
        where=str(folder),
        repair="Stop, and restore the store; entries that were published may not vanish.",
    )


def _not_signed(target: Checkpoint) -> LedgerError:
    return LedgerError(
        f"The entries in the store do not give the root that was signed for {target.size} entries",
        where="ledger_leaves",
        repair="An entry was changed in the store: compare it with the published log, and restore it from a backup.",
    )
