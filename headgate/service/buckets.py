"""How much one key may send: two token buckets a key, one for requests and one for what they hold.

A bucket fills with time up to its burst. A request may take more than is there, so that a long list passes; the next
one waits until the debt is paid. Nothing here reads a clock: the time comes in, in seconds that never run back.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from headgate.errors import RateError
from headgate.settings.limits import Limits

_LEAST_SECONDS: Final = 1


class Bucket:
    """Tokens that come back with time. rate: tokens a second. burst: how many there are at most, and at first."""

    __slots__ = ("_burst", "_left", "_rate", "_since")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._since = burst, -math.inf

    def take(self, tokens: float, now: float) -> float:
        """Take tokens and return 0; where less than one is left take none and return the seconds until one is."""
        self._left = min(self._burst, self._left + (now - self._since) * self._rate)
        self._since = now
        if self._left < 1:
            return (1 - self._left) / self._rate
        self._left -= tokens
        return 0.0


class Buckets:
    """The buckets of every key that was seen; there are as many as keys. now: seconds that never run back."""

    def __init__(self, limits: Limits, now: Callable[[], float]) -> None:
        self._limits = limits
        self._now = now
        self._requests: dict[str, Bucket] = {}
        self._entries: dict[str, Bucket] = {}

    def request(self, key: str) -> None:
        """Count one request of a key; RateError when it has sent too many."""
        limits = self._limits
        bucket = self._requests.get(key)
        if bucket is None:
            bucket = self._requests[key] = Bucket(limits.requests_per_second, limits.requests_burst)
        _pass(bucket.take(1, self._now()), key, f"{limits.requests_per_second:g} requests a second")

    def entries(self, key: str, count: int) -> None:
        """Count what a request of a key holds; RateError when it has sent too much before."""
        limits = self._limits
        bucket = self._entries.get(key)
        if bucket is None:
            bucket = self._entries[key] = Bucket(limits.entries_per_second, limits.entries_burst)
        _pass(bucket.take(count, self._now()), key, f"{limits.entries_per_second:g} payments or reports a second")


def _pass(wait_seconds: float, key: str, allowed: str) -> None:
    if wait_seconds > 0:
        error = RateError(
            f"The key {key!r} sends more than {allowed}",
            where="header Authorization",
            repair="Wait as long as Retry-After says, and send it again; the section [limits] of headgate.toml has the "
            "figures.",
        )
        error.retry_after_seconds = max(_LEAST_SECONDS, math.ceil(wait_seconds))
        raise error
