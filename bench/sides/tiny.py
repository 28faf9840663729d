"""Differences of definition, each shown on a graph of a few edges by what the other side answers.

Run by `bench.kernel` as `python -m bench.sides.tiny` under a Python that holds the snapml wheel. Every answer is asked
anew, so that another version of the wheel that answers otherwise is seen. Windows are 100, clocks are small.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np

from bench.sides.gfp import RAW, preprocessor

WINDOW: Final = 100
SIZES: Final = range(1, 9)  # bins of all histograms
NAN: Final = float("nan")
Edges = Sequence[tuple[float, float, float, float]]  # source, target, time, amount

CYCLE: Final[Edges] = [(1, 2, 0, 1), (2, 3, 1, 1), (3, 1, 2, 1)]
OLD: Final[Edges] = [(1, 2, 0, 1), (1, 2, 60, 2), (1, 2, 61, 6)]
LEGS: Final[Edges] = [(1, 2, 0, 1), (1, 3, 1, 1), (2, 4, 2, 1), (3, 4, 3, 1)]


def features(on: Sequence[str], edges: Edges, rows: int = 1, fitted: bool = False, **more: object) -> np.ndarray:
    """Return what is answered for each edge, in batches of `rows`; ids count from 0."""
    table = np.array([(number, *edge) for number, edge in enumerate(edges)], dtype=np.float64)
    made = preprocessor(on, WINDOW, SIZES, **more)
    if fitted:
        return np.asarray(made.fit_transform(table))[:, RAW:]
    parts = [made.transform(table[start : start + rows].copy()) for start in range(0, len(table), rows)]
    return np.vstack(parts)[:, RAW:]


def last(on: Sequence[str], edges: Edges, rows: int = 1, **more: object) -> list[int]:
    """Return the sizes for which the last edge has a count in the last histogram."""
    histogram = features(on, edges, rows, **more)[-1][-len(SIZES) :]
    return [size for size, count in zip(SIZES, histogram, strict=True) if count]


def out_degree(edges: Edges, place: int = -1, rows: int = 1, fitted: bool = False) -> float:
    """Return the statistic `degree` of the source's outgoing edges."""
    return float(features(("vertex_stats",), edges, rows, fitted)[place][1])


def sent_sum(edges: Edges, place: int = -1, **more: object) -> float:
    """Return the statistic `sum` of the source's outgoing edges."""
    return float(features(("vertex_stats",), edges, **more)[place][3])


def _same_id() -> float:
    """Return the sum of two payments of 5 and 6 with the same id."""
    made = preprocessor(("vertex_stats",), WINDOW)
    edges = [(7, 1, 2, 0, 5), (7, 1, 3, 1, 6)]
    return float([made.transform(np.array([edge], dtype=np.float64)) for edge in edges][-1][0, RAW + 3])


class Difference(NamedTuple):
    """What is called otherwise. borne_out: whether the wheel at hand answers as `theirs` says."""

    subject: str
    theirs: str
    ours: str
    borne_out: Callable[[], bool]


