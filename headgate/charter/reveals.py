"""Whether a name may be asked for at all: a purpose of the charter, and a person. The vault asks it each time."""

from __future__ import annotations

from collections.abc import Collection

from headgate.errors import FieldError, nearest


def check_reveal(purpose: str, purposes: Collection[str], actor: str) -> None:
    """Raise FieldError for a purpose that the charter does not have or an empty actor."""
    if purpose not in purposes:
        raise _bad_purpose(purpose, tuple(purposes))
    if not actor.strip():
        raise FieldError("A reveal needs a person.", where="actor", repair="Say who looks at the name.")


def _bad_purpose(purpose: str, purposes: tuple[str, ...]) -> FieldError:
    return FieldError(
        f"The charter has no purpose {purpose!r}.",
        where="purpose",
        repair=f"{nearest(purpose, purposes)}It allows: {', '.join(purposes) or 'none'}.",
    )
