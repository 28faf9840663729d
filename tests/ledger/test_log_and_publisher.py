"""The log's writer and its publisher: one history, and a folder that follows the store through every crash."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from headgate.checks.ledger import chains
from headgate.errors import ConflictError, LawError, LedgerError, NoteError
from headgate.ledger.checkpoint import open_checkpoint
from headgate.ledger.hashing import leaf_hash, root_of
from headgate.ledger.keys import FileSigner
from headgate.ledger.log import Log
from headgate.ledger.note import ED25519
from headgate.ledger.publish import Publisher
from headgate.ledger.store import Head
from headgate.ledger.tree import Tree, grow
from headgate.stores.sqlite import SqliteStore
from headgate.stores.sqlite_ledger import SqliteLedgerFile
from tests.ledger.conftest import ORIGIN, SIGNER, Kept, entries

MakeLog = Callable[..., Kept]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def fresh(kept: Kept, folder: Path) -> dict[str, bytes]:
    Publisher(kept.store, folder, (kept.key,)).publish()
    return files(folder)


def test_the_store_of_a_home_obeys_the_law_of_ledgers(tmp_path: Path) -> None:
    chains(SqliteStore, tmp_path / "headgate.db")


def test_the_sqlite_ledger_obeys_its_law_and_the_law_finds_one_that_does_not(tmp_path: Path) -> None:
    chains(SqliteLedgerFile, tmp_path / "ledger.db")

    class Careless(SqliteLedgerFile):
        def append_to_ledger(self, leaves, head: Head, expected_size: int) -> None:
            with self._database.transaction() as db:
                rows = list(enumerate(leaves, expected_size))
                db.execute_each("INSERT OR REPLACE INTO ledger_leaves VALUES (?, ?)", rows)
                db.execute("INSERT OR REPLACE INTO ledger_state VALUES (1, ?, ?, ?)", head)

    with pytest.raises(LawError, match="expected 3 entries went on at 7"):
        chains(Careless, tmp_path / "careless.db")


@pytest.mark.parametrize("size", [1, 255, 256, 257, 511, 512, 513, 1000])
def test_a_published_log_has_the_root_of_its_entries(make_log: MakeLog, size: int) -> None:
    kept = make_log(size)
    signed = open_checkpoint((kept.folder / "checkpoint").read_bytes(), ORIGIN, (kept.key,))
    assert signed.checkpoint.root == root_of([leaf_hash(each) for each in entries(0, size)])


def test_a_log_that_grew_in_groups_has_every_file_of_one_that_is_published_at_once(make_log: MakeLog) -> None:
    kept = make_log(1, 2, 250, 300, 700)
    grown, at_once = files(kept.folder), fresh(kept, kept.folder.with_name("again"))
    assert at_once.items() <= grown.items()
    assert set(grown) - set(at_once) == {
        f"tile/{level}/{number}.p/{width}"
        for level in ("0", "entries")
        for number, width in (("000", 1), ("000", 2), ("000", 250), ("001", 44))
    } | {"tile/1/000.p/1"}


def test_a_publisher_that_dies_at_any_file_never_shows_a_checkpoint_without_its_tiles(
    make_log: MakeLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = make_log(300)
    before, real = (kept.folder / "checkpoint").read_bytes(), os.replace
    kept.log.append(entries(300, 800), kept.store)
    for stop in range(12):
        folder = kept.folder.with_name(f"dying-{stop}")
        shutil.copytree(kept.folder, folder)
        left = [stop]

        def dying(source: Path, target: Path, left: list[int] = left) -> None:
            if not left[0]:
                raise InterruptedError
            left[0] -= 1
            real(source, target)

        monkeypatch.setattr(os, "replace", dying)
        try:
            Publisher(kept.store, folder, (kept.key,)).publish()
        except InterruptedError:
            assert (folder / "checkpoint").read_bytes() == before
        else:
            assert left[0] == stop - 8  # seven tiles and the checkpoint
        monkeypatch.setattr(os, "replace", real)
        assert Publisher(kept.store, folder, (kept.key,)).publish() == 800
        assert fresh(kept, kept.folder.with_name(f"whole-{stop}")).items() <= files(folder).items()


@pytest.mark.parametrize("name", ["checkpoint", "tile/0/001.p/44", "tile/entries/001.p/44", "tile/1/000.p/1"])
@pytest.mark.parametrize("harm", ["lost", "cut"])
def test_a_damaged_folder_is_made_again_from_the_store(make_log: MakeLog, name: str, harm: str) -> None:
    kept = make_log(300)
    path = kept.folder / name
    path.write_bytes(path.read_bytes()[:-1]) if harm == "cut" else path.unlink()
    kept.add(entries(300, 301))
    assert fresh(kept, kept.folder.with_name("whole")).items() <= files(kept.folder).items()


def test_a_changed_entry_in_the_store_is_not_published(make_log: MakeLog) -> None:
    kept = make_log(10)
    kept.log.append(entries(10, 20), kept.store)
    before = (kept.folder / "checkpoint").read_bytes()
    with kept.store._database.transaction() as db:
        db.execute("UPDATE ledger_leaves SET content = ? WHERE number = 12", (b"{}",))
    with pytest.raises(LedgerError, match="do not give the root that was signed for 20 entries"):
        Publisher(kept.store, kept.folder).publish()
    assert (kept.folder / "checkpoint").read_bytes() == before
    with kept.store._database.transaction() as db:
        db.execute("DELETE FROM ledger_leaves WHERE number = 12")
    with pytest.raises(LedgerError, match="lacks entries between 10 and 20"):
        Publisher(kept.store, kept.folder).publish()


def test_a_store_that_was_rolled_back_is_noticed_where_the_folder_is_still_there(make_log: MakeLog) -> None:
    longer, shorter = make_log(20), make_log(10, name="earlier")
    with pytest.raises(LedgerError, match="published log has 20 entries, the store 10"):
        Publisher(shorter.store, longer.folder).publish()


def test_a_log_goes_on_from_its_store_and_signs_one_history(make_log: MakeLog) -> None:
    kept = make_log(5)
    head = kept.store.ledger_head()
    first, second = (Log(ORIGIN, (SIGNER,), head) for _ in range(2))
    assert first.tree == kept.log.tree
    first.append(entries(5, 7), kept.store)
    with pytest.raises(ConflictError, match="another writer went on"):
        second.append(entries(5, 6), kept.store)
    assert second.size == 5


def test_a_group_that_was_not_stored_leaves_nothing_and_may_be_prepared_again(make_log: MakeLog) -> None:
    kept = make_log(5)
    lost = kept.log.prepare(entries(5, 9))
    assert (lost.head.size, kept.log.size) == (9, 5)
    kept.log.append(entries(5, 6), kept.store)
    with pytest.raises(LedgerError, match="refuses to sign"):
        kept.log.committed(lost)


def test_a_tree_that_does_not_follow_is_not_signed(make_log: MakeLog) -> None:
    log = make_log(300).log
    for other in (Tree(), grow(Tree(), entries(0, 299)).tree, grow(Tree(), entries(1, 400)).tree):
        with pytest.raises(LedgerError, match="refuses to sign"):
            log._signed(other)
    for size in (300, 301, 511, 512, 600):
        assert log._signed(grow(Tree(), entries(0, size)).tree).size == size


def test_a_stored_head_that_was_not_signed_so_is_refused(make_log: MakeLog) -> None:
    head = make_log(6).store.ledger_head()
    other = make_log(7, name="other").store.ledger_head()
    with pytest.raises(LedgerError, match="not what was signed"):
        Log(ORIGIN, (SIGNER,), head._replace(peaks=bytes(len(head.peaks))))
    with pytest.raises(LedgerError, match="not what was signed"):
        Log(ORIGIN, (SIGNER,), head._replace(checkpoint=other.checkpoint))
    with pytest.raises(NoteError):
        Log(ORIGIN, (SIGNER,), head._replace(checkpoint=head.checkpoint.replace(b"6\n", b"7\n")))


def test_a_log_goes_on_after_its_key_was_replaced(make_log: MakeLog) -> None:
    kept = make_log(6)
    new = FileSigner(ORIGIN, ED25519, b"new key of 32 bytes, for a test.")
    both = Log(ORIGIN, (new,), kept.store.ledger_head(), old_keys=(SIGNER.verifier,))
    head = both.append(entries(6, 8), kept.store)
    assert open_checkpoint(head.checkpoint, ORIGIN, (new.verifier,)).checkpoint.size == 8
    with pytest.raises(NoteError, match="No key that is trusted"):
        Log(ORIGIN, (new,), make_log(3, name="x").store.ledger_head())
