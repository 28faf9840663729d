"""Time-ordered folds: learn from what was known before, judge on what came after, again and again.

Clocks and known-at enter, rows leave. The purge is by knowledge: a label that became known only after the judged
part began teaches nothing to the model that is judged on it. No random fold, ever.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from headgate.errors import ModelError
from headgate.models.split import Ints

FIRST_SHARE = 0.4  # of the rows, before the first judged part: a model needs something to learn from


class Fold(NamedTuple):
    """Rows to learn from and rows to judge on, both rising; every learnt row was known before the first judged one."""

    learn: Ints
    judge: Ints


def time_folds(clock_us: Ints, known_at_us: Ints, count: int, *, end_us: int | None = None) -> tuple[Fold, ...]:
    """Return `count` folds over (n,) rows in journal order: each judges the part of time after what it learns from.

    The judged parts have about equal numbers of rows, follow each other and end with the last row; each learns from
    all rows before it whose label was known when it began. `end_us`: only labels known before it are judged on.
    Source: the rolling-origin evaluation of Tashman, 2000, with the purge of Lopez de Prado, 2018. ModelError where
    the rows do not span so many parts, or where in a part nothing was known in time.
    """
    rows = len(clock_us)
    first = round(rows * FIRST_SHARE)
    places = [first + (rows - first) * part // count for part in range(count)]
    starts = [int(np.searchsorted(clock_us, clock_us[place], side="left")) for place in places] if rows else []
    edges = [*starts, rows]
    if not rows or starts[0] == 0 or len(set(edges)) != count + 1:
        raise ModelError(
            f"{rows} payments cannot be divided by time into {count} folds",
            repair="Give a longer history, or ask for fewer folds.",
        )
    judged = np.ones(rows, bool) if end_us is None else known_at_us < end_us
    return tuple(_fold(clock_us, known_at_us, judged, start, stop) for start, stop in pairwise(edges))


def _fold(clock_us: Ints, known_at_us: Ints, judged: np.ndarray, start: int, stop: int) -> Fold:
    began_us = int(clock_us[start])
    learn = np.flatnonzero(known_at_us[:start] < began_us)
    if not len(learn):
        raise ModelError(
            "No label was known when a fold began: the payments span less time than labels take to become known",
            repair="Use `--label-delay 0` if the labels were known at once, or give a longer history.",
        )
    return Fold(learn, start + np.flatnonzero(judged[start:stop]))
