"""Receipts (C2SP tlog-proof): one file that proves, without the log at hand, that an entry is in it.

It holds the entry itself (as extra data; the proof binds it), its number, the inclusion proof and the checkpoint.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from headgate.errors import LedgerError
from headgate.ledger.checkpoint import Signed, open_checkpoint, parse_number
from headgate.ledger.hashing import HASH_BYTES, leaf_hash
from headgate.ledger.note import VerifierKey, from_base64, to_base64
from headgate.ledger.proof import Proof, check_inclusion
from headgate.limits import MAX_PROOF_HASHES, MAX_RECEIPT_BYTES

_HEAD = "c2sp.org/tlog-proof@v1"


class Receipt(NamedTuple):
    """Entry `number`, its bytes (None when the receipt does not carry them), proof and signed checkpoint."""

    number: int
    entry: bytes | None
    proof: Proof
    checkpoint: bytes

    def written(self) -> bytes:
        """Return the receipt as bytes."""
        extra = [] if self.entry is None else [f"extra {to_base64(self.entry)}"]
        lines = [_HEAD, *extra, f"index {self.number}", *map(to_base64, self.proof), "", ""]
        return "\n".join(lines).encode() + self.checkpoint


def parse_receipt(data: bytes) -> Receipt:
    """Return the parts of a receipt, none of them checked yet. Raises LedgerError when it is malformed."""
    head, blank, checkpoint = data.partition(b"\n\n")
    if len(data) > MAX_RECEIPT_BYTES or not blank or not head.isascii():
        raise _malformed("it has no checkpoint behind a blank line, or is too long")
    lines = head.decode("ascii").split("\n")
    if lines.pop(0) != _HEAD:
        raise _malformed(f"its first line is not {_HEAD}")
    entry = None
    if lines and lines[0].startswith("extra "):
        entry = from_base64(lines.pop(0).removeprefix("extra "))
        if entry is None:
            raise _malformed("its extra data is no base64")
    number = parse_number(lines[0].removeprefix("index ")) if lines and lines[0].startswith("index ") else None
    if number is None:
        raise _malformed("it does not say the number of its entry")
    return Receipt(number, entry, _hashes(lines[1:]), checkpoint)


def check_receipt(receipt: Receipt, origin: str, keys: Sequence[VerifierKey], entry: bytes | None = None) -> Signed:
    """Return the checkpoint under which the entry is in the log `origin`.

    entry: its bytes, when the receipt does not carry them. Raises LedgerError when anything does not hold.
    """
    content = receipt.entry if entry is None else entry
    if content is None:
        raise _malformed("it does not carry its entry, and none was given")
    signed = open_checkpoint(receipt.checkpoint, origin, keys)
    checkpoint = signed.checkpoint
    check_inclusion(receipt.number, checkpoint.size, leaf_hash(content), receipt.proof, checkpoint.root)
    return signed


def _hashes(lines: Sequence[str]) -> Proof:
    hashes = tuple(content for content in map(from_base64, lines) if content is not None)
    if len(hashes) != len(lines) or len(hashes) > MAX_PROOF_HASHES or any(len(each) != HASH_BYTES for each in hashes):
        raise _malformed("a line of its proof is no hash")
    return hashes


def _malformed(what: str) -> LedgerError:
    return LedgerError(
        f"The receipt is malformed: {what}", where="receipt", repair="Ask for the receipt again; do not edit it."
    )
