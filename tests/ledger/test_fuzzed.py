"""Notes, tiles, proofs and receipts with random harm: no crash, and nothing harmed is taken. 4,000 of them here.

The mark `outside` runs 100,000 of them, which takes about two minutes.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from headgate.errors import LedgerError
from headgate.ledger import verify
from headgate.ledger.checkpoint import Checkpoint, open_checkpoint
from headgate.ledger.hashing import leaf_hash, root_of
from headgate.ledger.keys import FileSigner
from headgate.ledger.note import COSIGNATURE, ED25519, sign_note
from headgate.ledger.proof import check_consistency, check_inclusion, prove_consistency, prove_inclusion
from headgate.ledger.receipt import Receipt, check_receipt, parse_receipt
from headgate.ledger.tiles import bundle, unbundle
from headgate.ledger.witness import Request, parse_request

SIGNER = FileSigner("log.example", ED25519, b"k" * 32)
WITNESS = FileSigner("witness.example", COSIGNATURE, b"w" * 32)
KEYS = (SIGNER.verifier, WITNESS.verifier)
PLAIN_KEYS = {name: key for each in KEYS for name, key in verify.parse_key(each.text()).items()}
LEAVES = [b'{"n":%d}' % number for number in range(700)]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
ROOT, OLD_ROOT = root_of(HASHES), root_of(HASHES[:300])
TEXT = Checkpoint("log.example", 700, ROOT).text()
NOTE = sign_note(TEXT, (SIGNER,)).written() + WITNESS.cosign(TEXT, 1_700_000_000).line().encode()


def node(height: int, index: int) -> bytes:
    return root_of(HASHES[index << height : (index + 1) << height])


INCLUSION, CONSISTENCY = prove_inclusion(511, 700, node), prove_consistency(300, 700, node)
RECEIPT = Receipt(511, LEAVES[511], INCLUSION, NOTE).written()
BUNDLE = bundle(LEAVES[:256])


def harmed(draw: random.Random, data: bytes) -> bytes:
    """The data after one to three random harms: bytes changed, dropped, doubled, swapped, cut, or made up."""
    for _ in range(draw.randint(1, 3)):
        at, length = draw.randrange(len(data) + 1), draw.choice((1, 1, 2, 8, 32, 45))
        piece = data[at : at + length]
        new = draw.choice((draw.randbytes(length), b"", piece * 2, piece[::-1], b"\n", b"\n\n", b" ", b"\0", b"9"))
        data = data[:at] + new + data[at + draw.choice((0, length)) :]
    return data


def fault(act: Callable[[], object]) -> bool:
    """Whether the act was refused in words; any other error is a crash and leaves the test."""
    try:
        act()
    except (LedgerError, verify.Fault):
        return True
    return False


def fuzz(rounds: int, seed: int) -> int:
    """Harm everything `rounds` times; return how many were tried."""
    draw, tried = random.Random(seed), 0
    for _ in range(rounds):
        note, receipt, tile, hashes = (harmed(draw, each) for each in (NOTE, RECEIPT, BUNDLE, b"".join(CONSISTENCY)))
        if not fault(lambda note=note: open_checkpoint(note, "log.example", KEYS)):
            signed = open_checkpoint(note, "log.example", KEYS)
            assert signed.checkpoint == Checkpoint("log.example", 700, ROOT), note
        if not fault(lambda note=note: verify.open_checkpoint("note", note, "log.example", PLAIN_KEYS)):
            assert verify.open_checkpoint("note", note, "log.example", PLAIN_KEYS)[:2] == (700, ROOT), note
        for take in (lambda data: check_receipt(parse_receipt(data), "log.example", KEYS),
                     lambda data: verify.check_receipt("it", data, "log.example", PLAIN_KEYS)):  # fmt: skip
            if not fault(lambda take=take, receipt=receipt: take(receipt)):
                got = parse_receipt(receipt)
                assert (got.number, got.entry) == (511, LEAVES[511]), receipt
        if not fault(lambda tile=tile: unbundle(tile)):
            assert bundle(unbundle(tile)) == tile
        proof = tuple(hashes[at : at + 32] for at in range(0, len(hashes), 32))
        if proof != CONSISTENCY:
            assert fault(lambda proof=proof: check_consistency(300, 700, OLD_ROOT, ROOT, proof))
            assert fault(lambda proof=proof: check_inclusion(511, 700, HASHES[511], proof, ROOT))
        request = parse_request(harmed(draw, Request(300, CONSISTENCY, NOTE).written()))
        assert request is None or len(request.proof) <= 63
        tried += 8
    return tried


def test_nothing_that_was_harmed_is_taken_and_nothing_crashes() -> None:
    assert fuzz(500, seed=1) == 4_000


@pytest.mark.outside
def test_nothing_of_a_hundred_thousand_is_taken() -> None:
    assert fuzz(12_500, seed=2) == 100_000
