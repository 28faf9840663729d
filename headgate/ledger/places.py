"""Where the decision on a journal entry stands in a log.

Decisions are logged in the order of their seq, so the place is found by halving, without an index. What is found is
not proved by that: the proof is a receipt.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

Leaves = Callable[[int, int], list[bytes]]
"""leaves(start, end): the entries with numbers in [start, end), in order."""

_PAGE: Final = 256


class _Place(msgspec.Struct):
    kind: str
    seq: int = -1


_place = msgspec.json.Decoder(_Place).decode


def number_of(seq: int, size: int, leaves: Leaves) -> tuple[int, bytes] | None:
    """Return the number and content of the entry about the decision with this seq, None where there is none.

    size: of the log. Raises msgspec.MsgspecError where an entry on the way is no entry of a log.
    """
    found = first_decision(seq, size, leaves)
    return None if found is None or found[1] != seq else (found[0], found[2])


def first_decision(seq: int, size: int, leaves: Leaves) -> tuple[int, int, bytes] | None:
    """Return number, seq and content of the first decision with this seq or a later one, None where there is none."""
    low, high = 0, size
    found = None
    while low < high:
        middle = (low + high) // 2
        there = _decision_from(middle, high, leaves)
        if there is None:
            high = middle
        elif there[1] < seq:
            low = there[0] + 1
        else:
            found, high = there, middle
    return found


def _decision_from(start: int, end: int, leaves: Leaves) -> tuple[int, int, bytes] | None:
    for first in range(start, end, _PAGE):
        for number, content in enumerate(leaves(first, min(first + _PAGE, end)), first):
            place = _place(content)
            if place.kind == "decision":
                return number, place.seq, content
    return None
