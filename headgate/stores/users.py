"""Values of the people and programs that may use a service. No password and no token is ever kept, only hashes."""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec


class By(NamedTuple):
    """Who changes a user or a key, and who else approved it."""

    person: str
    approved_by: str = ""


NOBODY: Final = By("")


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may log in. `password_hash` is an argon2id string; `created_us` is microseconds UTC."""

    name: str
    role: str
    password_hash: str
    created_us: int
    disabled: bool = False


class WebSession(msgspec.Struct, frozen=True, kw_only=True):
    """A login that lasts until `expires_us`, known by the hash of its token."""

    token_hash: str
    user: str
    created_us: int
    expires_us: int


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A program that may call the interface, known by the hash of its key.

    scopes: which of the operations of its role it may call, by name; all of them where none is named. expires_us: when
    it ends (microseconds UTC), or never.
    """

    key_hash: str
    name: str
    role: str
    created_us: int
    disabled: bool = False
    scopes: tuple[str, ...] = ()
    expires_us: int | None = None
