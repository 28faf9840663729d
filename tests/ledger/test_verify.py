"""`verify.py`, the file for auditors: it takes every sound log, and finds every change in one, in words."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from headgate.errors import LedgerError
from headgate.ledger import verify
from headgate.ledger.checkpoint import open_checkpoint
from headgate.ledger.hashing import leaf_hash
from headgate.ledger.keys import FileSigner
from headgate.ledger.note import COSIGNATURE, ED25519
from headgate.ledger.proof import prove_inclusion
from headgate.ledger.reader import folder_reader
from headgate.ledger.receipt import Receipt
from tests.ledger.conftest import ORIGIN, SIGNER, Kept, entries, entry

MakeLog = Callable[..., Kept]
KEY = SIGNER.verifier.text()
KEYS = verify.parse_key(KEY)
TESSERA = Path(__file__).parent / "vectors" / "tessera"
NOW_US = 1_800_000_000_000_000


def faults(folder: Path, **asked: object) -> list[str]:
    try:
        return verify.verify(verify.Log(str(folder)), KEYS, ORIGIN, now_us=NOW_US, **asked)[1]
    except verify.Fault as fault:
        return [str(fault)]


def published(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "vkeys")


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 513, 65_536, 65_537])
def test_a_sound_log_of_any_size_is_taken(make_log: MakeLog, size: int) -> None:
    assert faults(make_log(size).folder) == []


def test_every_change_of_one_byte_in_any_file_of_a_small_log_is_found(make_log: MakeLog) -> None:
    folder = make_log(2, 5).folder
    found = 0
    for path in published(folder):
        whole = path.read_bytes()
        for at in range(len(whole)):
            for flip in (0x01, 0x20, 0x80):
                path.write_bytes(whole[:at] + bytes((whole[at] ^ flip,)) + whole[at + 1 :])
                assert faults(folder), f"byte {at} of {path.name} ^ {flip}"
                found += 1
        path.write_bytes(whole)
    assert faults(folder) == []
    assert found == 3 * 818


@pytest.mark.outside
def test_every_other_value_of_every_byte_of_a_small_log_is_found(make_log: MakeLog) -> None:
    """About two minutes."""
    folder = make_log(1, 3).folder
    for path in published(folder):
        whole = path.read_bytes()
        for at in range(len(whole)):
            for value in set(range(256)) - {whole[at]}:
                path.write_bytes(whole[:at] + bytes((value,)) + whole[at + 1 :])
                assert faults(folder), f"byte {at} of {path.name} as {value}"
        path.write_bytes(whole)
    assert faults(folder) == []


def test_changes_of_single_bytes_in_a_large_log_are_found(make_log: MakeLog) -> None:
    folder, draw = make_log(66_000).folder, random.Random(5)
    files = published(folder)
    for path in [*draw.sample(files, 8), folder / "checkpoint", folder / "tile/1/000", folder / "tile/2/000.p/1"]:
        whole = path.read_bytes()
        at = draw.randrange(len(whole))
        path.write_bytes(whole[:at] + bytes((whole[at] ^ 1,)) + whole[at + 1 :])
        assert faults(folder, form=None), f"byte {at} of {path}"
        path.write_bytes(whole)
    assert faults(folder, form=None) == []


def test_the_entry_that_was_changed_is_named(make_log: MakeLog) -> None:
    folder = make_log(700).folder
    path = folder / "tile/entries/001"
    path.write_bytes(path.read_bytes().replace(b'"number":300}', b'"number":301}'))
    (told,) = faults(folder)
    assert told.startswith('Entry 300 (b\'{"at_us":1700000000000300,"kind":"snapshot"')
    assert "tile/entries/001 and its hash in tile/0/001 do not agree" in told


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("gone", "tile/entries/000.p/9 is missing"),
        ("no tile", "tile/0/000.p/9 is missing"),
        ("no checkpoint", "There is no checkpoint"),
        ("extra", "Entry 9 (b'')"),
        ("extra hash", "do not agree"),
        ("cut", "do not agree"),
        ("swapped", "Entry 0"),
        ("dropped", "Entry 3"),
        ("replayed", "Entry 4"),
    ],
)
def test_a_log_that_was_tampered_with_is_found(make_log: MakeLog, harm: str, told: str) -> None:
    folder, items = make_log(9).folder, entries(0, 9)
    bundle, tile = folder / "tile/entries/000.p/9", folder / "tile/0/000.p/9"
    changed = {
        "swapped": [items[1], items[0], *items[2:]],
        "dropped": [*items[:3], *items[4:]],
        "replayed": [*items[:4], items[3], *items[4:8]],
    }
    if harm in changed:
        bundle.write_bytes(b"".join(len(each).to_bytes(2, "big") + each for each in changed[harm]))
    else:
        target = {"no tile": tile, "extra hash": tile, "no checkpoint": folder / "checkpoint"}.get(harm, bundle)
        data = target.read_bytes()
        target.unlink()
        if harm in ("extra", "extra hash", "cut"):
            target.write_bytes(data[:-1] if harm == "cut" else data + bytes(32 if harm == "extra hash" else 2))
    assert any(told in each for each in faults(folder)), faults(folder)


@pytest.mark.parametrize("extra", [b"x", b"\0", b"\0\5abc", b"\xff\xff{}"])
def test_bytes_that_were_added_to_any_file_are_found(make_log: MakeLog, extra: bytes) -> None:
    folder = make_log(300).folder
    for path in published(folder):
        whole = path.read_bytes()
        path.write_bytes(whole + extra)
        assert faults(folder), path
        path.write_bytes(whole)
    assert faults(folder) == []
    bundle = folder / "tile/entries/000"
    bundle.write_bytes(bundle.read_bytes() + b"x")
    assert faults(folder) == ["tile/entries/000 has 256 entries and 1 other bytes instead of 256 entries"]


def test_an_entry_that_vanished_from_the_bundle_and_from_the_tile_is_found(make_log: MakeLog) -> None:
    folder = make_log(9).folder
    for path, tail in ((folder / "tile/entries/000.p/9", 2 + len(entry(8))), (folder / "tile/0/000.p/9", 32)):
        path.write_bytes(path.read_bytes()[:-tail])
    assert faults(folder) == ["tile/entries/000.p/9 has 8 entries and 0 other bytes instead of 9 entries"]


def test_a_whole_log_written_anew_by_one_who_lacks_the_key_is_found(make_log: MakeLog) -> None:
    thief = FileSigner(ORIGIN, ED25519, b"t" * 32)
    assert "unknown key" in faults(make_log(9, signer=thief).folder)[0]


def test_a_forked_log_and_a_log_that_was_cut_are_found_by_a_saved_checkpoint(make_log: MakeLog) -> None:
    kept = make_log(300, 600)
    saved = (("saved.txt", (kept.folder / "checkpoint").read_bytes()),)
    kept.add(entries(600, 900))
    assert faults(kept.folder, saved=saved) == []
    assert "it is an old copy, or was cut" in faults(make_log(300, name="cut").folder, saved=saved)[0]
    forked = make_log(599, name="forked")
    forked.add([entry(7_000_000)], entries(600, 900))
    assert "600 other entries than the log has: there are two histories" in faults(forked.folder, saved=saved)[-1]


def test_a_checkpoint_of_one_log_over_the_tiles_of_another_is_found(make_log: MakeLog) -> None:
    one, other = make_log(9), make_log(8, name="other")
    other.add([entry(77_777)])
    shutil.copy(other.folder / "checkpoint", one.folder / "checkpoint")
    assert faults(one.folder) == [
        "The log's checkpoint was signed over 9 other entries than the log has: there are two histories"
    ]


def test_the_partial_tiles_of_earlier_sizes_are_looked_at_too(make_log: MakeLog) -> None:
    folder = make_log(200, 300).folder
    path = folder / "tile/0/000.p/200"
    path.write_bytes(path.read_bytes()[:-1])
    assert faults(folder) == ["tile/0/000.p/200, of an earlier size, was changed"]


@pytest.mark.parametrize(
    "content",
    [b'{"b":1,"a":2}', b'{"a": 1}', b'{"a":1.5}', b'{"a":1e3}', b'{"a":NaN}', b"[1]", b"x", b'{"a":9007199254740992}',
     b'{"a":1,"a":1}',
     b'{"\xc3\xa4":1}', b'{"a":"\\u0041"}', b'{"a":-0}', b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}"],
)  # fmt: skip
def test_an_entry_that_is_no_canonical_json_is_named(make_log: MakeLog, content: bytes) -> None:
    kept = make_log(3)
    kept.add([content])
    (told,) = faults(kept.folder)
    assert told.startswith("Entry 3 (")
    assert "not canonical JSON" in told
    assert faults(kept.folder, form=None) == []


def test_clocks_that_differ_are_told(make_log: MakeLog) -> None:
    kept = make_log(3)
    kept.add([entry(1)])
    assert faults(kept.folder)[0].endswith("says an earlier time than the entry before it")
    sound = verify.Log(str(make_log(5, name="sound").folder))
    behind = verify.verify(sound, KEYS, ORIGIN, now_us=1_600_000_000_000_000)[1]
    assert "The clock of This computer is 100000000000004 us behind the last entry" in behind[0]


def test_witnesses_are_counted_and_their_clocks_are_looked_at(make_log: MakeLog) -> None:
    folder = make_log(5).folder
    witness = FileSigner("witness.example", COSIGNATURE, b"w" * 32)
    keys = {**KEYS, **verify.parse_key(witness.verifier.text())}
    log = folder / "checkpoint"
    text = log.read_text("utf-8").rpartition("\n\n")[0] + "\n"

    def told(seconds: int | None, asked: int) -> list[str]:
        note = log.read_bytes() + (witness.cosign(text, seconds).line().encode() if seconds else b"")
        scratch = folder.with_name("cosigned")
        shutil.copytree(folder, scratch, dirs_exist_ok=True)
        (scratch / "checkpoint").write_bytes(note)
        return verify.verify(verify.Log(str(scratch)), keys, ORIGIN, witnesses=asked, now_us=NOW_US)[1]

    assert told(1_700_000_100, 1) == []
    assert told(None, 1) == ["Of the witnesses asked for, 0 co-signed the checkpoint, not 1"]
    assert "The clock of witness.example" in told(1_600_000_000, 1)[0]


def receipt(kept: Kept, number: int) -> bytes:
    note = (kept.folder / "checkpoint").read_bytes()
    size = open_checkpoint(note, ORIGIN, (kept.key,)).checkpoint.size
    proof = prove_inclusion(number, size, folder_reader(kept.folder, size).node)
    return Receipt(number, entry(number), proof, note).written()


def test_a_receipt_is_checked_alone_and_against_the_log(make_log: MakeLog) -> None:
    kept = make_log(700)
    data = receipt(kept, 511)
    assert verify.verify(None, KEYS, ORIGIN, receipts=(("r", data),))[0] == [f"r proves entry 511 of {ORIGIN}."]
    kept.add(entries(700, 800))
    assert faults(kept.folder, receipts=(("r", data),)) == []
    assert "two histories" in faults(self_forked(make_log), receipts=(("r", data),))[-1]
    for at in range(len(data)):
        with pytest.raises((verify.Fault, UnicodeDecodeError)):
            verify.verify(None, KEYS, ORIGIN, receipts=(("r", data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]),))


def self_forked(make_log: MakeLog) -> Path:
    forked = make_log(699, name="forked")
    forked.add([entry(9_999)], entries(700, 800))
    return forked.folder


def alone(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of verify.py from an empty folder, where headgate cannot be imported."""
    copy = tmp_path / "verify.py"
    shutil.copy(verify.__file__, copy)
    guard = (
        "import importlib.abc, runpy, sys\n"
        "class No(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        top = name.partition('.')[0]\n"
        "        if top not in sys.stdlib_module_names | {'cryptography', '_cffi_backend', 'cffi'}:\n"
        "            raise ImportError(f'{name} is not part of the standard library')\n"
        "sys.meta_path.insert(0, No())\n"
        f"sys.argv = [{str(copy)!r}, *{list(arguments)!r}]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    return subprocess.run([sys.executable, "-c", guard], cwd=tmp_path, capture_output=True, text=True, check=False)


def test_the_file_runs_alone_without_headgate(make_log: MakeLog, tmp_path: Path) -> None:
    kept = make_log(300)
    saved = tmp_path / "saved"
    shutil.copy(kept.folder / "checkpoint", saved)
    done = alone(tmp_path, str(kept.folder), "--key", KEY, "--checkpoint", str(saved))
    assert (done.returncode, done.stderr) == (0, "")
    assert "All 300 entries, the tiles and the checkpoint" in done.stdout
    assert "No witness was asked for" in done.stdout
    (kept.folder / "tile/1/000.p/1").write_bytes(bytes(32))
    done = alone(tmp_path, str(kept.folder), "--key", KEY)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == "FAULT: Hash 0 in tile/1/000.p/1 is not that of entries 0 to 255: changed.\n"


@pytest.mark.parametrize(
    "arguments", [[], ["log"], ["log", "--key", "nonsense"], ["log", "--key", KEY, "--receipt", "none"]]
)
def test_wrong_use_is_told_with_exit_code_2(tmp_path: Path, arguments: list[str]) -> None:
    done = alone(tmp_path, *arguments)
    assert done.returncode == 2
    assert "usage:" in done.stderr


def test_a_wrong_origin_is_told(make_log: MakeLog) -> None:
    with pytest.raises(verify.Fault, match="wrong origin"):
        verify.verify(verify.Log(str(make_log(2).folder)), KEYS, "another.example")


def test_the_file_is_under_300_lines_and_imports_the_standard_library_and_cryptography_only() -> None:
    assert len(Path(verify.__file__).read_text("utf-8").splitlines()) < 300


def test_the_published_tessera_log_is_taken_with_all_its_checkpoints() -> None:
    keys = verify.parse_key((TESSERA / "log_vkey.txt").read_text("utf-8"))
    saved = [(f"checkpoint.{size}", (TESSERA / "log" / f"checkpoint.{size}").read_bytes()) for size in range(16)]
    log = verify.Log(str(TESSERA / "log"))
    holds, wrong = verify.verify(log, keys, "example.com/log/testdata", saved=saved, form=None)
    assert (len(holds), wrong) == (17, [])


def test_both_implementations_make_the_same_paths_and_hashes() -> None:
    from headgate.ledger.hashing import root_of
    from headgate.ledger.tiles import TileName

    for level, index, width in ((-1, 0, 5), (0, 999, 256), (3, 1_234_067, 1)):
        assert verify.tile_path(level, index, width) == TileName(level, index, width).path()
    for size in (0, 1, 2, 3, 5, 255, 257, 1000):
        hashes = [leaf_hash(b"%d" % number) for number in range(size)]
        assert verify.root_of(hashes) == root_of(hashes)


def test_the_library_refuses_what_the_file_refuses(make_log: MakeLog) -> None:
    note = (make_log(4).folder / "checkpoint").read_bytes()
    for at in range(len(note)):
        changed = note[:at] + bytes((note[at] ^ 1,)) + note[at + 1 :]
        with pytest.raises(LedgerError):
            open_checkpoint(changed, ORIGIN, (SIGNER.verifier,))
        with pytest.raises(verify.Fault):
            verify.open_checkpoint("it", changed, ORIGIN, KEYS)
