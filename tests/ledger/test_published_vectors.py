"""The published vectors: proofs of transparency-dev/merkle, a log of tessera, notes of Go and of the specification."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from headgate.errors import LedgerError
from headgate.ledger.checkpoint import open_checkpoint, parse_checkpoint
from headgate.ledger.hashing import leaf_hash, root_of
from headgate.ledger.note import parse_key, parse_note, verify_note
from headgate.ledger.proof import check_consistency, check_inclusion
from headgate.ledger.reader import folder_reader
from headgate.ledger.tiles import unbundle

VECTORS = Path(__file__).parent / "vectors"
TESSERA = VECTORS / "tessera" / "log"


def cases(kind: str) -> list[str]:
    return sorted(str(path.relative_to(VECTORS)) for path in (VECTORS / "merkle" / kind).rglob("*.json"))


def read(name: str) -> tuple[dict[str, int], dict[str, bytes], list[bytes], bool]:
    case = json.loads((VECTORS / name).read_text("utf-8"))
    hashes = {key: base64.b64decode(case[key] or "") for key in ("root", "leafHash", "root1", "root2") if key in case}
    return case, hashes, [base64.b64decode(each) for each in case["proof"] or ()], case["wantErr"]


@pytest.mark.parametrize("name", cases("inclusion"))
def test_an_inclusion_proof_is_judged_as_published(name: str) -> None:
    case, hashes, proof, wrong = read(name)
    try:
        check_inclusion(case["leafIdx"], case["treeSize"], hashes["leafHash"], proof, hashes["root"])
    except LedgerError:
        assert wrong
    else:
        assert not wrong


@pytest.mark.parametrize("name", cases("consistency"))
def test_a_consistency_proof_is_judged_as_published(name: str) -> None:
    case, hashes, proof, wrong = read(name)
    try:
        check_consistency(case["size1"], case["size2"], hashes["root1"], hashes["root2"], proof)
    except LedgerError:
        assert wrong
    else:
        assert not wrong


def test_there_are_196_cases_of_proofs() -> None:
    assert (len(cases("inclusion")), len(cases("consistency"))) == (98, 98)


@pytest.mark.parametrize("size", range(16))
def test_each_checkpoint_of_the_tessera_log_has_the_root_of_its_entries(size: int) -> None:
    key = parse_key((VECTORS / "tessera" / "log_vkey.txt").read_text("utf-8"))
    signed = open_checkpoint((TESSERA / f"checkpoint.{size}").read_bytes(), key.name, (key,))
    entries = unbundle((TESSERA / "tile" / "entries" / "000.p" / str(size)).read_bytes()) if size else []
    assert (signed.checkpoint.size, signed.checkpoint.root) == (size, root_of([*map(leaf_hash, entries)]))
    assert folder_reader(TESSERA, size).tree().root() == signed.checkpoint.root


@pytest.mark.parametrize("name", ["c2sp_foo", "peterneumann"])
def test_a_published_note_verifies_and_a_changed_letter_does_not(name: str) -> None:
    key = parse_key((VECTORS / "notes" / f"{name}.vkey.txt").read_text("utf-8"))
    data = (VECTORS / "notes" / f"{name}.note.txt").read_bytes()
    assert verify_note(parse_note(data), (key,)) == (key,)
    assert parse_note(data).written() == data
    with pytest.raises(LedgerError, match="does not hold"):
        verify_note(parse_note(b"j" + data[1:]), (key,))


def test_the_examples_of_the_specifications_are_read() -> None:
    examples = VECTORS / "c2sp_examples"
    note = parse_note((examples / "signed-note_example1.txt").read_bytes())
    assert note.signatures[0].name == "quasimodo.example/salvatore"
    checkpoint = parse_note((examples / "tlog-checkpoint_example.txt").read_bytes())
    assert parse_checkpoint(checkpoint.text).size == 20_852_163
    cosigned = parse_note((examples / "tlog-cosignature_example.txt").read_bytes())
    assert len(cosigned.signatures[-1].signature) == 72
