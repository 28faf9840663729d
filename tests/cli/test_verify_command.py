"""`headgate verify` and `headgate witness` by their exit codes and sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from headgate.cli import root
from headgate.ledger.keys import FileSigner
from headgate.ledger.log import Log
from headgate.ledger.note import ED25519
from headgate.ledger.proof import prove_inclusion
from headgate.ledger.publish import Publisher
from headgate.ledger.reader import folder_reader
from headgate.ledger.receipt import Receipt
from headgate.stores.sqlite_ledger import SqliteLedgerFile

SIGNER = FileSigner("ledger.bank.example", ED25519, b"k" * 32)
ENTRY = b'{"at_us":%d,"kind":"log_closed","reason":"","v":1}'


def ran(*arguments: str) -> Result:
    return CliRunner().invoke(root, arguments, standalone_mode=False)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    store = SqliteLedgerFile(tmp_path / "ledger.db")
    Log(SIGNER.verifier.name, (SIGNER,), None).append([ENTRY % number for number in range(300)], store)
    Publisher(store, tmp_path / "log", (SIGNER.verifier,)).publish()
    receipt = Receipt(7, ENTRY % 7, prove_inclusion(7, 300, folder_reader(tmp_path / "log", 300).node),
                      (tmp_path / "log" / "checkpoint").read_bytes())  # fmt: skip
    (tmp_path / "seven.tlog-proof").write_bytes(receipt.written())
    return tmp_path / "log"


def test_a_sound_log_is_said_to_be_sound_and_what_is_not_proved_is_said_too(log: Path) -> None:
    done = ran("verify", str(log), "--checkpoint", str(log / "checkpoint"))
    assert done.return_value == 0
    assert "All 300 entries, the tiles and the checkpoint of ledger.bank.example agree" in done.output
    assert "is a beginning of this log" in done.output
    assert "Not proved" in done.output
    assert "The key was read from the log itself" in done.output
    assert "The key was read" not in ran("verify", str(log), "--key", SIGNER.verifier.text()).output


def test_one_flipped_byte_is_told_with_its_entry_and_exit_code_1(log: Path) -> None:
    path = log / "tile" / "entries" / "001.p" / "44"
    path.write_bytes(path.read_bytes().replace(b'"at_us":290', b'"at_us":291'))
    done = ran("verify", str(log), "--json")
    assert done.return_value == 1
    told = json.loads(done.output)
    assert not told["sound"]
    assert told["faults"][0].startswith("Entry 290 ")


def test_a_receipt_is_verified_without_the_log(log: Path) -> None:
    receipt = str(log.with_name("seven.tlog-proof"))
    assert "proves entry 7" in ran("verify", "--key", SIGNER.verifier.text(), "--receipt", receipt).output
    assert ran("verify", str(log), "--receipt", receipt).return_value == 0


@pytest.mark.parametrize("arguments", [(), ("nowhere",), ("nowhere", "--key", "nonsense"), ("--receipt", "none")])
def test_wrong_use_of_verify_has_exit_code_2(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(root, ["verify", *arguments]).exit_code == 2


def test_a_log_that_is_not_there_and_an_unknown_key_have_exit_code_1(log: Path) -> None:
    other = FileSigner("ledger.bank.example", ED25519, b"x" * 32).verifier.text()
    for place in ("nowhere", "http://127.0.0.1:9", str(log)):
        assert ran("verify", place, "--key", other).return_value == 1


def test_a_byte_flipped_in_the_keys_that_a_log_brings_along_is_a_fault_of_the_log(log: Path) -> None:
    path = log / "vkeys"
    path.write_bytes(path.read_bytes().replace(b"+A", b"+B", 1))
    done = ran("verify", str(log))
    assert done.return_value == 1
    assert done.output.startswith("FAULT: 'ledger.bank.example+")
    assert "is no Ed25519 verifier key, or a letter of it was changed" in done.output
    assert ran("verify", str(log), "--key", SIGNER.verifier.text()).return_value == 0


def _grown(log: Path, entries: list[bytes], folder: str) -> Path:
    """A log of the same key over other entries, in a folder beside."""
    store = SqliteLedgerFile(log.with_name(f"{folder}.db"))
    Log(SIGNER.verifier.name, (SIGNER,), None).append(entries, store)
    Publisher(store, log.with_name(folder)).publish()
    return log.with_name(folder)


OTHER = FileSigner("ledger.bank.example", ED25519, b"x" * 32).verifier.text()
LONGER = [ENTRY % number for number in range(400)]
FORKED = [ENTRY % (number + 1) for number in range(300)]
BAD = {
    "unknown key": (("--key", OTHER), "is not signed by a key of the log that was given (unknown key)"),
    "wrong origin": (
        ("--origin", "other.example"),
        "is of the log 'ledger.bank.example', not of 'other.example' (wrong origin)",
    ),
    "old checkpoint": (("longer/checkpoint",), "was signed over 400 entries, the log has 300: it is an old copy"),
    "forked": (("forked/checkpoint",), "was signed over 300 other entries than the log has: there are two histories"),
    "missing tile": ("tile/0/000", "tile/0/000 is missing: what it covers cannot be checked"),
    "missing bundle": ("tile/entries/000", "tile/entries/000 is missing: what it covers cannot be checked"),
    "extra bytes": (b"xyz", "has 256 entries and 3 other bytes instead of 256 entries"),
    "not canonical": ([b'{"at_us": 1}'], "Entry 0 (b'{\"at_us\": 1}') is not canonical JSON"),
    "clock": ([ENTRY % 5, ENTRY % 3], "says an earlier time than the entry before it"),
}


@pytest.mark.parametrize("case", BAD)
def test_every_kind_of_bad_input_is_told_in_a_sentence_with_exit_code_1(log: Path, case: str) -> None:
    harm, sentence = BAD[case]
    place, more = log, list[str]()
    if isinstance(harm, list):
        place = _grown(log, harm, "bad")
    elif isinstance(harm, bytes):
        path = log / "tile" / "entries" / "000"
        path.write_bytes(path.read_bytes() + harm)
    elif isinstance(harm, str):
        (log / harm).unlink()
    elif len(harm) == 1:
        folder, _, name = harm[0].partition("/")
        more = ["--checkpoint", str(_grown(log, LONGER if folder == "longer" else FORKED, folder) / name)]
    else:
        more = list(harm)
    key = [] if "--key" in more else ["--key", SIGNER.verifier.text()]
    done = ran("verify", str(place), *key, *more)
    assert done.return_value == 1
    (told,) = [line for line in done.output.splitlines() if line.startswith("FAULT: ")]
    assert sentence in told
    assert told.endswith(".")


def test_a_witness_is_made_and_watches(tmp_path: Path) -> None:
    done = ran("witness", "init", str(tmp_path / "w"), "--name", "witness.example")
    assert done.output.startswith("witness.example+")
    assert "1 keys of 1 logs" in ran("witness", "watch", str(tmp_path / "w"), SIGNER.verifier.text()).output
