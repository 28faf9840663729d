"""What a model folder says about its trees: facts, calibration, where it was learnt, how it measured.

Pure values with a canonical form, so that equal training gives an equal hash. No clock of the machine enters.
"""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from headgate.limits import MAX_MODEL_LEAVES, US_PER_DAY
from headgate.models.calibration import Calibration
from headgate.models.drift import Reference
from headgate.models.encoding import FactColumn
from headgate.models.history import ScoreDay

FORMAT: Final = 2


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How the trees are grown. Any change alters the hash of the model.

    `fraud_weight`: `none` leaves the classes as they are; `sqrt` weighs a fraud by the square root of the ratio of
    fine payments to frauds. `patience`: rounds without a better average precision on validation before it stops.
    `most_rounds`: of trees; their number times `leaves` never exceeds `limits.MAX_MODEL_LEAVES`, so that a payment is
    scored in microseconds. `fine_per_fraud`: of more fine payments than so many for each fraud, and than
    `fine_enough`, each n-th teaches, with the weight of n. `monotone`: facts that may only raise (1) or only lower
    (-1) the score. `grown_again`: once validation has said how many trees there are, they are grown on both periods.
    """

    learning_rate: float = 0.08
    leaves: int = 31
    least_rows_in_leaf: int = 20
    share_of_facts: float = 0.5
    leaf_penalty: float = 5.0
    most_rounds: int = 1500
    patience: int = 60
    rounds_without_validation: int = 200
    fraud_weight: str = "none"
    fine_per_fraud: int = 100
    fine_enough: int = 50_000
    monotone: dict[str, int] = {}
    grown_again: bool = True

    @property
    def rounds_allowed(self) -> int:
        """How many trees there may be, by `most_rounds` and by the limit on trees times leaves."""
        return max(1, min(self.most_rounds, MAX_MODEL_LEAVES // self.leaves))


class Trial(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Settings that were tried, and the mean average precision of the folds with them."""

    settings: Settings
    average_precision: float


class SearchRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a search tried, in order, and the place of what it chose. by_time: a time budget ended it, not a count."""

    trials: tuple[Trial, ...]
    chosen: int
    folds: int
    by_time: bool


class Checked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Reasons of the highest payments of validation: how many were checked by turning them back, how many failed."""

    payments: int = 0
    reasons: int = 0
    failed: int = 0


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where the rows come from, for the card and for the days: nothing of it is learnt."""

    title: str = "unnamed"
    reference_currency: str = "EUR"
    time_zone: str = "UTC"
    label_delay_us: int = 7 * US_PER_DAY


class Provenance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The data behind a model: a title without personal data, the periods, the counts of known labels.

    Clocks are microseconds UTC. `label_delay_us` is the delay assumed where the data had no date of its own.
    `both_rows` and `both_frauds`: what the trees were grown on again, with the labels known when validation ended; 0
    where they were not.
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
    both_rows: int = 0
    both_frauds: int = 0


class Metrics(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the model ranks the known payments of the validation period, which also stopped its training.

    So these figures flatter; `headgate evaluate` measures on later payments. They are of the trees that have not yet
    learnt from validation. None where a class is absent.
    """

    average_precision: float | None = None
    average_precision_interval: tuple[float, float] | None = None  # 95%, bootstrap over days
    roc_auc: float | None = None
    precision_at_half_percent: float | None = None
    recall_at_half_percent: float | None = None
    fraud_share: float | None = None


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
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
    reference: Reference = Reference()
    search: SearchRecord | None = None
    reasons: Checked = Checked()
    first: str = ""  # content hash of the first stage, where there is one
    format: int


def canonical(document: Document) -> bytes:
    """Return the document as JSON with sorted keys and the shortest exact floats."""
    return msgspec.json.encode(document, order="sorted")


def content_hash(document: Document, trees: str) -> str:
    """Return the sha256 (hex) that names a model: its document and its trees."""
    digest = hashlib.sha256(canonical(document))
    digest.update(b"\0")
    digest.update(trees.encode())
    return digest.hexdigest()
