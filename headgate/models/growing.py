"""Growing the trees: LightGBM with fixed threads and seed, stopped by average precision where there is what to stop by.

Encoded rows with known labels enter, a booster leaves. The number of trees times leaves is bounded by limits.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import lightgbm as lgb
import numpy as np
import pyarrow as pa

from headgate.errors import ModelError, nearest
from headgate.models.calibration import Floats
from headgate.models.document import Settings
from headgate.models.encoding import Encoder, FactColumn
from headgate.models.split import Ints

_THREADS: Final = 2


class Rows(NamedTuple):
    """Encoded facts and the known labels (rows,) of the same payments: 1.0 fraud, 0.0 fine; None: all weigh 1."""

    facts: pa.Table
    labels: Floats
    weights: Floats | None = None


def kept(labels: Floats, settings: Settings) -> tuple[Ints, Floats | None]:
    """Return which of the rows with labels (n,) of 1 and 0 teach, rising, and their weights, None where all do.

    All frauds do. Of many fine payments each n-th: they cost time and tell little that the others do not, and with the
    weight of n the margins stay log odds of all payments.
    """
    fine = np.flatnonzero(labels == 0)
    enough = max(settings.fine_enough, settings.fine_per_fraud * int(labels.sum()))
    each = max(1, len(fine) // enough)
    if each == 1:
        return np.arange(len(labels)), None
    rows = np.sort(np.concatenate([np.flatnonzero(labels == 1), fine[::each]]))
    return rows, np.where(labels[rows] == 1, 1.0, float(each))


def grow(learn: Rows, stop: Rows | None, encoder: Encoder, settings: Settings, seed: int) -> lgb.Booster:
    """Return trees grown on `learn`, stopped where the average precision on `stop` no longer rises.

    Without `stop` their number is fixed. ModelError for settings that cannot be.
    """
    if stop is None:
        rounds = min(settings.rounds_without_validation, settings.rounds_allowed)
        return grow_all(learn, encoder, settings, seed, rounds)
    given, data = _prepared(learn, encoder, settings, seed)
    valid = lgb.Dataset(stop.facts, stop.labels, reference=data)
    stopping = lgb.early_stopping(settings.patience, verbose=False)
    return lgb.train(given, data, settings.rounds_allowed, valid_sets=[valid], callbacks=[stopping])


def grow_all(learn: Rows, encoder: Encoder, settings: Settings, seed: int, rounds: int) -> lgb.Booster:
    """Return `rounds` trees grown on `learn`. ModelError for settings that cannot be."""
    return lgb.train(*_prepared(learn, encoder, settings, seed), rounds)


def _prepared(learn: Rows, encoder: Encoder, settings: Settings, seed: int) -> tuple[dict[str, Any], lgb.Dataset]:
    given = parameters(settings, learn.labels, encoder.columns, seed)
    names = encoder.categorical
    return given, lgb.Dataset(learn.facts, learn.labels, weight=learn.weights, categorical_feature=names, params=given)


def parameters(settings: Settings, labels: Floats, columns: Sequence[FactColumn], seed: int) -> dict[str, Any]:
    """Return what LightGBM is told; ModelError for a fraud weight or a monotone fact that cannot be."""
    return {
        "objective": "binary",
        "metric": "average_precision",
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": _THREADS,
        "seed": seed,
        "verbosity": -1,
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.leaves,
        "min_data_in_leaf": settings.least_rows_in_leaf,
        "feature_fraction": settings.share_of_facts,
        "lambda_l2": settings.leaf_penalty,
        "scale_pos_weight": fraud_weight(settings, labels),
        **_monotone(settings, columns),
    }


def fraud_weight(settings: Settings, labels: Floats) -> float:
    """Return the weight of a fraud against a fine payment for labels (n,) of 1 and 0.

    ModelError for a `fraud_weight` that is neither `none` nor `sqrt`.
    """
    if settings.fraud_weight == "none":
        return 1.0
    if settings.fraud_weight != "sqrt":
        raise ModelError(f"There is no fraud weight {settings.fraud_weight!r}", repair="Use 'none' or 'sqrt'.")
    frauds = float(labels.sum())
    return math.sqrt((len(labels) - frauds) / frauds) if frauds else 1.0


def _monotone(settings: Settings, columns: Sequence[FactColumn]) -> dict[str, Any]:
    """The constraints in the order of the columns; nothing where there are none, so that the trees stay as they are."""
    if not settings.monotone:
        return {}
    kinds = {column.name: column.kind for column in columns}
    for name, sign in settings.monotone.items():
        if name not in kinds:
            raise ModelError(
                f"The monotone fact {name!r} is not among the facts of the model",
                repair=f"{nearest(name, tuple(kinds))}Name one of its facts.",
            )
        if sign not in (1, -1) or kinds[name] == "text":
            raise ModelError(
                f"The fact {name!r} cannot be monotone {sign!r}",
                repair="Use 1 (may only raise the score) or -1 (may only lower it), for a number or true/false.",
            )
    signs = [settings.monotone.get(column.name, 0) for column in columns]
    return {"monotone_constraints": signs, "monotone_constraints_method": "basic"}
