"""What a pattern is: a name, a sentence, and a search that returns a count, a strength and its payments.

One file of this folder is one pattern; it defines `PATTERN` and reads the payments by the view alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from headgate.facts.view import Edge, GraphView


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found for one payment and one window.

    count: what the pattern's sentence counts. strength: between 0 and 1, None where it is not defined.
    truncated: a limit of the search was reached. payments: (edge, role, hop) behind it, filled only when the
    witness was asked for. share_retained: the share of the money that stayed on the way, where there is one.
    """

    count: int
    strength: float | None = None
    truncated: bool = False
    payments: tuple[tuple[Edge, str, int], ...] = ()
    share_retained: float | None = None


NOTHING = Found(0)

Find: TypeAlias = Callable[[GraphView, Edge, int, bool], Found]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that the judged payment would complete: it is the last edge.

    `find(view, last, window_us, witness)` is pure: same view and edge, same answer. reads: the memories that it looks
    into beside the payments of the longest window; they reach back to the profile horizon.
    """

    name: str
    sentence: str
    find: Find
    reads: frozenset[str] = frozenset()
