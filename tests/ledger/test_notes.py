"""Signed notes, checkpoints, cosignatures, receipts and keys: what is signed holds, everything else is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from headgate.errors import FileError, LedgerError, NoteError
from headgate.ledger.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint, parse_number
from headgate.ledger.hashing import EMPTY_ROOT, leaf_hash
from headgate.ledger.keys import CommandSigner, FileSigner, load_key_file, make_key_file
from headgate.ledger.note import COSIGNATURE, ED25519, Note, VerifierKey, parse_key, parse_note, sign_note, verify_note
from headgate.ledger.receipt import Receipt, check_receipt, parse_receipt

OLD, NEW = FileSigner("log.example/a", ED25519, b"o" * 32), FileSigner("log.example/a", ED25519, b"n" * 32)
WITNESS = FileSigner("witness.example/w", COSIGNATURE, b"w" * 32)
ROOT = leaf_hash(b"only")
TEXT = Checkpoint("log.example/a", 1, ROOT).text()


def signed(text: str = TEXT, *signers: FileSigner) -> bytes:
    return sign_note(text, signers or (OLD,)).written()


def test_while_a_key_is_replaced_both_sign_and_either_is_enough() -> None:
    data = signed(TEXT, OLD, NEW)
    assert verify_note(parse_note(data), (OLD.verifier,)) == (OLD.verifier,)
    assert verify_note(parse_note(data), (NEW.verifier, OLD.verifier)) == (OLD.verifier, NEW.verifier)


def test_a_note_of_an_unknown_key_is_refused_with_the_names_of_both() -> None:
    with pytest.raises(NoteError, match="No key that is trusted here") as told:
        verify_note(parse_note(signed()), (NEW.verifier,))
    assert "signed by log.example/a" in told.value.where
    assert NEW.verifier.text() in told.value.where


def test_a_wrong_signature_of_a_known_key_spoils_a_note_that_another_key_signed() -> None:
    good = parse_note(signed(TEXT, OLD, NEW))
    wrong = good.signatures[1]._replace(signature=bytes(64))
    with pytest.raises(NoteError, match="does not hold"):
        verify_note(Note(TEXT, (good.signatures[0], wrong)), (OLD.verifier, NEW.verifier))
    assert verify_note(Note(TEXT, (good.signatures[0], wrong)), (OLD.verifier,)) == (OLD.verifier,)


def test_every_changed_byte_of_a_signed_checkpoint_is_noticed() -> None:
    data = bytearray(signed(TEXT, OLD) + WITNESS.cosign(TEXT, 1_700_000_000).line().encode())
    keys = (OLD.verifier, WITNESS.verifier)
    assert open_checkpoint(bytes(data), "log.example/a", keys).signed_by == keys
    for at in range(len(data)):
        for bit in range(8):
            data[at] ^= 1 << bit
            try:
                assert open_checkpoint(bytes(data), "log.example/a", keys).signed_by != keys
            except LedgerError:
                pass
            data[at] ^= 1 << bit


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "no signatures"),
        (b"a\n\n", "no signatures"),
        (b"a\n\n\xe2\x80\x94 x AAAAAAA=", "no signatures"),
        (b"a\tb\n\n\xe2\x80\x94 x AAAAAAA=\n", "control characters"),
        (b"\xff\n\n", "UTF-8"),
        (b"a\n\n\xe2\x80\x94 x AAAAAAB=\n", "malformed"),
        (b"a\n\n\xe2\x80\x94 x+y AAAAAAA=\n", "malformed"),
        (b"a\n\n\xe2\x80\x94 x AAAA\n", "malformed"),
        (b"a\n\n- x AAAAAAA=\n", "malformed"),
        (b"a\n\n" + b"\xe2\x80\x94 x AAAAAAA=\n" * 65, "more than 64"),
        (b"a" * 65_537, "more than 65536 bytes"),
    ],
)
def test_a_malformed_note_is_refused_in_words(data: bytes, what: str) -> None:
    with pytest.raises(NoteError, match=what):
        parse_note(data)


@pytest.mark.parametrize(
    "text",
    [
        "log\n1\n",
        "\n1\nAAAA\n",
        "log\n01\n" + TEXT.split("\n")[2] + "\n",
        "log\n-1\n" + TEXT.split("\n")[2] + "\n",
        "log\n١\n" + TEXT.split("\n")[2] + "\n",
        "log\n1\nAAAA\n",
        "log\n0\n" + TEXT.split("\n")[2] + "\n",
        TEXT + "extension\n",
        f"log\n{2**48 + 1}\n" + TEXT.split("\n")[2] + "\n",
    ],
)
def test_a_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError, match="no checkpoint"):
        parse_checkpoint(text)


def test_a_checkpoint_is_read_back_and_one_of_another_log_is_refused() -> None:
    assert parse_checkpoint(TEXT) == Checkpoint("log.example/a", 1, ROOT)
    assert parse_checkpoint(Checkpoint("x", 0, EMPTY_ROOT).text()).size == 0
    with pytest.raises(LedgerError, match=r"not of 'log\.example/b'"):
        open_checkpoint(signed(), "log.example/b", (OLD.verifier,))


def test_witnesses_alone_do_not_make_a_checkpoint() -> None:
    note = Note(TEXT, (WITNESS.cosign(TEXT, 5),))
    with pytest.raises(NoteError, match="no key of the log itself"):
        open_checkpoint(note.written(), "log.example/a", (OLD.verifier, WITNESS.verifier))


@pytest.mark.parametrize("text", ["", "00", "+1", "1 ", "²", "1" * 21])
def test_numbers_have_one_spelling(text: str) -> None:
    assert parse_number(text) is None
    assert (parse_number("0"), parse_number("20852163")) == (0, 20_852_163)


@pytest.mark.parametrize(
    "text", ["", "a+b", OLD.verifier.text()[:-1], OLD.verifier.text().replace("log.", "lag."), "a+00000000+AQ=="]
)
def test_a_text_that_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(NoteError, match="no verifier key"):
        parse_key(text)


def test_keys_go_through_their_text_and_their_file(tmp_path: Path) -> None:
    made = make_key_file(tmp_path / "key", "log.example/a")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert load_key_file(tmp_path / "key").verifier == made.verifier == parse_key(made.verifier.text())
    with pytest.raises(FileError, match="cannot be written"):
        make_key_file(tmp_path / "key", "log.example/a")
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(FileError, match="Others can read"):
        load_key_file(tmp_path / "key")
    (tmp_path / "key").chmod(0o600)
    (tmp_path / "key").write_text("PRIVATE+KEY+a+00000000+AAAA")
    with pytest.raises(FileError, match="no private key"):
        load_key_file(tmp_path / "key")
    with pytest.raises(FileError, match="cannot be read"):
        load_key_file(tmp_path / "none")
    with pytest.raises(NoteError, match="cannot be the name"):
        FileSigner("with space", ED25519, bytes(32))


def command(tmp_path: Path, seed: bytes) -> tuple[str, ...]:
    program = (
        "import sys; from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey as K;"
        f"sys.stdout.buffer.write(K.from_private_bytes({seed!r}).sign(sys.stdin.buffer.read()))"
    )
    return sys.executable, "-c", program


def test_a_command_signs_and_one_with_another_key_is_refused(tmp_path: Path) -> None:
    signer = CommandSigner(command(tmp_path, b"o" * 32), OLD.verifier)
    assert sign_note(TEXT, (signer,)).written() == signed()
    with pytest.raises(LedgerError, match="did not give a signature of the key"):
        CommandSigner(command(tmp_path, b"x" * 32), OLD.verifier).sign(TEXT.encode())
    with pytest.raises(LedgerError, match="failed"):
        CommandSigner((str(tmp_path / "none"),), OLD.verifier).sign(TEXT.encode())


RECEIPT = Receipt(0, b"only", (), signed())


def test_a_receipt_proves_its_entry_and_is_read_back() -> None:
    assert parse_receipt(RECEIPT.written()) == RECEIPT
    assert check_receipt(RECEIPT, "log.example/a", (OLD.verifier,)).checkpoint.size == 1
    bare = parse_receipt(RECEIPT._replace(entry=None).written())
    assert check_receipt(bare, "log.example/a", (OLD.verifier,), b"only").checkpoint.root == ROOT
    with pytest.raises(LedgerError, match="does not carry its entry"):
        check_receipt(bare, "log.example/a", (OLD.verifier,))
    with pytest.raises(LedgerError, match="does not lead to the root"):
        check_receipt(RECEIPT, "log.example/a", (OLD.verifier,), b"other")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        RECEIPT.written().replace(b"@v1", b"@v2"),
        RECEIPT.written().replace(b"index 0", b"index 00"),
        RECEIPT.written().replace(b"index 0", b"index 0\nAAAA"),
        RECEIPT.written().replace(b"extra b25seQ==", b"extra b25seR=="),
        RECEIPT.written().replace(b"index 0\n", b""),
        RECEIPT.written() + b"x" * 300_000,
    ],
)
def test_a_malformed_receipt_is_refused(data: bytes) -> None:
    with pytest.raises(LedgerError, match="receipt is malformed"):
        parse_receipt(data)


def test_a_verifier_key_of_another_name_has_another_id() -> None:
    assert VerifierKey("b", 1, OLD.verifier.public).key_id != OLD.verifier.key_id
