"""A witness (C2SP tlog-witness): it looks at logs of others and co-signs only what follows what it co-signed before.

Order of an answer: check, then compare-and-swap on the known size in the state, then sign and answer. A crash between
the swap and the answer leaves a size that nobody heard of; the log asks again, is told the size (409) and goes on.
A witness never co-signs two histories of one log: this holds as long as its state is not rolled back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from http import HTTPStatus
from typing import NamedTuple, Protocol

from headgate.errors import LedgerError
from headgate.ledger.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint, parse_number
from headgate.ledger.hashing import HASH_BYTES
from headgate.ledger.keys import FileSigner
from headgate.ledger.note import Note, VerifierKey, from_base64, parse_note, to_base64
from headgate.ledger.proof import Proof, check_consistency
from headgate.limits import MAX_PROOF_HASHES

PLAIN = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"


class Seen(NamedTuple):
    """The checkpoint of a log that was co-signed last: its size, its root, and the note with the cosignature."""

    size: int
    root: bytes
    note: bytes


class WitnessState(Protocol):
    """What a witness remembers of each log, on disk before it answers."""

    def seen(self, origin: str) -> Seen | None:
        """Return what was co-signed last of a log, None before the first."""

    def swap(self, origin: str, expected_size: int, seen: Seen) -> bool:
        """Remember `seen` if the size known so far (0: none) is `expected_size`; return whether it was."""


class Answer(NamedTuple):
    """An HTTP answer: status, type of its content, content."""

    status: HTTPStatus
    media_type: str
    body: bytes


class Request(NamedTuple):
    """A request to add a checkpoint: the size that the log takes for known, the proof, the checkpoint note."""

    old_size: int
    proof: Proof
    checkpoint: bytes

    def written(self) -> bytes:
        """Return the request as bytes."""
        return "\n".join([f"old {self.old_size}", *map(to_base64, self.proof), "", ""]).encode() + self.checkpoint


class Witness:
    """The witness with this key. logs: the verifier keys of each log that it watches, by origin; clock: seconds UTC."""

    def __init__(
        self,
        signer: FileSigner,
        logs: Mapping[str, Sequence[VerifierKey]],
        state: WitnessState,
        clock: Callable[[], int],
    ) -> None:
        self._signer, self._logs, self._state, self._clock = signer, dict(logs), state, clock

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer a request: 200 with the cosignature, or 400, 403, 404, 409 (with the known size), 422."""
        request = parse_request(body)
        if request is None:
            return _refused(HTTPStatus.BAD_REQUEST, "The request is malformed.")
        try:
            checkpoint = parse_checkpoint(parse_note(request.checkpoint).text)
        except LedgerError as error:
            return _refused(HTTPStatus.BAD_REQUEST, error.paragraph())
        if checkpoint.origin not in self._logs:
            return _refused(HTTPStatus.NOT_FOUND, "This log is not watched here.")
        try:
            note = open_checkpoint(request.checkpoint, checkpoint.origin, self._logs[checkpoint.origin]).note
        except LedgerError as error:
            return _refused(HTTPStatus.FORBIDDEN, error.paragraph())
        return self._judged(request, checkpoint, note)

    def _judged(self, request: Request, checkpoint: Checkpoint, note: Note) -> Answer:
        if request.old_size > checkpoint.size:
            return _refused(HTTPStatus.BAD_REQUEST, "The old size is larger than the checkpoint.")
        seen = self._state.seen(checkpoint.origin)
        if request.old_size != (seen.size if seen else 0):
            return self._conflict(checkpoint.origin)
        if (fault := _inconsistent(seen, checkpoint, request.proof)) is not None:
            return _refused(HTTPStatus.UNPROCESSABLE_ENTITY, fault)
        line = self._signer.cosign(note.text, self._clock())
        known = {key.key_id for key in self._logs[checkpoint.origin]}
        kept = Note(note.text, (*(each for each in note.signatures if each.key_id in known), line))
        if not self._state.swap(
            checkpoint.origin, request.old_size, Seen(checkpoint.size, checkpoint.root, kept.written())
        ):
            return self._conflict(checkpoint.origin)
        return Answer(HTTPStatus.OK, PLAIN, line.line().encode())

    def checkpoint(self, origin_hash: str) -> Answer:
        """Answer what was co-signed last of the log whose origin has this SHA-256 in hex, or 404."""
        for origin in self._logs:
            if sha256(origin.encode()).hexdigest() == origin_hash and (seen := self._state.seen(origin)):
                return Answer(HTTPStatus.OK, PLAIN, seen.note)
        return _refused(HTTPStatus.NOT_FOUND, "No checkpoint of this log was co-signed here.")

    def _conflict(self, origin: str) -> Answer:
        seen = self._state.seen(origin)
        return Answer(HTTPStatus.CONFLICT, SIZE, b"%d\n" % (seen.size if seen else 0))


def parse_request(body: bytes) -> Request | None:
    """Return a request to add a checkpoint, None when it is malformed."""
    head, blank, checkpoint = body.partition(b"\n\n")
    if not blank or not head.isascii() or not head.startswith(b"old "):
        return None
    first, *lines = head.decode("ascii").split("\n")
    size, hashes = parse_number(first.removeprefix("old ")), [from_base64(line) for line in lines]
    proof = tuple(each for each in hashes if each is not None and len(each) == HASH_BYTES)
    if size is None or len(proof) != len(lines) or len(proof) > MAX_PROOF_HASHES:
        return None
    return Request(size, proof, checkpoint)


def _inconsistent(seen: Seen | None, checkpoint: Checkpoint, proof: Proof) -> str | None:
    if seen is None or seen.size == 0:
        return "The proof from an empty log is not empty." if proof else None
    try:
        check_consistency(seen.size, checkpoint.size, seen.root, checkpoint.root, proof)
    except LedgerError as error:
        return error.paragraph()
    return None


def _refused(status: HTTPStatus, why: str) -> Answer:
    return Answer(status, PLAIN, f"{why}\n".encode())
