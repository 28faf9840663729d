"""The other side of the baseline: IBM's Graph Feature Preprocessor (snapml), by its documented interface.

Run as a script under a Python that holds the wheel, which is proprietary and no part of headgate; it imports nothing
of headgate. `python gfp_side.py EDGES OUT BATCH WINDOW_SECONDS LIMIT_SECONDS` writes one row of features a payment,
float32, and prints the number of features and the version; or, as soon as that is known, that it would take longer than
the limit.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version

import numpy as np

RAW = 5  # columns of an edge: id, source, target, seconds, amount
PATTERNS = ("fan", "degree", "scatter-gather", "temp-cycle", "lc-cycle")
STATISTICS = list(range(11))
SURE = 0.02  # share of the limit after which the pace so far says how long it takes


def main(edges_file: str, out_file: str, batch: str, window_s: str, limit_s: str) -> None:
    """Transform the edges in batches, in their order; a batch is inserted before its features are computed."""
    from snapml import GraphFeaturePreprocessor  # type: ignore[import-not-found]

    edges = np.load(edges_file)
    made = GraphFeaturePreprocessor()
    window = int(window_s)
    settings = made.get_params() | {"num_threads": 1, "time_window": window, "vertex_stats": True}
    settings |= {"vertex_stats_tw": window, "vertex_stats_cols": [3, 4], "vertex_stats_feats": STATISTICS}
    for name in PATTERNS:
        settings |= {name: True, f"{name}_tw": window}
    made.set_params(settings)
    step, limit, begun = int(batch), float(limit_s), time.perf_counter()
    out: np.memmap[tuple[int, ...], np.dtype[np.float32]] | None = None
    for start in range(0, len(edges), step):
        block = np.ascontiguousarray(edges[start : start + step])
        features = made.transform(block)[:, RAW:]
        if out is None:
            shape = (len(edges), features.shape[1])
            out = np.lib.format.open_memmap(out_file, mode="w+", dtype=np.float32, shape=shape)
        out[start : start + len(block)] = features
        took = time.perf_counter() - begun
        whole = took * len(edges) / (start + len(block))
        if took > SURE * limit and whole > limit:
            print(json.dumps({"would_take_seconds": whole}))  # noqa: T201 (its answer)
            return
    assert out is not None, "there is at least one payment"
    out.flush()
    print(json.dumps({"features": out.shape[1], "version": version("snapml")}))  # noqa: T201 (its answer)


if __name__ == "__main__":
    main(*sys.argv[1:6])
