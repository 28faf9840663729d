"""The first stage scores the past without seeing its labels, and its scores stand beside the facts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from headgate.errors import ModelError
from headgate.facts.past_scores import MOST_SCORE, NAMES, PastScores
from headgate.models.document import Settings
from headgate.models.model import Model
from headgate.models.past import TRAINING_PARTS, FirstStage, Journal, first_stage, score_of
from headgate.models.training import train

FACTS = ("payee_received_distinct_24h", "payee_received_distinct_7d", "payer_amount_ratio_28d", "channel")
QUICK = Settings(learning_rate=0.2, leaves=7, most_rounds=30, patience=10, least_rows_in_leaf=5)


def teach(facts, labels, clock_us, split) -> Model:
    return train(facts, labels, clock_us, split, names=FACTS, settings=QUICK)


def staged(history, labels=None) -> FirstStage:
    labels = history.labels if labels is None else labels
    journal = Journal(history.clock_us, history.payers, history.payees)
    return first_stage(history.facts, labels, history.known_at_us, history.split(), journal, teach)


@pytest.fixture(scope="module")
def stage(history) -> FirstStage:
    return staged(history)


def test_a_score_is_a_whole_number_that_grows_with_the_margin_and_has_ends() -> None:
    assert score_of(np.array([-99.0, -12.0, 0.0, 0.01, 0.02, 99.0])).tolist() == [0, 0, 600, 600, 601, MOST_SCORE]


def test_the_first_part_of_training_has_no_score_and_everything_later_has_one(history, stage: FirstStage) -> None:
    first = history.split().train_stop // TRAINING_PARTS
    assert (stage.scores[:first] == -1).all()
    assert (stage.scores[first:] >= 0).all()


def test_the_columns_are_what_the_fold_says_of_the_scores(history, stage: FirstStage) -> None:
    past = PastScores().fold(history.clock_us.tolist(), history.payers, history.payees, stage.scores.tolist())
    assert stage.facts.select(NAMES).equals(past)
    assert stage.facts.drop_columns(list(NAMES)).equals(history.facts)
    assert pa.compute.max(past.column("payer_sent_score_max_28d")).as_py() > 0


def test_no_payment_of_training_is_scored_by_what_has_seen_its_label(history, stage: FirstStage) -> None:
    split, turned = history.split(), history.labels.copy()
    part = slice(split.train_stop // TRAINING_PARTS, 2 * split.train_stop // TRAINING_PARTS)
    turned[part] = 1 - turned[part]
    assert (staged(history, turned).scores[part] == stage.scores[part]).all()


def test_labels_after_training_change_no_score(history, stage: FirstStage) -> None:
    turned = history.labels.copy()
    turned[history.split().valid_stop :] = 1 - turned[history.split().valid_stop :]
    assert (staged(history, turned).scores == stage.scores).all()


def test_a_part_with_too_little_before_it_has_no_scores(history) -> None:
    labels, split = history.labels.copy(), history.split()
    labels[: split.train_stop // 2] = 0
    scores = staged(history, labels).scores
    assert (scores[: split.train_stop // 2] == -1).all()
    assert (scores[split.train_stop :] >= 0).all()


def test_a_training_period_without_frauds_says_so(history) -> None:
    with pytest.raises(ModelError):
        staged(history, np.zeros_like(history.labels))
