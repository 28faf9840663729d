"""The other side: GraphFeaturePreprocessor of the snapml wheel, by its documented interface, as a black box.

Run by `bench.kernel` as `python -m bench.sides.gfp ORDER`, ORDER in JSON, under a Python that holds the wheel.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from snapml import GraphFeaturePreprocessor

from bench.sides.meter import measured, use_one_core

PATTERNS = ("fan", "degree", "scatter-gather", "temp-cycle", "lc-cycle")
STATISTICS = (0, 1, 3, 4, 6, 8)  # fan, degree, average, sum, maximum, variance: what our facts have too
RAW = 5  # columns of an edge: id, source, target, timestamp in seconds, amount


def preprocessor(on: Iterable[str], window_s: int, bins: Sequence[int] = (), **more: Any) -> GraphFeaturePreprocessor:
    """Return one on one thread with the same window for everything. bins: of all histograms; default the wheel's."""
    made = GraphFeaturePreprocessor()
    settings = made.get_params() | {"num_threads": 1, "time_window": window_s, "vertex_stats": "vertex_stats" in on}
    settings |= {"vertex_stats_tw": window_s, "vertex_stats_cols": [4], "vertex_stats_feats": list(STATISTICS)}
    for name in PATTERNS:
        settings |= {name: name in on, f"{name}_tw": window_s}
        if bins:
            settings[f"{name}_bins"] = list(bins)
    made.set_params(settings | more)
    return made


def batches(edges: np.ndarray, rows: int) -> list[np.ndarray]:
    """Return the edges in batches of `rows`."""
    return [np.ascontiguousarray(edges[start : start + rows]) for start in range(0, len(edges), rows)]


def timed(order: dict[str, Any]) -> dict[str, float]:
    """Insert the first `warm` payments, then measure `transform` of the others in batches of `rows`."""
    edges = np.load(order["stream"])[: order["warm"] + order["payments"]]
    made = preprocessor(order["on"], order["window_s"])
    early = batches(edges[: order["warm"]], 4096)
    later = batches(edges[order["warm"] :], order["rows"])
    warmed = measured(lambda: [made.partial_fit(batch) for batch in early])

    def work() -> None:
        for batch in later:
            made.transform(batch)

    figures = measured(work)
    return figures | {"memory_mb": warmed["memory_mb"] + figures["memory_mb"]}


def counted(order: dict[str, Any]) -> dict[str, int]:
    """Write what is counted for each payment of a sample: the size of its fans and degrees, statistics, cycles."""
    edges = np.load(order["stream"])[: order["payments"]]
    bins = range(2, order["largest"] + 1)
    rows = order["rows"]
    fans = _histograms(edges, preprocessor(("fan", "degree"), order["window_s"], bins), rows, 4)
    joined = _histograms(edges, preprocessor(("scatter-gather",), order["window_s"], bins), rows, 1)
    statistics = _features(edges, preprocessor(("vertex_stats",), order["window_s"]), rows)
    counts = {"fans": fans, "joined": joined, "statistics": statistics}
    for name in order["cycles"]:
        counts[name] = _features(edges, preprocessor((name,), order["window_s"], range(2, 12)), rows)
    np.savez(order["out"], **counts)
    return {"payments": len(edges)}


def _features(edges: np.ndarray, made: GraphFeaturePreprocessor, rows: int) -> np.ndarray:
    return np.vstack([made.transform(batch)[:, RAW:] for batch in batches(edges, rows)])


def _histograms(edges: np.ndarray, made: GraphFeaturePreprocessor, rows: int, number: int) -> np.ndarray:
    """Return the largest size in each of `number` histograms, one row a payment; 0 where a histogram is empty."""
    found = []
    for batch in batches(edges, rows):
        counts = made.transform(batch)[:, RAW:].reshape(len(batch), number, -1) > 0
        sizes = counts.shape[2] + 1 - np.argmax(counts[:, :, ::-1], axis=2)
        found.append(np.where(counts.any(axis=2), sizes, 0))
    return np.vstack(found)


if __name__ == "__main__":
    use_one_core()
    told = json.loads(sys.argv[1])
    work = {"timed": timed, "counted": counted, "version": lambda _: version("snapml")}
    print(json.dumps(work[told["what"]](told)))
