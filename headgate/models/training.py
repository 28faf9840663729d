"""Training: gradient-boosted trees on facts, split by time, stopped by validation, calibrated apart.

Facts in journal order and the labels known when each period ended enter; a model leaves. The same input gives the
same model, bit for bit. A column that the charter refuses stops it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import lightgbm as lgb
import msgspec
import numpy as np
import pyarrow as pa

from headgate import __version__
from headgate.charter.charter import Charter, load_charter
from headgate.errors import ModelError
from headgate.limits import MIN_TRAINING_FRAUDS, MIN_TRAINING_ROWS, US_PER_DAY
from headgate.models.calibration import Floats, calibrate
from headgate.models.document import Document, Metrics, Provenance, Settings
from headgate.models.encoding import Encoder, learn_columns
from headgate.models.history import ScoreDay, score_days
from headgate.models.margin import THREADS, Trees
from headgate.models.model import Model
from headgate.models.split import Ints, Labels, Split

KEYS = ("seq", "tx_id", "clock_us", "payer", "payee")  # columns that name a payment and are never learnt from
_FAINT = "Too few known frauds in validation to stop by: a fixed number of trees, uncalibrated probabilities."


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where the rows come from, for the card and for the days: nothing of it is learnt."""

    title: str = "unnamed"
    reference_currency: str = "EUR"
    time_zone: str = "UTC"
    label_delay_us: int = 7 * US_PER_DAY


def train(
    facts: pa.Table,
    labels: Labels,
    clock_us: Ints,
    split: Split,
    *,
    names: Sequence[str] | None = None,
    payers: Sequence[str] | None = None,
    payees: Sequence[str] | None = None,
    charter: Charter | None = None,
    settings: Settings | None = None,
    origin: Origin | None = None,
    seed: int = 7,
) -> Model:
    """Train on the first period of `split`, stop and calibrate on the second; the third is not looked at.

    `facts` (n rows, journal order) holds a column for each fact; `names` default to all but the keys. `labels` (n,)
    are 1, 0 or -1, `clock_us` (n,). `payers` and `payees` (n,) only say which alerts of a day would share a case.
    RefusedFieldError for a column that the charter refuses; ModelError for missing columns, one class only, or too
    few known payments.
    """
    chosen = tuple(name for name in facts.column_names if name not in KEYS) if names is None else tuple(names)
    settings, origin = settings or Settings(), origin or Origin()
    (charter or load_charter(None)).require(chosen, "the facts of a model")
    periods = _Periods(facts, labels, split)
    periods.check()
    columns = learn_columns(facts.slice(0, split.train_stop), chosen)
    encoder = Encoder(columns)
    booster = _grow(periods, encoder, settings, seed)
    trees = booster.model_to_string(num_iteration=booster.best_iteration or -1, importance_type="gain")
    span = slice(split.train_stop, split.valid_stop)
    margins = Trees(trees).margins(encoder.table(facts.slice(span.start, span.stop - span.start)))
    valid = periods.valid_labels[span]
    document = Document(
        columns=columns,
        calibration=calibrate(margins, valid),
        rounds=booster.best_iteration or booster.current_iteration(),
        seed=seed,
        settings=settings,
        provenance=periods.provenance(clock_us, origin),
        metrics=_metrics(margins, valid),
        score_days=_seeds(margins, clock_us[span], payers, payees, span, origin.time_zone),
        versions={"headgate": __version__, "lightgbm": version("lightgbm")},
        importance=_importance(booster, chosen),
        warnings=() if periods.can_stop else (_FAINT,),
    )
    return Model(document, trees)


