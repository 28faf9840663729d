"""Which keys sign the log of a home: files, or a command that speaks to a key module; the first key names the log.

The key file of a home is made, with mode 600, when its log begins. Where a log has begun and its key is gone, nothing
is signed with another one.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import NamedTuple

from headgate.drivers.paths import Paths
from headgate.errors import FieldError, FileError
from headgate.ledger.keys import CommandSigner, load_key_file, make_key_file
from headgate.ledger.log import Log
from headgate.ledger.note import Signer, VerifierKey, parse_key
from headgate.ledger.store import Head
from headgate.settings.ledger import LedgerSettings


class LogKeys(NamedTuple):
    """Who signs, and the verifier keys of those who did before."""

    signers: tuple[Signer, ...]
    old: tuple[VerifierKey, ...] = ()

    @property
    def origin(self) -> str:
        """The name of the log."""
        return self.signers[0].verifier.name

    @property
    def verifiers(self) -> tuple[VerifierKey, ...]:
        """Every key that may have signed."""
        return (*(signer.verifier for signer in self.signers), *self.old)

    def log(self, head: Head | None) -> Log:
        """Return the log with this head. Raises LedgerError where these keys did not sign it."""
        return Log(self.origin, self.signers, head, self.old)


def log_keys(paths: Paths, settings: LedgerSettings, *, begun: bool) -> LogKeys:
    """Return the keys of a home's log. begun: whether it has entries.

    Raises FileError for a key that cannot be read, or is missing though the log has begun; NoteError and FieldError
    for settings that are wrong.
    """
    old = tuple(map(parse_key, settings.old_keys))
    if settings.command:
        if not settings.verifier:
            raise FieldError(
                "A command signs, and nobody knows with which key",
                where="setting [ledger] verifier",
                repair="Give the verifier key of what the command signs.",
            )
        return LogKeys((CommandSigner(settings.command, parse_key(settings.verifier)),), old)
    if settings.keys:
        return LogKeys(tuple(load_key_file(paths.root / name) for name in settings.keys), old)
    if not paths.ledger_key.exists():
        return LogKeys((_made(paths.ledger_key, settings.name, begun=begun),), old)
    return LogKeys((load_key_file(paths.ledger_key),), old)


def _made(path: Path, name: str, *, begun: bool) -> Signer:
    if begun:
        raise FileError(
            "The key that signs the log of this home is missing",
            where=str(path),
            repair="Restore it from a backup; a log that has begun is not signed with another key.",
        )
    return make_key_file(path, name or f"headgate.home/{secrets.token_hex(8)}")
