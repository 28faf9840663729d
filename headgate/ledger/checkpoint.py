"""Checkpoints (C2SP tlog-checkpoint): the signed statement that a log has this size and this root.

A checkpoint has three lines: origin, size, root. Lines behind them are refused: nobody could audit what they say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from headgate.errors import LedgerError, NoteError
from headgate.ledger.hashing import EMPTY_ROOT, HASH_BYTES
from headgate.ledger.note import ED25519, Note, VerifierKey, from_base64, parse_note, to_base64, verify_note
from headgate.limits import MAX_LOG_SIZE


class Checkpoint(NamedTuple):
    """`origin` names the log, `size` counts its entries, `root` (32 bytes) is the hash over all of them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"


class Signed(NamedTuple):
    """A checkpoint, the note that carries it, and the known keys whose signatures hold."""

    checkpoint: Checkpoint
    note: Note
    signed_by: tuple[VerifierKey, ...]


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint that a note's text is. Raises NoteError unless it has exactly one right spelling."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0]:
        raise _no_checkpoint("it has other lines than origin, size and root")
    origin, size, root = lines[0], parse_number(lines[1]), from_base64(lines[2])
    if size is None or size > MAX_LOG_SIZE:
        raise _no_checkpoint(f"{lines[1][:40]!r} is no size")
    if root is None or len(root) != HASH_BYTES:
        raise _no_checkpoint(f"{lines[2][:80]!r} is no root hash")
    if size == 0 and root != EMPTY_ROOT:
        raise _no_checkpoint("an empty log has another root")
    return Checkpoint(origin, size, root)


def open_checkpoint(data: bytes, origin: str, keys: Sequence[VerifierKey]) -> Signed:
    """Return a checkpoint of the log `origin`, signed by at least one of its keys.

    keys: of the log and of witnesses; a key of the log must have signed. Raises NoteError, LedgerError for another log.
    """
    note = parse_note(data)
    signed_by = verify_note(note, keys)
    if all(key.kind != ED25519 for key in signed_by):
        raise NoteError(
            "Witnesses signed this, but no key of the log itself",
            where="checkpoint",
            repair="Give the verifier key of the log; fetch the checkpoint from the log.",
        )
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != origin:
        raise LedgerError(
            f"This is a checkpoint of the log {checkpoint.origin!r}, not of {origin!r}",
            where="checkpoint",
            repair="Give the origin and the key of the log that you want to verify.",
        )
    return Signed(checkpoint, note, signed_by)


def parse_number(text: str) -> int | None:
    """Return a decimal number without sign and leading zeroes, None for any other text."""
    right = text.isascii() and text.isdigit() and len(text) <= 20 and (text == "0" or text[0] != "0")
    return int(text) if right else None


def _no_checkpoint(what: str) -> NoteError:
    return NoteError(f"The note is no checkpoint: {what}", where="checkpoint", repair="Fetch the checkpoint again.")
