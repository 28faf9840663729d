"""Training: gradient-boosted trees on facts, split by time, stopped by validation, calibrated apart, grown again.

Facts in journal order and the labels known when each period ended enter; a model leaves. Validation stops and
calibrates trees that have not learnt from it; as many, for more rows, are then grown on both periods. The same input
gives the same model, bit for bit. A column that the charter refuses stops it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version
from zoneinfo import ZoneInfo

import lightgbm as lgb
import numpy as np
import pyarrow as pa

from headgate import __version__
from headgate.charter.charter import Charter, load_charter
from headgate.models.calibration import Floats, calibrate
from headgate.models.document import FORMAT, Checked, Document, Origin, Settings
from headgate.models.drift import reference_of
from headgate.models.encoding import Encoder, learn_columns
from headgate.models.folds import time_folds
from headgate.models.growing import Rows, grow, grow_all
from headgate.models.history import ScoreDay, local_days, score_days
from headgate.models.margin import Trees
from headgate.models.measures import average_precision, metrics
from headgate.models.model import Model
from headgate.models.periods import Periods
from headgate.models.reasons import explain
from headgate.models.search import Budget, search
from headgate.models.split import NEVER_US, Ints, Labels, Split

KEYS = ("seq", "tx_id", "clock_us", "payer", "payee")  # columns that name a payment and are never learnt from
CHECKED_PAYMENTS = 40  # highest of validation whose reasons are checked for the card
_FAINT = "Too few known frauds in validation to stop by: a fixed number of trees, rough probabilities."


def _no_time() -> float:
    return 0.0


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
    budget: Budget | None = None,
    now_seconds: Callable[[], float] = _no_time,
) -> Model:
    """Train on the first period of `split`, stop and calibrate on the second, grow again on both.

    The third is not looked at.

    `facts` (n rows, journal order) holds a column for each fact; `names` default to all but the keys. `labels` (n,)
    are 1, 0 or -1, `clock_us` (n,). `payers` and `payees` (n,) only say which alerts of a day would share a case.
    `budget`: search for better settings on time-ordered folds of the training period; `now_seconds` is the clock of a
    budget of time. RefusedFieldError for a column that the charter refuses; ModelError for missing columns, one class
    only, or too few known payments.
    """
    chosen = tuple(name for name in facts.column_names if name not in KEYS) if names is None else tuple(names)
    settings, origin = settings or Settings(), origin or Origin()
    (charter or load_charter(None)).require(chosen, "the facts of a model")
    periods = Periods(facts, labels, clock_us, split)
    periods.check()
    columns = learn_columns(facts.slice(0, split.train_stop), chosen)
    encoder = Encoder(columns)
    record = None
    if budget is not None:
        judge = _Judge(periods, encoder, clock_us, budget.folds, seed)
        settings, record = search(settings, budget, seed, judge, now_seconds)
    stop = periods.known(periods.valid_labels, encoder) if periods.can_stop else None
    booster = grow(periods.teaching(periods.train_labels, encoder, settings), stop, encoder, settings, seed)
    rounds = booster.best_iteration or booster.current_iteration()
    trees = _text(booster, rounds)
    span = slice(split.train_stop, split.valid_stop)
    margins = Trees(trees).margins(encoder.table(facts.slice(span.start, span.stop - span.start)))
    valid, days = periods.valid_labels[span], local_days(clock_us[span], ZoneInfo(origin.time_zone))
    if settings.grown_again:
        rounds = periods.rounds_for_both(rounds, settings)
        booster = grow_all(periods.teaching(periods.all_labels, encoder, settings), encoder, settings, seed, rounds)
        trees = _text(booster, rounds)
    late = facts.slice(split.train_stop // 2, split.train_stop - split.train_stop // 2)
    document = Document(
        format=FORMAT,
        columns=columns,
        calibration=calibrate(margins, valid),
        rounds=rounds,
        seed=seed,
        settings=settings,
        provenance=periods.provenance(clock_us, origin, settings),
        metrics=metrics(margins, valid, days, seed),
        score_days=_seeds(margins, clock_us[span], payers, payees, span, origin.time_zone),
        versions={"headgate": __version__, "lightgbm": version("lightgbm")},
        importance=(importance := _importance(booster, chosen)),
        warnings=(*(() if periods.can_stop else (_FAINT,)), *periods.suspicious(importance)),
        reference=reference_of(encoder.matrix(late), margins),
        search=record,
    )
    return _with_checked_reasons(Model(document, trees), facts, margins, span)


def _with_checked_reasons(model: Model, facts: pa.Table, margins: Floats, span: slice) -> Model:
    """The model with how many reasons of the highest payments of validation did not stand the check."""
    top = np.sort(np.argsort(-margins, kind="stable")[:CHECKED_PAYMENTS]) + span.start
    explained = [explain(model, row) for row in facts.take(top).to_pylist()]
    counted = Checked(
        payments=len(explained),
        reasons=sum(each.checked for each in explained),
        failed=sum(each.failed for each in explained),
    )
    return model.with_reasons_checked(counted)


class _Judge:
    """Judges settings by the mean average precision over time-ordered folds of the training period."""

    def __init__(self, periods: Periods, encoder: Encoder, clock_us: Ints, folds: int, seed: int) -> None:
        stop, end_us = periods.split.train_stop, periods.split.train_end_us
        known_at_us = np.where(periods.train_labels[:stop] >= 0, periods.split.known_at_us[:stop], NEVER_US)
        self._folds = [
            tuple(periods.rows(rows[periods.train_labels[rows] >= 0], periods.train_labels, encoder) for rows in fold)
            for fold in time_folds(clock_us[:stop], known_at_us, folds, end_us=end_us)
        ]
        self._encoder, self._seed = encoder, seed

    def __call__(self, settings: Settings) -> float:
        return float(np.mean([self._one(learn, judged, settings) for learn, judged in self._folds]))

    def _one(self, learn: Rows, judged: Rows, settings: Settings) -> float:
        if not 0 < learn.labels.sum() < len(learn.labels) or not judged.labels.sum():
            return 0.0
        booster = grow(learn, judged, self._encoder, settings, self._seed)
        text = booster.model_to_string(num_iteration=booster.best_iteration)
        return average_precision(Trees(text).margins(judged.facts), judged.labels == 1)


def _text(booster: lgb.Booster, rounds: int) -> str:
    text: str = booster.model_to_string(num_iteration=rounds, importance_type="gain")
    return text


def _importance(booster: lgb.Booster, names: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """The share of the gain of each fact that was used, largest first."""
    gains = booster.feature_importance("gain")
    total = float(gains.sum()) or 1.0
    ranked = sorted(zip(names, gains.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
    return tuple((name, gain / total) for name, gain in ranked if gain > 0)


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
