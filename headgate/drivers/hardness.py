"""How hard a simulated world is: what the raw row finds, what amount and velocity find, what all facts find.

The same learner, split and labels each time, so that the difference is what it was given. A world is hard in the right
way when the first two find little and the third finds much.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.metrics import average_precision_score

from headgate.connectors.dataset import LABEL_DELAY_US, Dataset
from headgate.drivers.evaluation.fold import fold
from headgate.drivers.evaluation.learners import RAW_ROW
from headgate.facts.catalogue import DEFAULT
from headgate.models.model import Model
from headgate.models.split import Split, label_columns, time_split
from headgate.models.training import train

VELOCITY = (
    "amount",
    "payer_sent_count_1h",
    "payer_sent_sum_1h",
    "payer_sent_count_24h",
    "payer_sent_sum_24h",
    "payee_received_count_24h",
    "payee_received_sum_24h",
)
NAMES = tuple(dict.fromkeys((*DEFAULT, *RAW_ROW, *VELOCITY)))


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """The payments of a world with their facts and labels, split by time."""

    facts: pa.Table
    labels: np.ndarray
    clock_us: np.ndarray
    split: Split


class Hardness(msgspec.Struct, frozen=True, kw_only=True):
    """Average precision on the last fifth of the time, by what the learner was given; and what is there."""

    payments: int
    prevalence: float
    test_frauds: int
    ap_raw: float
    ap_velocity: float
    ap_all: float


def rows_of(dataset: Dataset, tick: Callable[[int], None] = lambda entries: None) -> Rows:
    """Return the facts and labels of a world by one causal pass."""
    facts = fold(dataset, NAMES, time_zone="UTC", reference=False, tick=tick)
    payments = dataset.journal.filter(pc.equal(dataset.journal.column("kind"), "payment"))
    clock_us = payments.column("clock_us").to_numpy()
    ids = payments.column("tx_id").to_pylist()
    labels, known_at = label_columns(ids, clock_us, dataset.labels, dataset.known_at_us, LABEL_DELAY_US)
    return Rows(facts=facts, labels=labels, clock_us=clock_us, split=time_split(clock_us, known_at))


def hardness(rows: Rows) -> Hardness:
    """Return the figures of one world."""
    positive = rows.labels == 1
    return Hardness(
        payments=len(rows.labels),
        prevalence=float(positive.mean()),
        test_frauds=int(positive[rows.split.valid_stop :].sum()),
        ap_raw=carried(learnt(rows, RAW_ROW), rows),
        ap_velocity=carried(learnt(rows, VELOCITY), rows),
        ap_all=carried(learnt(rows, DEFAULT), rows),
    )


def learnt(rows: Rows, names: tuple[str, ...]) -> Model:
    """Return a model of the first 60% of the time, stopped by the next 20%."""
    return train(rows.facts, rows.labels, rows.clock_us, rows.split, names=names)


def carried(model: Model, rows: Rows) -> float:
    """Return the average precision of a model on the last fifth of a world, its own or another."""
    start = rows.split.valid_stop
    margins = model.margin(rows.facts.slice(start))
    return float(average_precision_score(rows.labels[start:] == 1, margins))
