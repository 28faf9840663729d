"""What a model folder says about its trees: facts, calibration, where it was learnt, how it measured.

Pure values with a canonical form, so that equal training gives an equal hash. No clock of the machine enters.
"""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from headgate.models.calibration import Calibration
from headgate.models.encoding import FactColumn
from headgate.models.history import ScoreDay

FORMAT: Final = 1


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the trees are grown. Any change alters the hash of the model.

    `fraud_weight`: `none` leaves the classes as they are; `sqrt` weighs a fraud by the square root of the ratio of
    fine payments to frauds. `patience`: rounds without a better average precision on validation before it stops.
    """

    learning_rate: float = 0.03
    leaves: int = 31
    least_rows_in_leaf: int = 20
    share_of_facts: float = 0.5
    leaf_penalty: float = 5.0
    most_rounds: int = 1500
    patience: int = 150
    rounds_without_validation: int = 200
    fraud_weight: str = "none"


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """The data behind a model: a title without personal data, the periods, the counts of known labels.

    Clocks are microseconds UTC. `label_delay_us` is the delay assumed where the data had no date of its own.
    """

    title: str
    reference_currency: str
    time_zone: str
    label_delay_us: int
    train_from_us: int
    train_end_us: int
    valid_end_us: int
    train_rows: int
    train_frauds: int
    train_unknown: int
    valid_rows: int
    valid_frauds: int


class Metrics(msgspec.Struct, frozen=True, kw_only=True):
    """How the model ranks the known payments of the validation period, which also stopped its training.

    So these figures flatter; `headgate evaluate` measures on later payments. None where a class is absent.
    """

    average_precision: float | None = None
    roc_auc: float | None = None
    precision_at_half_percent: float | None = None
    recall_at_half_percent: float | None = None
    fraud_share: float | None = None


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of a model but its trees."""

    columns: tuple[FactColumn, ...]
    calibration: Calibration
    rounds: int
    seed: int
    settings: Settings
    provenance: Provenance
    metrics: Metrics
    score_days: tuple[ScoreDay, ...]
    versions: dict[str, str]
    importance: tuple[tuple[str, float], ...]  # share of the gain of each fact used, largest first
    warnings: tuple[str, ...] = ()
    format: int = FORMAT


def canonical(document: Document) -> bytes:
    """Return the document as JSON with sorted keys and the shortest exact floats."""
    return msgspec.json.encode(document, order="sorted")


def content_hash(document: Document, trees: str) -> str:
    """Return the sha256 (hex) that names a model: its document and its trees."""
    digest = hashlib.sha256(canonical(document))
    digest.update(b"\0")
    digest.update(trees.encode())
    return digest.hexdigest()
