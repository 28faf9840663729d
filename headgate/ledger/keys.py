"""Private keys: in a file that only its owner can read, or behind a command that signs (a key module, a vault).

A key never leaves this module; what leaves is signatures and the verifier key. The file has the form of the Go tools:
one line `PRIVATE+KEY+name+id+base64(kind, seed)`.
"""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from headgate.errors import FileError, LedgerError, NoteError
from headgate.ledger.note import ED25519, Signature, VerifierKey, cosigned, from_base64, is_key_name, to_base64
from headgate.limits import SIGN_COMMAND_SECONDS

_PREFIX = "PRIVATE+KEY"


class FileSigner:
    """A private key in memory. Satisfies `note.Signer`."""

    def __init__(self, name: str, kind: int, seed: bytes) -> None:
        if not is_key_name(name):
            raise NoteError(
                f"{name!r} cannot be the name of a key",
                where="key",
                repair="Use a name without spaces and +, such as ledger.bank.example/2026.",
            )
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._verifier = VerifierKey(name, kind, self._private.public_key().public_bytes_raw())

    @property
    def verifier(self) -> VerifierKey:
        """The public key and its name."""
        return self._verifier

    def sign(self, message: bytes) -> bytes:
        """Return the signature, 64 bytes."""
        return self._private.sign(message)

    def cosign(self, text: str, seconds: int) -> Signature:
        """Return the cosignature on a checkpoint's text at this time (seconds UTC), as a witness gives it."""
        signature = seconds.to_bytes(8, "big") + self.sign(cosigned(text, seconds))
        return Signature(self.verifier.name, self.verifier.key_id, signature)


class CommandSigner:
    """A key behind a command: it reads the message on standard input and writes 64 bytes of signature.

    command: program and arguments. Every signature is checked before it is used.
    """

    def __init__(self, command: Sequence[str], verifier: VerifierKey) -> None:
        self._command = tuple(command)
        self._verifier = verifier

    @property
    def verifier(self) -> VerifierKey:
        """The public key and its name."""
        return self._verifier

    def sign(self, message: bytes) -> bytes:
        """Return the signature, 64 bytes. Raises LedgerError when the command fails or signs with another key."""
        try:
            done = subprocess.run(  # noqa: S603 - the operator's own command, no shell
                self._command, input=message, capture_output=True, timeout=SIGN_COMMAND_SECONDS, check=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise self._refused(f"failed: {error}") from error
        if not self._verifier.holds(message.decode(), done.stdout):
            raise self._refused("did not give a signature of the key of this log")
        return done.stdout

    def _refused(self, what: str) -> LedgerError:
        return LedgerError(
            f"The command that signs checkpoints {what}",
            where=self._command[0],
            repair="Run it by hand with a message on standard input; nothing is logged until it signs.",
        )


def make_key_file(path: Path, name: str, kind: int = ED25519, seed: bytes | None = None) -> FileSigner:
    """Write a new private key (mode 600) and return it. Raises FileError when a file is already there."""
    seed = os.urandom(32) if seed is None else seed
    signer = FileSigner(name, kind, seed)
    line = f"{_PREFIX}+{name}+{signer.verifier.key_id.hex()}+{to_base64(bytes((kind,)) + seed)}\n"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise FileError(
            f"The key cannot be written: {error.strerror}",
            where=str(path),
            repair="Choose a path where nothing is yet.",
        ) from error
    with os.fdopen(handle, "w") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    return signer


def load_key_file(path: Path) -> FileSigner:
    """Return the private key of a file. Raises FileError when others can read it or it is no key."""
    try:
        mode, line = stat.S_IMODE(path.stat().st_mode), path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(
            f"The key cannot be read: {error}", where=str(path), repair="Give the path of a key."
        ) from error
    if mode & 0o077:
        raise FileError(
            f"Others can read this private key (mode {mode:o})",
            where=str(path),
            repair="Make the file mode 600; if others may have read it, replace the key.",
        )
    return _parsed(line, path)


def _parsed(line: str, path: Path) -> FileSigner:
    parts = line.strip().split("+", 4)
    content = from_base64(parts[4]) if len(parts) == 5 else None
    if content is not None and len(content) == 33 and "+".join(parts[:2]) == _PREFIX and is_key_name(parts[2]):
        signer = FileSigner(parts[2], content[0], content[1:])
        if signer.verifier.key_id.hex() == parts[3]:
            return signer
    raise FileError("This is no private key", where=str(path), repair="Restore the key file, or make a new key.")
