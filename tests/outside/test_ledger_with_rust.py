"""The crate ct-merkle (RFC 6962, written by others) judges roots and proofs of a log; needs cargo, about 20 s."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from headgate.ledger.hashing import leaf_hash
from headgate.ledger.proof import prove_consistency, prove_inclusion
from headgate.ledger.reader import TileReader
from headgate.ledger.tiles import bundle, hash_tiles
from headgate.ledger.tree import Tree, grow_by_hashes

pytestmark = pytest.mark.outside
SIZES = (1, 2, 3, 255, 256, 257, 511, 512, 513, 1000, 65_535, 65_536, 65_537, 65_793)
ENTRIES = [b'{"n":%d}' % number for number in range(SIZES[-1])]
HASHES = [leaf_hash(entry) for entry in ENTRIES]


def reader(size: int) -> TileReader:
    levels = grow_by_hashes(Tree(), HASHES[:size]).levels
    files = {
        name.path(): b"".join(levels[name.level][name.number * 256 : name.number * 256 + name.width])
        for name in hash_tiles(size)
    }
    return TileReader(size, files.__getitem__)


def test_another_implementation_takes_every_root_and_proof_and_none_that_was_changed(
    rust_check: Path, tmp_path: Path
) -> None:
    (tmp_path / "bundles").write_bytes(bundle(ENTRIES))
    right, wrong = [], []
    for size in SIZES:
        node, root = reader(size).node, grow_by_hashes(Tree(), HASHES[:size]).tree.root()
        right.append(f"root {size} {root.hex()}")
        wrong.append(f"root {size} {bytes(32).hex()}")
        for index in sorted({0, size // 3, size - 1}):
            proof = b"".join(prove_inclusion(index, size, node))
            right.append(f"inclusion {size} {index} {proof.hex()}")
            wrong.append(f"inclusion {size} {index} {(proof + bytes(32)).hex()}")
        for old in (each for each in SIZES if each < size):
            proof = b"".join(prove_consistency(old, size, node))
            right.append(f"consistency {old} {size} {proof.hex()}")
            wrong.append(f"consistency {old} {size} {(proof[:-1] + bytes((proof[-1] ^ 1,))).hex()}")
    asked = "\n".join([*right, *wrong]) + "\n"
    done = subprocess.run(
        [str(rust_check), str(tmp_path / "bundles")], input=asked, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["yes"] * len(right) + ["no"] * len(wrong)
