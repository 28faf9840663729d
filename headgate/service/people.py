"""Who may use a service: people with passwords, programs with keys. Only hashes are kept.

Names and secrets come in, rows of the store go out. Used by the command line; the service itself only reads. `by` is
who does it, for the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from headgate.errors import AuthError, FieldError, NotFoundError, nearest
from headgate.limits import MAX_KEY_DAYS, MAX_USER_NAME_CHARS, US_PER_DAY
from headgate.service.operations import operations
from headgate.service.passwords import (
    KEY_PREFIX,
    check_new_password,
    hash_password,
    hash_token,
    new_token,
    password_matches,
)
from headgate.service.roles import MATRIX, ROLES
from headgate.stores.store import Users
from headgate.stores.users import NOBODY, ApiKey, By, User

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]*")
APPROVES: Final = "supervisor"
PEOPLE: Final = tuple(role for role in ROLES if role != "gateway")


def add_person(users: Users, name: str, role: str, password: str, now_us: int, by: By = NOBODY) -> User:
    """Add somebody who may log in. FieldError for a bad name, role or password, ConflictError for a taken name."""
    _check_name(name)
    _check_role(role, PEOPLE)
    check_new_password(password, name)
    user = User(name=name, role=role, password_hash=hash_password(password), created_us=now_us)
    users.add_user(user, by)
    return user


def set_password(users: Users, name: str, password: str, by: By = NOBODY) -> None:
    """Give somebody a new password; every session of theirs ends."""
    check_new_password(password, name)
    users.replace_user(msgspec.structs.replace(_person(users, name), password_hash=hash_password(password)), by)
    users.end_web_sessions_of(name)
    users.clear_login_failures(name)


def disable_person(users: Users, name: str, by: By = NOBODY) -> None:
    """Let somebody in no more; every session of theirs ends. Their history stays."""
    users.replace_user(msgspec.structs.replace(_person(users, name), disabled=True), by)
    users.end_web_sessions_of(name)


def check_approver(users: Users, name: str, password: str) -> None:
    """Raise AuthError unless this is a supervisor who is let in, with their password: somebody who may approve."""
    user = users.user(name)
    usable = user is not None and not user.disabled and user.role == APPROVES
    if not password_matches(password, user.password_hash if usable and user else None):
        raise AuthError(
            f"{name!r} is no {APPROVES} of this home, or the password is wrong",
            where="who approves",
            repair=f"Have a {APPROVES} type their own password; `headgate users list` shows who is one.",
        )


def make_key(
    users: Users,
    name: str,
    role: str,
    now_us: int,
    *,
    scopes: Sequence[str] = (),
    days: int | None = None,
    by: By = NOBODY,
) -> str:
    """Return a new key for a program. It is shown once; only its hash is kept.

    scopes: the operations of the role that it may call, all where none is named. days: how long it is good, for ever
    where none is given. FieldError for a bad name, role, scope or number of days; ConflictError for a taken name.
    """
    _check_name(name)
    _check_role(role, tuple(ROLES))
    _check_scopes(role, scopes)
    if days is not None and not 1 <= days <= MAX_KEY_DAYS:
        raise FieldError(f"A key for {days} days", where="days", repair=f"Use from 1 to {MAX_KEY_DAYS}.")
    key = new_token(KEY_PREFIX)
    users.add_api_key(
        ApiKey(
            key_hash=hash_token(key),
            name=name,
            role=role,
            created_us=now_us,
            scopes=tuple(dict.fromkeys(scopes)),
            expires_us=None if days is None else now_us + days * US_PER_DAY,
        ),
        by,
    )
    return key


def scopes_of(role: str) -> tuple[str, ...]:
    """Return the names of the operations that a key of this role may call."""
    return tuple(row.name for row in operations() if role in MATRIX[(row.method, row.path)].roles)


def _check_scopes(role: str, scopes: Sequence[str]) -> None:
    known = scopes_of(role)
    for scope in scopes:
        if scope not in known:
            raise FieldError(
                f"The role {role} has no operation {scope!r}",
                where="scope",
                repair=f"{nearest(scope, known)}Use some of {', '.join(known)}.",
            )


def _person(users: Users, name: str) -> User:
    user = users.user(name)
    if user is None:
        known = tuple(each.name for each in users.users())
        raise NotFoundError(
            f"There is no user {name!r}", where="name", repair=f"{nearest(name, known)}`headgate users list` shows all."
        )
    return user


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > MAX_USER_NAME_CHARS:
        raise FieldError(
            f"{name!r} is no name for a user",
            where="name",
            repair=f"Use up to {MAX_USER_NAME_CHARS} of a-z, 0-9, dot, dash, underline and @, a letter or digit first.",
        )


def _check_role(role: str, known: tuple[str, ...]) -> None:
    if role not in known:
        raise FieldError(
            f"There is no role {role!r}" if role not in ROLES else f"A {role} cannot log in",
            where="role",
            repair=f"{nearest(role, known)}Use one of {', '.join(known)}"
            + (", or make a key." if role in ROLES else "."),
        )