DIFFERENCES: Final = (
    Difference(
        "the payment itself",
        "is counted in fans, degrees and statistics",
        "is not in `payer_*` and `payee_*` facts; patterns count it as their last edge",
        lambda: out_degree([(1, 2, 0, 1)]) == 1,
    ),
    Difference(
        "size 1",
        "a fan or degree of 1 is in no bin",
        "is the count 1",
        lambda: not features(("fan", "degree"), [(1, 2, 0, 1)]).any(),
    ),
    Difference(
        "window of fans and degrees",
        "(t - w, t]",
        "(t - w, t]",
        lambda: (
            last(("degree",), [(1, 2, 0, 1), (1, 2, 100, 1)]) == []
            and last(("degree",), [(1, 2, 1, 1), (1, 2, 100, 1)]) == [2]
        ),
    ),
    Difference(
        "window of scatter-gather and cycles",
        "[t - w, t], another edge than fans and degrees have",
        "(t - w, t] everywhere",
        lambda: (
            last(("temp-cycle",), [*CYCLE[:2], (3, 1, 100, 1)]) == [3]
            and last(("temp-cycle",), [*CYCLE[:2], (3, 1, 101, 1)]) == []
            and last(("scatter-gather",), [*LEGS[:3], (3, 4, 100, 1)]) == [2]
        ),
    ),
    Difference(
        "window of statistics",
        "ends with the call before: after a pause of ten windows the old payment is still counted",
        "(t - w, t] everywhere",
        lambda: out_degree([(1, 2, 0, 1), (1, 2, 1000, 1)]) == 2,
    ),
    Difference(
        "vertex_stats_tw < time_window",
        "sum, average and variance keep to the former; count, fan and maximum to the latter",
        "each name states its window",
        lambda: (
            sent_sum(OLD, vertex_stats_tw=50) == 8
            and float(features(("vertex_stats",), OLD, vertex_stats_tw=50)[-1][1]) == 3
        ),
    ),
    Difference(
        "batches",
        "the whole batch is inserted first: the first payment is told of those after it",
        "any split into blocks gives the same bits",
        lambda: out_degree([(1, 2, 0, 1), (1, 3, 1, 1), (1, 4, 2, 1)], place=0, rows=3) == 3,
    ),
    Difference(
        "fit_transform",
        "inserts every payment twice",
        "a payment enters once; the same seq again is refused",
        lambda: out_degree([(1, 2, 0, 1), (1, 3, 1, 1)], fitted=True) == 4,
    ),
    Difference(
        "timestamps beyond 2^31",
        "milliseconds and microseconds give no count, and no error",
        "int64 microseconds to the year 2100, others are refused",
        lambda: out_degree([(1, 2, 1.7e12, 1), (1, 3, 1.7e12 + 1, 1)]) == 1,
    ),
    Difference(
        "NaN",
        "is taken as amount, time or account; the sums of the payer are wrong from then on",
        "cannot enter: amounts are integers",
        lambda: (
            sent_sum([(1, 2, 0, 5), (1, 3, 1, NAN), (1, 4, 2, 7)]) == 7
            and out_degree([(1, 2, NAN, 5), (NAN, 2, 1, 5)]) == 1
        ),
    ),
    Difference(
        "variance of nearly equal amounts",
        "becomes 0 where the deviation is below about .3% of the mean",
        "is exact: from integer sums",
        lambda: features(("vertex_stats",), [(1, 2, 0, 1000), (1, 3, 1, 1001)])[-1][5] == 0,
    ),
    Difference(
        "equal times",
        "count in fans, never in cycles",
        "the journal's order decides everywhere",
        lambda: (
            last(("temp-cycle",), [(1, 2, 0, 1), (2, 3, 0, 1), (3, 1, 0, 1)]) == []
            and last(("fan",), [(1, 2, 0, 1), (1, 3, 0, 1)]) == [2]
        ),
    ),
    Difference(
        "scatter-gather: order",
        "the legs may come in any order of time, and a leg out of the source may be the last",
        "money goes in before it goes out; the payment is a leg into the sink",
        lambda: last(("scatter-gather",), [(2, 4, 0, 1), (1, 2, 1, 1), (1, 3, 2, 1), (3, 4, 3, 1)]) == [2],
    ),
    Difference(
        "scatter-gather: what is counted",
        "pairs of source and sink, by number of intermediaries from 2 on",
        "the most intermediaries of one source, from 1 on",
        lambda: last(("scatter-gather",), LEGS) == [2] and last(("scatter-gather",), [LEGS[0], LEGS[2]]) == [],
    ),
    Difference(
        "temporal cycle: lengths",
        "from 2 payments (there and straight back) to any length",
        "3 to 5 payments; straight back is `reverse_pair` facts",
        lambda: (
            last(("temp-cycle",), [(1, 2, 0, 1), (2, 1, 1, 1)]) == [2]
            and last(("temp-cycle",), [(n, n % 7 + 1, n, 1) for n in range(1, 8)]) == [7]
        ),
    ),
    Difference(
        "temporal cycle: repeated payments",
        "one for each route of accounts",
        "one for each route of accounts",
        lambda: float(features(("temp-cycle",), [CYCLE[0], (1, 2, 0.5, 1), *CYCLE[1:]])[-1].sum()) == 1,
    ),
    Difference(
        "length-constrained cycle",
        "payments in any order of time, to 10 payments",
        "`simple_cycle` where there is one",
        lambda: last(("lc-cycle",), [CYCLE[1], (1, 2, 1, 1), CYCLE[2]]) == [3],
    ),
    Difference(
        "payments to oneself",
        "are counted in statistics, not in fans and degrees",
        "are counted in `sent` and `received`, not in patterns",
        lambda: out_degree([(1, 1, 0, 1)]) == 1 and last(("degree",), [(1, 1, 0, 1), (1, 2, 1, 1)]) == [],
    ),
    Difference(
        "late payments",
        "with an older timestamp get empty fans",
        "the clock never runs back; they are marked late",
        lambda: last(("degree",), [(1, 2, 100, 1), (1, 2, 50, 1)]) == [],
    ),
    Difference(
        "an id that comes again",
        "with other content takes the amount of the first payment of that id",
        "is a conflict, and nothing changes",
        lambda: _same_id() == 10,
    ),
)

if __name__ == "__main__":
    print(json.dumps([[*one[:3], bool(one.borne_out())] for one in DIFFERENCES]))
