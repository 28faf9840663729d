"""Retraining: a model learnt from the journal of a home, put beside the one in force as a candidate in the shadow.

Nothing takes effect here: who promotes a candidate is a person, on evidence. A trial that a person has let take effect
is not disturbed. Whether a model is due follows from the clock of the journal, not of the machine.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from headgate.drivers.home import Home
from headgate.drivers.learning import learn_history
from headgate.drivers.registry import Registry
from headgate.drivers.staging import Staging
from headgate.errors import ConflictError, ModelError
from headgate.limits import US_PER_DAY
from headgate.models.document import Origin
from headgate.models.model import Model
from headgate.settings.training import Training

Tick = Callable[[int], object]


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a home is due to learn: days between the last payment that its newest model knew and the journal's end.

    days is None where there is no model at all.
    """

    days: float | None
    every_days: int

    @property
    def now(self) -> bool:
        """Whether a model is due."""
        return self.days is None or self.days >= self.every_days


class _Known(NamedTuple):
    """By payment: 1 for a fraud and 0 for a fine one, and when that became known."""

    labels: Mapping[str, int]
    at_us: Mapping[str, int]


def due(home: Home) -> Due:
    """Return whether the newest of champion and candidate is older than the settings allow."""
    models = [model for model in (home.rules.model, home.rules.candidate) if model is not None]
    newest = max((model.document.provenance.valid_end_us for model in models), default=None)
    age = None if newest is None else (home.store.last_clock_us() - newest) / US_PER_DAY
    return Due(days=age, every_days=home.installed.training.every_days)


def retrain(home: Home, *, seed: int = 7, tick: Tick = lambda entries: None) -> Model:
    """Learn a model from the journal of a home and make it the candidate, in the shadow.

    A payment of which nothing became known counts as fine once the label delay has passed. Raises ConflictError where
    a candidate has effect on payments already, ModelError where the journal cannot teach.
    """
    _require_no_trial(home)
    training = home.installed.training
    end_us = home.store.last_clock_us() + 1
    journal = _since(home, end_us - training.history_days * US_PER_DAY)
    known = _known(journal, end_us, training)
    root = home.paths.root
    origin = Origin(
        title=f"the journal of {root.resolve().name}",
        reference_currency=home.settings.reference_currency,
        time_zone=home.settings.time_zone,
        label_delay_us=training.label_delay_days * US_PER_DAY,
    )
    model = learn_history(
        journal, known.labels, known.at_us, end_us=end_us, charter=home.charter(), origin=origin, seed=seed, tick=tick
    )
    with tempfile.TemporaryDirectory(dir=root, prefix="retrained.") as aside:
        model.save(Path(aside))
        Staging(root).try_model(Path(aside))
    frauds = model.document.provenance.train_frauds
    Registry(root).note("retrained", model.content_hash, f"learnt from the journal, with {frauds} known frauds; shadow")
    return model


def _require_no_trial(home: Home) -> None:
    stage = home.rules.rollout.candidate.stage
    if home.rules.candidate is not None and stage != "shadow":
        raise ConflictError(
            f"A candidate has effect on payments already (stage {stage!r}); retraining would end its trial",
            where=str(home.paths.candidate),
            repair="Promote it, drop it, or set it back: `headgate models stage shadow`.",
        )


def _since(home: Home, from_us: int) -> pa.Table:
    """The journal with its payments since a clock, and all that is known of accounts, lists and rates before it."""
    kept = []
    for block in home.blocks():
        recent = pc.greater_equal(block.column("clock_us"), from_us)
        standing = pc.is_in(block.column("kind"), value_set=pa.array(["account", "rates", "list"]))
        kept.append(block.filter(pc.or_(recent, standing)))
    if not sum(len(block) for block in kept):
        raise ModelError(
            "The journal of this home is empty",
            where=str(home.paths.root),
            repair="Retrain when payments and outcomes have come.",
        )
    return pa.Table.from_batches(kept)


def _known(journal: pa.Table, end_us: int, training: Training) -> _Known:
    """What became known: of the outcomes of a payment the latest, a recall and what was superseded left out."""
    labels: dict[str, int] = {}
    at_us: dict[str, int] = {}
    outcomes = journal.filter(pc.equal(journal.column("kind"), "outcome"))
    gone = set(outcomes.column("supersedes").to_pylist())
    names = ("outcome_id", "tx_id", "outcome", "clock_us")
    for outcome_id, tx_id, outcome, clock_us in zip(
        *(outcomes.column(name).to_pylist() for name in names), strict=True
    ):
        if outcome_id not in gone and outcome != "recall":
            labels[tx_id], at_us[tx_id] = int(outcome == "fraud"), clock_us
    payments = journal.filter(pc.equal(journal.column("kind"), "payment"))
    delay_us = training.label_delay_days * US_PER_DAY
    for tx_id, clock_us in zip(*(payments.column(name).to_pylist() for name in ("tx_id", "clock_us")), strict=True):
        if tx_id not in labels and clock_us + delay_us < end_us:
            labels[tx_id], at_us[tx_id] = 0, clock_us + delay_us
    return _Known(labels, at_us)
