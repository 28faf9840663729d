"""Who is asking: people by a session, programs by a key.

Secrets come in, a caller goes out. Whether the caller may do what it asks is a matter of `roles`, not of this file.
Only hashes are kept.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from headgate.errors import AuthError
from headgate.limits import MAX_USER_NAME_CHARS, SESSION_SECONDS, US_PER_SECOND
from headgate.service.attempts import Attempts
from headgate.service.keys import Keys
from headgate.service.passwords import hash_token, new_token, password_matches
from headgate.stores.store import Users
from headgate.stores.users import ApiKey, WebSession


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody known: a person (then `secret` is the value of the session cookie) or a program.

    scopes: the operations of its role that a program may call; all where none is named.
    """

    name: str
    role: str
    secret: str = ""
    scopes: tuple[str, ...] = ()


class Auth:
    """Logs people in and out and recognises callers. now_us: microseconds UTC."""

    def __init__(self, users: Users, now_us: Callable[[], int]) -> None:
        self._users = users
        self._now_us = now_us
        self._attempts = Attempts(users, now_us)
        self._keys = Keys(users, now_us)

    def log_in(self, name: str, password: str, address: str) -> str:
        """Return the token of a new session. AuthError for wrong credentials, TooManyError for too many tries.

        It says the same, and takes the same time, whether the name or the password is wrong.
        """
        if not 0 < len(name) <= MAX_USER_NAME_CHARS:
            raise _wrong()
        self._attempts.begin(name, address)
        user = self._users.user(name)
        usable = user is not None and not user.disabled
        if not password_matches(password, user.password_hash if usable and user else None):
            raise _wrong()
        self._attempts.succeeded(name)
        return self._new_session(name)

    def of_session(self, token: str | None) -> Caller | None:
        """Return the person behind a session cookie; None when it is unknown, expired, or of a disabled user."""
        session = self._users.web_session(hash_token(token), self._now_us()) if token else None
        user = self._users.user(session.user) if session else None
        if token is None or user is None or user.disabled:
            return None
        return Caller(name=user.name, role=user.role, secret=token)

    def of_key(self, header: str | None) -> Caller | None:
        """Return the program behind an `Authorization` header; None when there is no good key in it.

        It waits for the store. Raises ExpiredKeyError.
        """
        return _program(self._keys.look_up(header))

    def of_key_at_hand(self, header: str | None) -> Caller | None:
        """Return the program behind a header that was looked up a moment ago, without waiting; None for others."""
        return _program(self._keys.at_hand(header))

    def log_out(self, token: str) -> None:
        """End a session."""
        self._users.end_web_session(hash_token(token))

    def _new_session(self, name: str) -> str:
        token = new_token()
        now_us = self._now_us()
        self._users.add_web_session(
            WebSession(
                token_hash=hash_token(token),
                user=name,
                created_us=now_us,
                expires_us=now_us + SESSION_SECONDS * US_PER_SECOND,
            )
        )
        return token


def _program(key: ApiKey | None) -> Caller | None:
    return Caller(name=key.name, role=key.role, scopes=key.scopes) if key else None


def _wrong() -> AuthError:
    return AuthError(
        "The user name or the password is wrong",
        repair="Try again; an administrator can set a new password with `headgate users password`.",
    )
