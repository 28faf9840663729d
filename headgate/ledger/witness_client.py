"""Asks a witness for its cosignature on a checkpoint that is committed, and sees what only a witness can show.

A witness that knows more entries than the log has proves that the log's own disk was rolled back, or that another
writer runs: then it stops in words. Nothing here is asked before the checkpoint is in the store.
"""

from __future__ import annotations

import http.client
import urllib.parse
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import TypeAlias

from headgate.errors import LedgerError, RolledBackError, WitnessError
from headgate.ledger.checkpoint import parse_checkpoint, parse_number
from headgate.ledger.note import Note, VerifierKey, parse_note, parse_signature
from headgate.ledger.proof import Proof, prove_consistency
from headgate.ledger.reader import TileReader
from headgate.ledger.witness import Request
from headgate.limits import MAX_NOTE_BYTES, WITNESS_TIMEOUT_SECONDS

Post: TypeAlias = Callable[[bytes], tuple[int, bytes]]
"""post(body): the status and the content of the answer to add-checkpoint."""


class WitnessClient:
    """One witness as the log sees it. key: of the witness; post: how it is reached, see `post_to`."""

    def __init__(self, key: VerifierKey, post: Post) -> None:
        self.key, self._post, self._known = key, post, 0

    def cosigned(self, checkpoint: bytes, reader: TileReader) -> bytes:
        """Return the checkpoint note with this witness's cosignature behind its signatures.

        reader: of the log at the checkpoint's size. Raises WitnessError when the witness cannot be reached, refuses,
        or knows a later or another history of this log.
        """
        note = parse_note(checkpoint)
        size = parse_checkpoint(note.text).size
        for _ in range(2):
            status, body = self._post(Request(self._known, self._proof(size, reader), checkpoint).written())
            if status != HTTPStatus.CONFLICT:
                break
            self._known = self._told_size(body, size)
        if status == HTTPStatus.UNPROCESSABLE_ENTITY:
            words = body[:400].decode("utf-8", "replace").strip()
            raise RolledBackError(
                f"The witness {self.key.name} knows another history of this log: {words}",
                where="witness",
                repair="Stop, and restore the store with all its entries; do not log on from here.",
            )
        if status != HTTPStatus.OK:
            raise self._failed(f"refused ({status}): {body[:400].decode('utf-8', 'replace').strip()}")
        self._known = size
        return self._joined(note, body).written()

    def _proof(self, size: int, reader: TileReader) -> Proof:
        return prove_consistency(self._known, size, reader.node) if 0 < self._known < size else ()

    def _told_size(self, body: bytes, size: int) -> int:
        known = parse_number(body.decode("ascii", "replace").removesuffix("\n"))
        if known is None:
            raise self._failed("answered 409 without a size")
        if known > size:
            raise RolledBackError(
                f"The witness {self.key.name} co-signed {known} entries of this log, which has {size} now: "
                "this disk was rolled back, or another writer signs",
                where="witness",
                repair="Stop, and restore the store with all its entries; do not log on from here.",
            )
        return known

    def _joined(self, note: Note, body: bytes) -> Note:
        try:
            lines = [parse_signature(line) for line in body.decode("utf-8").splitlines()]
        except (LedgerError, UnicodeDecodeError) as error:
            raise self._failed("answered something that is no signature") from error
        mine = [line for line in lines if (line.name, line.key_id) == (self.key.name, self.key.key_id)]
        if not mine or not self.key.holds(note.text, mine[0].signature):
            raise self._failed("did not answer with a valid cosignature of its key")
        return Note(note.text, (*note.signatures, mine[0]))

    def _failed(self, what: str) -> WitnessError:
        return WitnessError(
            f"The witness {self.key.name} {what}",
            where="witness",
            repair="Ask its operator; the log goes on, and auditors who ask for this witness are told.",
        )


def cosigned_by_all(checkpoint: bytes, witnesses: Sequence[WitnessClient], reader: TileReader) -> bytes:
    """Return the checkpoint note with the cosignatures of all witnesses. Raises WitnessError at the first refusal."""
    lines = [parse_note(witness.cosigned(checkpoint, reader)).signatures[-1] for witness in witnesses]
    note = parse_note(checkpoint)
    return Note(note.text, (*note.signatures, *lines)).written()


def post_to(url: str) -> Post:
    """Return how the witness at this http(s) address is asked. Asking raises WitnessError when it is not reached."""
    parts = urllib.parse.urlsplit(url)
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    if parts.scheme not in kinds or not parts.hostname:
        raise WitnessError(f"{url!r} is no address", where="witness", repair="Give http(s)://host[:port][/path].")

    def post(body: bytes) -> tuple[int, bytes]:
        connection = kinds[parts.scheme](parts.hostname or "", parts.port, timeout=WITNESS_TIMEOUT_SECONDS)
        try:
            connection.request("POST", parts.path.rstrip("/") + "/add-checkpoint", body)
            answer = connection.getresponse()
            return answer.status, answer.read(MAX_NOTE_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise WitnessError(
                f"The witness cannot be reached: {error}", where=url, repair="Start it, or correct its address."
            ) from error
        finally:
            connection.close()

    return post
