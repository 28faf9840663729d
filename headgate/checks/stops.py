"""Where a law stops what it checks: random places of a journal, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from random import Random


def stretches(length: int, stops: int, random: Random) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of the stretches between so many random stops; together they are the whole journal."""
    cuts = sorted(random.randrange(length + 1) for _ in range(stops))
    yield from pairwise([0, *cuts, length])
