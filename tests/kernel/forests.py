"""Random forests of LightGBM, and rows to try them on: codes of texts, missing values, numbers around every edge."""

from __future__ import annotations

import re

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

FACTS = 6
CODES = 1  # the place of the fact that is a code of a text
NAMES = [f"fact_{place}" for place in range(FACTS)]
AROUND = (
    0.0,
    -0.0,
    1e-36,
    -1e-36,
    1e-35,
    1e-34,
    -1e-34,
    np.inf,
    -np.inf,
    np.nan,
    1e300,
    -1e300,
    31.0,
    32.0,
    63.9,
    -0.5,
    -1,
)


def rows_of(seed: int, count: int = 1500) -> npt.NDArray[np.float64]:
    random = np.random.default_rng(seed)
    rows = random.normal(size=(count, FACTS)) * 10.0 ** random.integers(-3, 7, FACTS)
    rows[:, CODES] = random.integers(0, 70, count)
    rows[:, 2] = random.integers(0, 4, count)
    rows[random.random((count, FACTS)) < 0.1] = np.nan
    rows[:, 3] = np.nan_to_num(rows[:, 3])  # never missing: LightGBM takes a missing one for zero
    rows[random.random(count) < 0.2, 4] = 0.0
    return rows


def forest(seed: int, **more: object) -> lgb.Booster:
    rows, random = rows_of(seed), np.random.default_rng(seed)
    told = (np.nan_to_num(rows[:, CODES]) % 7 < 3) + np.nan_to_num(rows[:, 2]) + np.isnan(rows[:, 0])
    labels = (told + random.normal(size=len(rows)) > 2).astype(float)
    given = {"objective": "binary", "num_leaves": 12, "verbosity": -1, "num_threads": 1, "seed": seed, **more}
    return lgb.train(given, lgb.Dataset(rows, labels, categorical_feature=[CODES], params=given), 30)


def odd_rows(seed: int) -> npt.NDArray[np.float64]:
    random = np.random.default_rng(seed + 1)
    return np.concatenate([rows_of(seed + 1, 300), random.choice(np.array(AROUND), (600, FACTS))])


def table_of(rows: npt.NDArray[np.float64]) -> pa.Table:
    return pa.table({name: rows[:, place] for place, name in enumerate(NAMES)})


def with_missing_the_other_way(text: str) -> str:
    """The same trees where what is missing goes to the other side of each split by numbers."""

    def turned(found: re.Match[str]) -> str:
        return "decision_type=" + " ".join(kind if int(kind) & 1 else str(int(kind) ^ 2) for kind in found[1].split())

    return re.sub(r"decision_type=(.*)", turned, text)


def booster_of(text: str) -> lgb.Booster:
    """LightGBM with a text that was altered: it ends the process where the size of a tree is not true."""
    return lgb.Booster(model_str=re.sub(r"tree_sizes=.*\n", "", text))
