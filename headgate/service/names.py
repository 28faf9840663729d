"""Names behind pseudonyms, for the one person who asks: in a case, for a purpose of the charter, on record before.

Order of a reveal: it is checked, then it is in the ledger on disk, then in the vault's own list of accesses, and only
then the name is read. Where one of them cannot be written there is no name; a crash in between leaves a record of a
name that nobody saw.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request

from headgate.cases.case import Case
from headgate.charter.pseudonyms import Vault
from headgate.charter.reveals import check_reveal
from headgate.drivers.said import reveal
from headgate.errors import FieldError
from headgate.service.guard import caller_of
from headgate.service.looks import record
from headgate.service.parts import parts_of


class Asked(NamedTuple):
    """Which account of a case a person asks about, for which purpose of the charter, and why in words."""

    account: str
    purpose: str
    reason: str


def name_of(request: Request, case: Case, asked: Asked) -> str:
    """Return the id behind a pseudonym of a case, after it was logged who asked for it.

    Raises FieldError for an account that is not in the case, a purpose that the charter does not have or an empty
    reason, NotFoundError where the name was erased (the attempt is on record), UnavailableError where nothing can be
    written.
    """
    parts, person = parts_of(request), caller_of(request).name
    _check(case, asked, parts.rules().charter.purposes, person)
    record(request, [reveal(person, asked.purpose, case.id, asked.account)])
    return _read(parts.vault, parts.rules().charter.purposes, person, case.id, asked)


def _check(case: Case, asked: Asked, purposes: Collection[str], person: str) -> None:
    check_reveal(asked.purpose, purposes, person)
    if asked.account not in {each.account for each in case.accounts}:
        raise FieldError(
            f"Case {case.id} has no account {asked.account!r}",
            where="account",
            repair="A name is shown in a case that its account is part of; the page of the case lists its accounts.",
        )
    if not asked.reason:
        raise FieldError(
            "A name is shown for a reason only", where="reason", repair="Write in a sentence what the name is for."
        )


def _read(path: Path, purposes: Collection[str], person: str, case: str, asked: Asked) -> str:
    """Read by a connection of its own: that of the writer belongs to the writer's thread."""
    vault = Vault(path, purposes=purposes)
    try:
        return vault.reveal(asked.account, asked.purpose, person, f"{case}: {asked.reason}")
    finally:
        vault.close()
