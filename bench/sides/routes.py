"""Every ring of accounts that a payment closes, counted without any bound: what length-constrained cycles are held to.

Slow on purpose, and only for a few payments of a sample. It knows nothing of either side.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

LONGEST = 10  # payments of a ring, with the one that closes it

Ways = dict[int, set[int]]  # the accounts that an account paid, or was paid by


def rings(payer: np.ndarray, payee: np.ndarray, seconds: np.ndarray, row: int, window_s: int) -> np.ndarray:
    """Return the number of rings of 2 to `LONGEST` payments that the payment at `row` closes, (LONGEST - 1,).

    The other payments lie in [t - window_s, t), in any order of time; a pair of accounts counts once.
    """
    first = int(np.searchsorted(seconds, seconds[row] - window_s, "left"))
    end = int(np.searchsorted(seconds, seconds[row], "left"))
    out, back = _ways(zip(payer[first:end].tolist(), payee[first:end].tolist(), strict=True))
    start, home = int(payee[row]), int(payer[row])
    counts = np.zeros(LONGEST - 1, dtype=np.int64)
    _walk(start, home, out, _distances(home, back), {start}, counts)
    return counts


def _ways(pairs: Iterable[tuple[int, int]]) -> tuple[Ways, Ways]:
    out, back = defaultdict(set), defaultdict(set)
    for one, other in pairs:
        out[one].add(other)
        back[other].add(one)
    return out, back


def _distances(home: int, back: Ways) -> dict[int, int]:
    """Return how many payments every account is away from home, where that is few enough."""
    distances, near = {home: 0}, [home]
    for away in range(1, LONGEST):
        near = [one for other in near for one in back.get(other, ()) if distances.setdefault(one, away) == away]
    return distances


def _walk(at: int, home: int, out: Ways, distances: dict[int, int], seen: set[int], counts: np.ndarray) -> None:
    """Go on from an account in all ways that can still come home; `seen` are those of this way."""
    for other in out.get(at, ()):
        if other == home:
            counts[len(seen) - 1] += 1
        elif other not in seen and distances.get(other, LONGEST) + len(seen) + 1 <= LONGEST:
            _walk(other, home, out, distances, seen | {other}, counts)
