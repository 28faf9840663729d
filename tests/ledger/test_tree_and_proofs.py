"""The tree, its tiles and its proofs, against the slow definition of the RFC."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.errors import LedgerError
from headgate.ledger.hashing import EMPTY_ROOT, folded, leaf_hash, root_of
from headgate.ledger.proof import check_consistency, check_inclusion, prove_consistency, prove_inclusion
from headgate.ledger.reader import TileReader
from headgate.ledger.tiles import ENTRIES, TileName, bundle, hash_tiles, number_path, tiles_of, unbundle
from headgate.ledger.tree import Tree, grow, grow_by_hashes, unpacked

LEAVES = [leaf_hash(b"%d" % number) for number in range(70_000)]
AROUND_POWERS = sorted({size + off for size in (1, 256, 512, 65_536) for off in (-1, 0, 1)} | {70_000})
SIZES = st.integers(1, 1200) | st.sampled_from([size for size in AROUND_POWERS if 0 < size])


def naive_node(height: int, index: int) -> bytes:
    return root_of(LEAVES[index << height : (index + 1) << height])


def tiles(size: int) -> Callable[[str], bytes]:
    """The files of hashes of a log, made by the growth of its tree."""
    levels = grow_by_hashes(Tree(), LEAVES[:size]).levels
    files = {
        name.path(): b"".join(levels[name.level][name.number * 256 : name.number * 256 + name.width])
        for name in hash_tiles(size)
    }

    def fetch(path: str) -> bytes:
        try:
            return files[path]
        except KeyError:
            raise FileNotFoundError(path) from None

    return fetch


@pytest.mark.parametrize("size", AROUND_POWERS)
def test_a_grown_tree_has_the_root_of_the_slow_definition(size: int) -> None:
    assert grow_by_hashes(Tree(), LEAVES[:size]).tree.root() == root_of(LEAVES[:size])


@given(st.lists(st.integers(0, 300), max_size=8))
def test_growing_in_any_groups_gives_one_tree_and_one_set_of_tile_hashes(groups: list[int]) -> None:
    tree, levels = Tree(), {}
    for group in groups:
        tree, fresh = grow_by_hashes(tree, LEAVES[tree.size : tree.size + group])
        for level, hashes in enumerate(fresh):
            levels.setdefault(level, []).extend(hashes)
    whole = grow_by_hashes(Tree(), LEAVES[: sum(groups)])
    assert tree == whole.tree
    assert {level: hashes for level, hashes in levels.items() if hashes} == {
        level: list(hashes) for level, hashes in enumerate(whole.levels) if hashes
    }
    assert unpacked(tree.size, tree.packed()) == tree


@pytest.mark.parametrize("size", [size for size in AROUND_POWERS if size])
def test_a_tree_is_read_back_from_its_tiles(size: int) -> None:
    assert TileReader(size, tiles(size)).tree() == grow_by_hashes(Tree(), LEAVES[:size]).tree


def test_the_hash_of_a_full_tile_is_that_of_its_leaves() -> None:
    assert grow_by_hashes(Tree(), LEAVES[:512]).levels[1] == (root_of(LEAVES[:256]), root_of(LEAVES[256:512]))
    assert folded(LEAVES[:256]) == root_of(LEAVES[:256])
    assert Tree().root() == EMPTY_ROOT == root_of([])


@given(SIZES, st.data())
def test_every_inclusion_proof_holds_and_no_other_leaf_number_or_size_fits_it(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    root = grow_by_hashes(Tree(), LEAVES[:size]).tree.root()
    proof = prove_inclusion(index, size, TileReader(size, tiles(size)).node)
    assert proof == prove_inclusion(index, size, naive_node)
    check_inclusion(index, size, LEAVES[index], proof, root)
    with pytest.raises(LedgerError):
        check_inclusion(index, size, LEAVES[index + 1], proof, root)
    if size > 1:
        with pytest.raises(LedgerError):
            check_inclusion((index + 1) % size, size, LEAVES[index], proof, root)
    broken = data.draw(st.sampled_from([proof[:-1], (*proof, root), (*proof[:-1], bytes(32))]))
    if broken != proof:
        with pytest.raises(LedgerError):
            check_inclusion(index, size, LEAVES[index], broken, root)


@given(SIZES, st.data())
def test_every_consistency_proof_holds_and_a_forked_log_has_none(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    proof = prove_consistency(old, size, TileReader(size, tiles(size)).node)
    assert proof == prove_consistency(old, size, naive_node)
    before, after = (grow_by_hashes(Tree(), LEAVES[:end]).tree.root() for end in (old, size))
    check_consistency(old, size, before, after, proof)
    forked = grow_by_hashes(Tree(), [*LEAVES[: old - 1], bytes(32)]).tree.root()
    with pytest.raises(LedgerError):
        check_consistency(old, size, forked, after, proof)
    with pytest.raises(LedgerError):
        check_consistency(old, size, before, bytes(32), proof)
    with pytest.raises(LedgerError):
        check_consistency(old, size, before, after, (*proof, after))
    if proof:
        with pytest.raises(LedgerError):
            check_consistency(old, size, before, after, proof[:-1])


@pytest.mark.parametrize(("old", "new"), [(0, 1), (0, 0), (3, 2)])
def test_sizes_without_a_proof_are_refused(old: int, new: int) -> None:
    with pytest.raises(LedgerError):
        prove_consistency(old, new, naive_node)
    with pytest.raises(LedgerError):
        check_consistency(old, new, EMPTY_ROOT, EMPTY_ROOT, ())
    with pytest.raises(LedgerError, match="no entry 5 in a log of 5"):
        prove_inclusion(5, 5, naive_node)


def test_paths_are_those_of_the_specification() -> None:
    assert number_path(1234067) == "x001/x234/067"
    assert TileName(2, 5).path() == "tile/2/005"
    assert TileName(ENTRIES, 1000, 7).path() == "tile/entries/x001/000.p/7"


def test_a_size_of_70000_has_the_tiles_that_the_specification_counts() -> None:
    names = list(hash_tiles(70_000))
    assert sum(name.level == 0 and name.width == 256 for name in names) == 273
    assert [name for name in names if name.width < 256] == [
        TileName(0, 273, 112), TileName(1, 1, 17), TileName(2, 0, 1)
    ]  # fmt: skip
    assert sum(name.level == 1 and name.width == 256 for name in names) == 1
    assert list(hash_tiles(256)) == [TileName(0, 0), TileName(1, 0, 1)]
    assert list(tiles_of(0, 600, 511)) == [TileName(0, 1), TileName(0, 2, 88)]


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_gives_its_entries_back_and_a_cut_one_is_refused(entries: list[bytes]) -> None:
    assert unbundle(bundle(entries)) == entries
    if entries:
        with pytest.raises(LedgerError, match="ends inside its entry"):
            unbundle(bundle(entries)[:-1])


def test_an_overlong_entry_and_an_overlong_log_are_refused() -> None:
    assert len(bundle([bytes(65_535)])) == 65_537
    with pytest.raises(LedgerError, match="too long"):
        bundle([bytes(65_536)])
    with pytest.raises(LedgerError, match="cannot have"):
        grow(Tree(2**48, (bytes(32),)), [b"one more"])
    with pytest.raises(LedgerError, match="right edge"):
        unpacked(3, bytes(32))


def test_a_missing_or_short_tile_is_told_with_its_path() -> None:
    good = tiles(300)
    with pytest.raises(LedgerError, match=r"tile/0/001.p/44"):
        TileReader(300, lambda path: good(path)[:-1]).node(0, 299)
    with pytest.raises(LedgerError, match=r"tile/0/001.p/44"):
        TileReader(300, tiles(256)).node(0, 299)
    assert TileReader(300, tiles(512)).node(0, 299) == LEAVES[299]  # a filled tile serves for its beginning
