"""The first stage of a model, out of fold: scores of payments from facts alone, and what past scores say of the next.

Facts, labels and the split enter; the same facts leave with the past-score columns beside them. A payment of the
training period is scored by a model that was trained on earlier periods with the labels known by then, and never by
one that has seen its own label; later payments by a model of the whole training period.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headgate.errors import ModelError
from headgate.facts.past_scores import LOWEST_LOGIT, MOST_SCORE, STEPS_PER_LOGIT, PastScores
from headgate.models.document import Settings
from headgate.models.model import Model
from headgate.models.split import Ints, Labels, Split, history_split

TRAINING_PARTS: Final = 4  # parts of the training period by time; the first one has no score
FIRST_ROUNDS: Final = 100  # trees of a first stage at most: its scores are coarse, and each payment pays for them
FINE_KEPT: Final = 4  # of many payments known to be fine, the first stage learns from each of so many
FINE_ENOUGH: Final = 20_000  # fine payments that are all kept where there are no more

Scores = npt.NDArray[np.int64]  # -1 where nothing could judge the payment
Teach = Callable[[pa.Table, Labels, Ints, Split], Model]  # facts, labels, clocks and split of the same rows


class Journal(NamedTuple):
    """The payments (n,) in the order of the journal: when, and between which accounts."""

    clock_us: Ints
    payers: Sequence[str]
    payees: Sequence[str]


class FirstStage(NamedTuple):
    """A first stage, the scores (n,) of all payments, and the facts with the columns of past scores beside them."""

    model: Model
    scores: Scores
    facts: pa.Table


def score_of(margins: npt.NDArray[np.float64]) -> Scores:
    """Return margins (n,) in log-odds as whole scores from 0 to `MOST_SCORE`, fifty to a unit, rounded half-even."""
    steps = np.rint((margins - LOWEST_LOGIT) * STEPS_PER_LOGIT)
    return np.clip(steps, 0, MOST_SCORE).astype(np.int64)


def first_stage(
    facts: pa.Table, labels: Labels, known_at_us: Ints, split: Split, journal: Journal, teach: Teach
) -> FirstStage:
    """Return the first stage that `teach` trains on the first period of `split`, and what follows from it.

    labels and known_at_us (n,): what each payment was and when that became known. ModelError as `teach` raises it for
    the training period as a whole; a part of it with too little before it has no scores.
    """
    thin = thinned(labels)
    model = teach(facts, thin, journal.clock_us, split)
    scores = np.full(len(labels), -1, np.int64)
    scores[split.train_stop :] = score_of(model.margin(facts.slice(split.train_stop)))
    for begin, end in _parts(split.train_stop):
        earlier = slice(0, begin)
        until_us = int(journal.clock_us[begin])
        try:
            then = history_split(journal.clock_us[earlier], known_at_us[earlier], until_us)
            judge = teach(facts.slice(0, begin), thin[earlier], journal.clock_us[earlier], then)
        except ModelError:
            continue
        scores[begin:end] = score_of(judge.margin(facts.slice(begin, end - begin)))
    return FirstStage(model, scores, beside(facts, journal, scores))


def beside(facts: pa.Table, journal: Journal, scores: Scores) -> pa.Table:
    """Return the facts with the columns that the second fold makes of the scores."""
    past = PastScores().fold(journal.clock_us.tolist(), journal.payers, journal.payees, scores.tolist())
    for name in past.column_names:
        facts = facts.append_column(past.schema.field(name), past.column(name))
    return facts


def _parts(train_stop: int) -> list[tuple[int, int]]:
    """The parts of the training period after its first."""
    edges = [train_stop * part // TRAINING_PARTS for part in range(TRAINING_PARTS + 1)]
    return list(pairwise(edges[1:]))


def coarse(settings: Settings) -> Settings:
    """Return how a first stage is grown where the second is grown by `settings`.

    It is not grown again: a score of validation comes from a model that has not seen its label.
    """
    return msgspec.structs.replace(
        settings,
        most_rounds=min(settings.most_rounds, FIRST_ROUNDS),
        rounds_without_validation=min(settings.rounds_without_validation, FIRST_ROUNDS),
        grown_again=False,
    )


def thinned(labels: Labels) -> Labels:
    """Return labels (n,) without most of the fine payments, where these are many: they cost time and teach little."""
    fine = np.flatnonzero(labels == 0)
    each = max(1, min(FINE_KEPT, len(fine) // FINE_ENOUGH))
    kept = labels.copy()
    kept[fine[np.arange(len(fine)) % each != 0]] = -1
    return kept
