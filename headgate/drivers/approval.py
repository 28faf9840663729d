"""The approval of a change of rules: who made the change, who else approved it, and which rules exactly are meant.

It lies in the home beside the files that it is about. It counts for these rules alone: with one more change they have
another hash, and nobody has approved them. The entries by which the rules take effect carry both names.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from headgate.errors import ConflictError, FieldError, FileError
from headgate.journal.entries import Activation
from headgate.limits import MAX_USER_NAME_CHARS

Name = Annotated[str, Meta(min_length=1, max_length=MAX_USER_NAME_CHARS)]


class Approval(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`rules`: content hash of the rules that are meant. at_us: when, microseconds UTC."""

    rules: str
    person: Name
    approved_by: Name
    at_us: int


def approve(path: Path, approval: Approval) -> None:
    """Keep an approval, in the place of the one before. Raises FieldError where somebody approves what they did."""
    if approval.person == approval.approved_by:
        raise FieldError(
            f"{approval.person} cannot approve what they changed themselves",
            where="--by",
            repair="Have another person approve it, or name with --person who made the change.",
        )
    aside = path.with_name(path.name + ".partial")
    try:
        aside.write_bytes(msgspec.json.format(msgspec.json.encode(approval), indent=2) + b"\n")
        os.replace(aside, path)
    except OSError as error:
        raise FileError(
            f"The approval cannot be written: {error.strerror}",
            where=str(path),
            repair="Run this as the user that the service runs as.",
        ) from error


def approval_of(path: Path, rules: str) -> Approval | None:
    """Return the approval of these rules, or None. Raises FileError for a file that is none."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Approval)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise FileError(
            f"The approval cannot be read: {error}", where=str(path), repair="Approve again with `headgate approve`."
        ) from error
    return found if found.rules == rules else None


def signed(changes: tuple[Activation, ...], approval: Approval | None) -> tuple[Activation, ...]:
    """Return the entries of a change with the names of who made and who approved it."""
    if approval is None:
        return changes
    who = {"actor": approval.person, "second_actor": approval.approved_by}
    return tuple(msgspec.structs.replace(each, **who) for each in changes)


def require(changes: tuple[Activation, ...], approval: Approval | None, path: Path) -> None:
    """Raise ConflictError where rules would change and nobody has approved them."""
    if changes and approval is None:
        raise ConflictError(
            f"{len(changes)} changes of what decides wait, and nobody has approved them",
            where=str(path),
            repair="Have a second person approve them with `headgate approve`, or take the changes back.",
        )
