"""Signed notes (C2SP signed-note): a text, a blank line, and signature lines by named keys.

Parsing accepts one spelling of each note only, so that every changed byte is noticed. A signature by a key that is
not known here is ignored; one by a known key that does not hold makes the whole note invalid.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from hashlib import sha256
from typing import Final, NamedTuple, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from headgate.errors import NoteError
from headgate.limits import MAX_NOTE_BYTES, MAX_NOTE_SIGNATURES

ED25519: Final = 1
COSIGNATURE: Final = 4
_DASH: Final = "— "
_TIME_BYTES: Final = 8
_SIGNATURE_BYTES: Final = 64


class Signature(NamedTuple):
    """One line under a note: the name and the id (4 bytes) of the key, and the bytes of the signature."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """Return the line of this signature, with its newline."""
        return f"{_DASH}{self.name} {to_base64(self.key_id + self.signature)}\n"


class Note(NamedTuple):
    """A text (it ends in a newline) and its signatures, none of them checked yet."""

    text: str
    signatures: tuple[Signature, ...]

    def written(self) -> bytes:
        """Return the note as bytes."""
        return (self.text + "\n" + "".join(each.line() for each in self.signatures)).encode()


class VerifierKey(NamedTuple):
    """A public key with its name: `kind` is ED25519 for signatures of logs, COSIGNATURE for those of witnesses."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The first four bytes of the hash over name, kind and key."""
        return sha256(self.name.encode() + b"\n" + bytes((self.kind,)) + self.public).digest()[:4]

    def text(self) -> str:
        """Return the key as `name+id+key`, the form in which verifiers pass it on."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(bytes((self.kind,)) + self.public)}"

    def holds(self, text: str, signature: bytes) -> bool:
        """Return whether this key made the signature on the text of a note."""
        message = text.encode()
        if self.kind == COSIGNATURE:
            message, signature = cosigned(text, timestamp_of(signature)), signature[_TIME_BYTES:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return len(signature) == _SIGNATURE_BYTES


class Signer(Protocol):
    """Whoever holds a private key: a file, or a command that speaks to a key module."""

    @property
    def verifier(self) -> VerifierKey:
        """The public key and its name."""

    def sign(self, message: bytes) -> bytes:
        """Return the signature (64 bytes) on a message. Raises LedgerError when none can be had."""


def sign_note(text: str, signers: Sequence[Signer]) -> Note:
    """Return the text as a note signed by all signers (several while a key is being replaced)."""
    _check_text(text)
    lines = (Signature(each.verifier.name, each.verifier.key_id, each.sign(text.encode())) for each in signers)
    return Note(text, tuple(lines))


def parse_note(data: bytes) -> Note:
    """Return the parts of a note. Raises NoteError unless it is written exactly as the specification says."""
    if len(data) > MAX_NOTE_BYTES:
        raise malformed(f"it has more than {MAX_NOTE_BYTES} bytes")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise malformed("it is not UTF-8") from error
    text, blank, signatures = whole.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise malformed("it has no signatures behind a blank line")
    _check_text(text + "\n")
    lines = signatures[:-1].split("\n")
    if len(lines) > MAX_NOTE_SIGNATURES:
        raise malformed(f"it has more than {MAX_NOTE_SIGNATURES} signatures")
    return Note(text + "\n", tuple(map(parse_signature, lines)))


def parse_signature(line: str) -> Signature:
    """Return one signature line (without its newline). Raises NoteError when it is malformed."""
    dash, name, encoded = line[: len(_DASH)], *line[len(_DASH) :].rpartition(" ")[::2]
    content = from_base64(encoded)
    if dash != _DASH or not is_key_name(name) or content is None or len(content) < 5:
        raise malformed(f"a signature line is malformed: {line[:80]!r}")
    return Signature(name, content[:4], content[4:])


def verify_note(note: Note, keys: Sequence[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Return which of the keys signed the note, in the order of its signatures.

    Raises NoteError when none did, or when a signature under the name and id of a known key does not hold.
    """
    known = {(key.name, key.key_id): key for key in keys}
    signed: list[VerifierKey] = []
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if not key.holds(note.text, line.signature):
            raise NoteError(
                f"The signature of {line.name!r} does not hold: the text or the signature was changed",
                where="signed note",
                repair="Fetch it again; if it stays so, take it as tampered with and ask the signer.",
            )
        signed.append(key)
    if not signed:
        raise NoteError(
            "No key that is trusted here signed this",
            where=f"signed by {', '.join(line.name for line in note.signatures)}; "
            f"known: {', '.join(key.text() for key in keys) or 'none'}",
            repair="Give the verifier key of the log, obtained from its operator by another way than the log itself.",
        )
    return tuple(dict.fromkeys(signed))


def parse_key(text: str) -> VerifierKey:
    """Return the key of a line `name+id+key`. Raises NoteError when it is malformed or its id is another key's."""
    name, *rest = text.strip().split("+", 2)
    content = from_base64(rest[1]) if len(rest) == 2 else None
    if content is not None and len(content) == 33 and content[0] in (ED25519, COSIGNATURE) and is_key_name(name):
        key = VerifierKey(name, content[0], content[1:])
        if key.key_id.hex() == rest[0] and _is_point(key.public):
            return key
    raise NoteError(
        f"This is no verifier key: {text.strip()[:120]!r}",
        where="verifier key",
        repair="Give one line name+id+key exactly as the operator of the log gave it (Ed25519).",
    )


def cosigned(text: str, seconds: int) -> bytes:
    """Return the bytes that a witness signs: its statement that at this time it saw this text (cosignature/v1)."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def timestamp_of(signature: bytes) -> int:
    """Return the time of a cosignature, seconds UTC since 1970."""
    return int.from_bytes(signature[:_TIME_BYTES], "big")


def is_key_name(name: str) -> bool:
    """Return whether a text can be the name of a key."""
    return bool(name) and "+" not in name and name.isprintable() and not any(letter.isspace() for letter in name)


def to_base64(content: bytes) -> str:
    """Return standard base64."""
    return base64.b64encode(content).decode("ascii")


def from_base64(text: str) -> bytes | None:
    """Return what standard base64 stands for, None unless it is in its one right spelling."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if to_base64(content) == text else None


def _is_point(public: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public)
    except ValueError:
        return False
    return True


def _check_text(text: str) -> None:
    if not text.endswith("\n") or any(letter < " " and letter != "\n" for letter in text):
        raise malformed("its text has control characters or no newline at its end")


def malformed(what: str) -> NoteError:
    """Return the error that a note is malformed, in words."""
    return NoteError(
        f"The note is malformed: {what}",
        where="signed note",
        repair="Fetch it again, byte for byte, without an editor.",
    )
