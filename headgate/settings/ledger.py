"""The section `[ledger]`: where the log is published, which keys sign it, and who co-signs it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta


class WitnessSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A witness: where it answers, and its verifier key."""

    url: Annotated[str, Meta(pattern="^https?://.+")]
    key: str


class LedgerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the ledger is published, which keys sign it, and who co-signs it."""

    folder: Annotated[str, Meta(description="Where the log is published; empty for the folder `log` in the home.")] = ""
    name: Annotated[
        str,
        Meta(description="Name of the log and of the key that is made for it; empty for one that is drawn by chance."),
    ] = ""
    keys: Annotated[
        tuple[str, ...],
        Meta(
            description="Files of the private keys that sign, all of them each time; the first one names the log. "
            "Empty for `ledger.key` in the home, which is made when the log begins."
        ),
    ] = ()
    old_keys: Annotated[
        tuple[str, ...],
        Meta(description="Verifier keys that have signed this log and do so no more."),
    ] = ()
    command: Annotated[
        tuple[str, ...],
        Meta(description="Program and arguments that sign in the place of a key file; needs `verifier`."),
    ] = ()
    verifier: Annotated[str, Meta(description="Verifier key of what `command` signs.")] = ""
    approvals: Annotated[
        bool,
        Meta(
            description="Whether other rules take effect only where a second person approved them (`headgate approve`)."
        ),
    ] = False
    serve: Annotated[
        bool, Meta(description="Whether the service shows the log at `/log/`, to everybody who reaches it.")
    ] = True
    witnesses: Annotated[
        tuple[WitnessSettings, ...],
        Meta(description="Witnesses that co-sign checkpoints, each with `url` and `key`."),
    ] = ()
