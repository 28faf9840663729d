"""Counts login attempts, so that nobody can guess a password quickly.

An attempt counts before the password is looked at. By name the store counts, so that a restart forgives nothing; by
network address this process does, bounded in number and age.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable

from headgate.errors import TooManyError
from headgate.limits import (
    LOGIN_ATTEMPTS,
    LOGIN_ATTEMPTS_PER_ADDRESS,
    LOGIN_KEYS,
    LOGIN_WINDOW_SECONDS,
    US_PER_SECOND,
)
from headgate.stores.store import Users

_WINDOW_US = LOGIN_WINDOW_SECONDS * US_PER_SECOND


class Attempts:
    """A sliding window of attempts by name and by address. now_us: microseconds UTC."""

    def __init__(self, users: Users, now_us: Callable[[], int]) -> None:
        self._users = users
        self._now_us = now_us
        self._by_address: OrderedDict[str, deque[int]] = OrderedDict()

    def begin(self, name: str, address: str) -> None:
        """Count one attempt; TooManyError when the name or the address had too many in the window."""
        since_us = self._now_us() - _WINDOW_US
        times = self._recent(address, since_us)
        if len(times) >= LOGIN_ATTEMPTS_PER_ADDRESS:
            raise _too_many()
        if self._users.login_failures(name, since_us) >= LOGIN_ATTEMPTS:
            raise _too_many()
        times.append(self._now_us())
        self._users.note_login_failure(name, self._now_us())

    def succeeded(self, name: str) -> None:
        """Forget the attempts on a name after a good password."""
        self._users.clear_login_failures(name)

    def _recent(self, address: str, since_us: int) -> deque[int]:
        times = self._by_address.setdefault(address, deque(maxlen=LOGIN_ATTEMPTS_PER_ADDRESS))
        self._by_address.move_to_end(address)
        while len(self._by_address) > LOGIN_KEYS:
            self._by_address.popitem(last=False)
        while times and times[0] <= since_us:
            times.popleft()
        return times


def _too_many() -> TooManyError:
    minutes = LOGIN_WINDOW_SECONDS // 60
    return TooManyError("Too many attempts to log in", repair=f"Wait {minutes} minutes and try again.")
