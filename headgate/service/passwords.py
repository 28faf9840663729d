"""Passwords and keys: how they are checked and what is kept of them.

Passwords are kept as argon2id hashes, keys and session tokens (256 random bits) as SHA-256. Nothing here stores
anything or knows a user.
"""

from __future__ import annotations

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from headgate.errors import FieldError
from headgate.limits import MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS

KEY_PREFIX = "hg_"
_HASHER = PasswordHasher()  # argon2id with the parameters of RFC 9106, low memory (64 MiB)


def check_new_password(password: str, name: str) -> None:
    """Raise FieldError unless a new password is long enough, not overlong, and not the user's name."""
    if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        raise FieldError(
            f"The password has {len(password)} characters",
            where="password",
            repair=f"Use from {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS}; a few words make a good one.",
        )
    if name.lower() in password.lower() or len(set(password)) < 5:
        raise FieldError(
            "The password is easy to guess", where="password", repair="Leave the name out and vary the letters."
        )


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, with its salt and parameters."""
    return _HASHER.hash(password)


def password_matches(password: str, stored: str | None) -> bool:
    """Whether a password has the stored hash. Without one (no such user) it takes as long and is False."""
    try:
        matches = _HASHER.verify(stored or _DUMMY, password[:MAX_PASSWORD_CHARS])
    except (VerificationError, InvalidHashError):
        return False
    return matches and stored is not None and len(password) <= MAX_PASSWORD_CHARS


def new_token(prefix: str = "") -> str:
    """Return a fresh secret of 256 bits, for a session or a key."""
    return prefix + secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what is kept of a token. A hash without salt is enough for 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


_DUMMY = hash_password(secrets.token_urlsafe(16))
