"""Differences of definition, each shown on a graph of a few edges by what the other side answers.

Run by `bench.kernel` as `python -m bench.sides.tiny` under a Python that holds the snapml wheel. Every answer is asked
anew, so that another version of the wheel that answers otherwise is seen. Windows are 100, clocks are small.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from bench.sides.differences import DIFFERENCES
from bench.sides.gfp import RAW, preprocessor

WINDOW: Final = 100
SIZES: Final = range(1, 9)  # bins of all histograms
NAN: Final = float("nan")
Edges = Sequence[tuple[float, float, float, float]]  # source, target, time, amount

CYCLE: Final[Edges] = [(1, 2, 0, 1), (2, 3, 1, 1), (3, 1, 2, 1)]
OLD: Final[Edges] = [(1, 2, 0, 1), (1, 2, 60, 2), (1, 2, 61, 6)]
RING: Final[Edges] = [(n, n % 7 + 1, n, 1) for n in range(1, 8)]
LEGS: Final[Edges] = [(1, 2, 0, 1), (1, 3, 1, 1), (2, 4, 2, 1), (3, 4, 3, 1)]


def features(on: Sequence[str], edges: Edges, rows: int = 1, fitted: bool = False, **more: Any) -> np.ndarray:
    """Return what is answered for each edge, in batches of `rows`; ids count from 0."""
    table = np.array([(number, *edge) for number, edge in enumerate(edges)], dtype=np.float64)
    made = preprocessor(on, WINDOW, SIZES, **more)
    if fitted:
        return np.asarray(made.fit_transform(table))[:, RAW:]
    parts = [made.transform(table[start : start + rows].copy()) for start in range(0, len(table), rows)]
    return np.vstack(parts)[:, RAW:]


def last(on: Sequence[str], edges: Edges, rows: int = 1, **more: Any) -> list[int]:
    """Return the sizes for which the last edge has a count in the last histogram."""
    histogram = features(on, edges, rows, **more)[-1][-len(SIZES) :]
    return [size for size, count in zip(SIZES, histogram, strict=True) if count]


def out_degree(edges: Edges, place: int = -1, rows: int = 1, fitted: bool = False) -> float:
    """Return the statistic `degree` of the source's outgoing edges."""
    return float(features(("vertex_stats",), edges, rows, fitted)[place][1])


def sent_sum(edges: Edges, place: int = -1, **more: Any) -> float:
    """Return the statistic `sum` of the source's outgoing edges."""
    return float(features(("vertex_stats",), edges, **more)[place][3])


def _same_id() -> float:
    """Return the sum of two payments of 5 and 6 with the same id."""
    made = preprocessor(("vertex_stats",), WINDOW)
    edges = [(7, 1, 2, 0, 5), (7, 1, 3, 1, 6)]
    return float([made.transform(np.array([edge], dtype=np.float64)) for edge in edges][-1][0, RAW + 3])


SHOWN: Final[dict[str, Callable[[], bool]]] = {
    "the payment itself": lambda: out_degree([(1, 2, 0, 1)]) == 1,
    "size 1": lambda: not features(("fan", "degree"), [(1, 2, 0, 1)]).any(),
    "window of fans and degrees": lambda: (
        last(("degree",), [(1, 2, 0, 1), (1, 2, 100, 1)]) == []
        and last(("degree",), [(1, 2, 1, 1), (1, 2, 100, 1)]) == [2]
    ),
    "window of scatter-gather and cycles": lambda: (
        last(("temp-cycle",), [*CYCLE[:2], (3, 1, 100, 1)]) == [3]
        and last(("temp-cycle",), [*CYCLE[:2], (3, 1, 101, 1)]) == []
        and last(("scatter-gather",), [*LEGS[:3], (3, 4, 100, 1)]) == [2]
    ),
    "window of statistics": lambda: out_degree([(1, 2, 0, 1), (1, 2, 1000, 1)]) == 2,
    "vertex_stats_tw < time_window": lambda: (
        sent_sum(OLD, vertex_stats_tw=50) == 8
        and float(features(("vertex_stats",), OLD, vertex_stats_tw=50)[-1][1]) == 3
    ),
    "batches": lambda: out_degree([(1, 2, 0, 1), (1, 3, 1, 1), (1, 4, 2, 1)], place=0, rows=3) == 3,
    "fit_transform": lambda: out_degree([(1, 2, 0, 1), (1, 3, 1, 1)], fitted=True) == 4,
    "timestamps beyond 2^31": lambda: out_degree([(1, 2, 1.7e12, 1), (1, 3, 1.7e12 + 1, 1)]) == 1,
    "NaN": lambda: (
        sent_sum([(1, 2, 0, 5), (1, 3, 1, NAN), (1, 4, 2, 7)]) == 7
        and out_degree([(1, 2, NAN, 5), (NAN, 2, 1, 5)]) == 1
    ),
    "variance of nearly equal amounts": lambda: (
        features(("vertex_stats",), [(1, 2, 0, 1000), (1, 3, 1, 1001)])[-1][5] == 0
    ),
    "equal times": lambda: (
        last(("temp-cycle",), [(1, 2, 0, 1), (2, 3, 0, 1), (3, 1, 0, 1)]) == []
        and last(("lc-cycle",), [*CYCLE[:2], (3, 1, 1, 1)]) == []
        and last(("fan",), [(1, 2, 0, 1), (1, 3, 0, 1)]) == [2]
    ),
    "scatter-gather: order": lambda: (
        last(("scatter-gather",), [(2, 4, 0, 1), (1, 2, 1, 1), (1, 3, 2, 1), (3, 4, 3, 1)]) == [2]
    ),
    "scatter-gather: what is counted": lambda: (
        last(("scatter-gather",), LEGS) == [2] and last(("scatter-gather",), [LEGS[0], LEGS[2]]) == []
    ),
    "temporal cycle: lengths": lambda: (
        last(("temp-cycle",), [(1, 2, 0, 1), (2, 1, 1, 1)]) == [2] and last(("temp-cycle",), RING) == [7]
    ),
    "temporal cycle: repeated payments": lambda: (
        float(features(("temp-cycle",), [CYCLE[0], (1, 2, 0.5, 1), *CYCLE[1:]])[-1].sum()) == 1
    ),
    "length-constrained cycle: lengths": lambda: (
        last(("lc-cycle",), [CYCLE[1], (1, 2, 1, 1), CYCLE[2]]) == [3]
        and last(("lc-cycle",), [(1, 2, 0, 1), (2, 1, 1, 1)]) == [2]
        and last(("lc-cycle",), RING) == [7]
        and last(("lc-cycle",), RING, **{"lc-cycle_len": 6}) == []
        and float(features(("lc-cycle",), [CYCLE[0], (1, 2, 0.5, 1), *CYCLE[1:]])[-1].sum()) == 1
    ),
    "length-constrained cycle: bounds": lambda: (
        last(("lc-cycle",), [*CYCLE[:2], *((1, 10 + n, 2 + n / 10, 1) for n in range(200)), (3, 1, 50, 1)]) == [3]
    ),
    "payments to oneself": lambda: (
        out_degree([(1, 1, 0, 1)]) == 1 and last(("degree",), [(1, 1, 0, 1), (1, 2, 1, 1)]) == []
    ),
    "late payments": lambda: last(("degree",), [(1, 2, 100, 1), (1, 2, 50, 1)]) == [],
    "an id that comes again": lambda: _same_id() == 10,
}

if __name__ == "__main__":
    print(json.dumps({one.subject: bool(SHOWN[one.subject]()) for one in DIFFERENCES}))
