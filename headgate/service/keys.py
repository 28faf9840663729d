"""Keys of programs at hand: what the store said about a key holds for a few seconds, so that no request waits for it.

A key that was disabled is refused when those seconds are over; one that has expired, at once. Only hashes are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from headgate.errors import ExpiredKeyError
from headgate.limits import KEY_SECONDS, KEYS_AT_HAND, US_PER_SECOND
from headgate.service.passwords import hash_token
from headgate.stores.store import Users
from headgate.stores.users import ApiKey

_KEEP_US = KEY_SECONDS * US_PER_SECOND


class Keys:
    """Finds keys by the `Authorization` header. now_us: microseconds UTC."""

    def __init__(self, users: Users, now_us: Callable[[], int]) -> None:
        self._users = users
        self._now_us = now_us
        self._at_hand: OrderedDict[str, tuple[int, ApiKey]] = OrderedDict()

    def at_hand(self, header: str | None) -> ApiKey | None:
        """Return a key that was looked up a moment ago; None when the store has to be asked. It never waits.

        Raises ExpiredKeyError.
        """
        digest = _digest(header)
        found = self._at_hand.get(digest) if digest else None
        if found is None or not 0 <= self._now_us() - found[0] < _KEEP_US:
            return None
        return self._in_time(found[1])

    def look_up(self, header: str | None) -> ApiKey | None:
        """Return the key that the store has; None when there is none or it is disabled. It waits for the store.

        Raises ExpiredKeyError.
        """
        digest = _digest(header)
        key = self._users.api_key(digest) if digest else None
        if digest is None or key is None:
            return None
        self._at_hand[digest] = (self._now_us(), key)
        self._at_hand.move_to_end(digest)
        while len(self._at_hand) > KEYS_AT_HAND:
            self._at_hand.popitem(last=False)
        return self._in_time(key)

    def _in_time(self, key: ApiKey) -> ApiKey:
        if key.expires_us is not None and self._now_us() >= key.expires_us:
            raise ExpiredKeyError(
                f"The key {key.name!r} has expired",
                where="header Authorization",
                repair="`headgate users key NAME --role ROLE --days N` makes a new one.",
            )
        return key


def _digest(header: str | None) -> str | None:
    scheme, _, key = (header or "").partition(" ")
    return hash_token(key.strip()) if scheme.lower() == "bearer" and key.strip() else None