class _Periods:
    """The rows of training and validation with a known label."""

    def __init__(self, facts: pa.Table, labels: Labels, split: Split) -> None:
        assert facts.num_rows == len(labels) == split.rows, "one label and one place for each row"
        self.facts = facts
        self.split = split
        self.train_labels = split.train_labels(labels)
        self.valid_labels = split.valid_labels(labels)

    @property
    def can_stop(self) -> bool:
        """Whether validation holds enough of both classes to stop training by it."""
        return _count(self.valid_labels, 1) >= MIN_TRAINING_FRAUDS and _count(self.valid_labels, 0) > 0

    def check(self) -> None:
        """Raise ModelError unless the training period can teach anything."""
        frauds, fines = _count(self.train_labels, 1), _count(self.train_labels, 0)
        if frauds + fines < MIN_TRAINING_ROWS:
            raise ModelError(
                f"Only {frauds + fines} payments of the training period had a known label when it ended, "
                f"{MIN_TRAINING_ROWS} are needed",
                repair="Give a longer history, more labels, or a shorter --label-delay.",
            )
        if fines == 0 or frauds < MIN_TRAINING_FRAUDS:
            raise ModelError(
                f"The training period has {frauds} known frauds and {fines} payments known to be fine; at least "
                f"{MIN_TRAINING_FRAUDS} frauds and one fine payment are needed",
                repair="Give a longer history or work with scenarios alone until outcomes are known.",
            )

    def known(self, labels: Labels, encoder: Encoder) -> tuple[pa.Table, Floats]:
        """Return the encoded facts and the labels of the rows whose label is known."""
        rows = np.flatnonzero(labels >= 0)
        return encoder.table(self.facts.take(rows)), labels[rows].astype(np.float64)

    def provenance(self, clock_us: Ints, origin: Origin) -> Provenance:
        """Return what the card says about the data."""
        return Provenance(
            title=origin.title,
            reference_currency=origin.reference_currency,
            time_zone=origin.time_zone,
            label_delay_us=origin.label_delay_us,
            train_from_us=int(clock_us[0]),
            train_end_us=self.split.train_end_us,
            valid_end_us=self.split.valid_end_us,
            train_rows=_count(self.train_labels, 1) + _count(self.train_labels, 0),
            train_frauds=_count(self.train_labels, 1),
            train_unknown=self.split.train_stop - int((self.train_labels >= 0).sum()),
            valid_rows=_count(self.valid_labels, 1) + _count(self.valid_labels, 0),
            valid_frauds=_count(self.valid_labels, 1),
        )


def _count(labels: Labels, value: int) -> int:
    return int((labels == value).sum())


def _grow(periods: _Periods, encoder: Encoder, settings: Settings, seed: int) -> lgb.Booster:
    rows, labels = periods.known(periods.train_labels, encoder)
    parameters = _parameters(settings, labels, seed)
    data = lgb.Dataset(rows, labels, categorical_feature=encoder.categorical, params=parameters)
    if not periods.can_stop:
        return lgb.train(parameters, data, settings.rounds_without_validation)
    valid_rows, valid_labels = periods.known(periods.valid_labels, encoder)
    valid = lgb.Dataset(valid_rows, valid_labels, reference=data)
    stop = lgb.early_stopping(settings.patience, verbose=False)
    return lgb.train(parameters, data, settings.most_rounds, valid_sets=[valid], callbacks=[stop])


def _parameters(settings: Settings, labels: Floats, seed: int) -> dict[str, Any]:
    return {
        "objective": "binary",
        "metric": "average_precision",
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": THREADS,
        "seed": seed,
        "verbosity": -1,
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.leaves,
        "min_data_in_leaf": settings.least_rows_in_leaf,
        "feature_fraction": settings.share_of_facts,
        "lambda_l2": settings.leaf_penalty,
        "scale_pos_weight": fraud_weight(settings, labels),
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
    return math.sqrt((len(labels) - frauds) / frauds)


def _importance(booster: lgb.Booster, names: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """The share of the gain of each fact that was used, largest first."""
    gains = booster.feature_importance("gain")
    total = float(gains.sum()) or 1.0
    ranked = sorted(zip(names, gains.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
    return tuple((name, gain / total) for name, gain in ranked if gain > 0)


def _metrics(margins: Floats, labels: Labels) -> Metrics:
    known = labels >= 0
    scores, fraud = margins[known], labels[known] == 1
    if not fraud.any() or fraud.all():
        return Metrics()
    from sklearn.metrics import average_precision_score, roc_auc_score

    top = np.argsort(-scores, kind="stable")[: max(1, round(len(scores) * 0.005))]
    found = int(fraud[top].sum())
    return Metrics(
        average_precision=float(average_precision_score(fraud, scores)),
        roc_auc=float(roc_auc_score(fraud, scores)),
        precision_at_half_percent=found / len(top),
        recall_at_half_percent=found / int(fraud.sum()),
        fraud_share=float(fraud.mean()),
    )


def _seeds(
    margins: Floats,
    clock_us: Ints,
    payers: Sequence[str] | None,
    payees: Sequence[str] | None,
    span: slice,
    time_zone: str,
) -> tuple[ScoreDay, ...]:
    """The score days of validation; without accounts each payment is a case of its own."""
    rows = range(len(clock_us))
    senders = [f"payer {row}" for row in rows] if payers is None else payers[span]
    receivers = [f"payee {row}" for row in rows] if payees is None else payees[span]
    return score_days(margins, clock_us, senders, receivers, time_zone=time_zone)
