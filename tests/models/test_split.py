from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.errors import ModelError
from headgate.models.folds import time_folds
from headgate.models.split import NEVER_US, label_columns, time_split


def test_sixty_twenty_twenty_of_the_payments_in_order_of_time() -> None:
    clock = np.arange(100, dtype=np.int64)
    split = time_split(clock, clock)
    assert (split.train_stop, split.valid_stop, split.rows) == (60, 80, 100)
    assert (split.train_end_us, split.valid_end_us) == (60, 80)


def test_a_label_not_known_when_its_period_ended_is_unknown_in_it() -> None:
    clock = np.arange(100, dtype=np.int64)
    split = time_split(clock, clock + 7)
    labels = np.ones(100, np.int8)
    assert split.train_labels(labels)[:53].tolist() == [1] * 53
    assert set(split.train_labels(labels)[53:].tolist()) == {-1}
    assert np.flatnonzero(split.valid_labels(labels) == 1).tolist() == list(range(60, 73))


def test_a_label_known_at_the_very_clock_of_the_next_period_is_not_used() -> None:
    clock = np.arange(10, dtype=np.int64)
    known = clock.copy()
    known[5] = 6  # the first clock of validation
    assert not time_split(clock, known).train_known[5]


def test_payments_of_one_clock_are_not_divided() -> None:
    clock = np.repeat(np.arange(10), 10).astype(np.int64)
    clock[55:65] = 5
    split = time_split(clock, clock)
    assert clock[split.train_stop - 1] < clock[split.train_stop]


@given(st.lists(st.integers(0, 50), min_size=20, max_size=200), st.integers(0, 30))
def test_nothing_of_a_later_period_is_known_in_an_earlier_one(clocks: list[int], delay: int) -> None:
    clock = np.sort(np.array(clocks, np.int64))
    try:
        split = time_split(clock, clock + delay)
    except ModelError:
        assert len(set(clocks)) < 20
        return
    assert (clock[split.train_known] + delay < split.train_end_us).all()
    assert (clock[split.valid_known] + delay < split.valid_end_us).all()
    assert not (split.train_known & split.valid_known).any()
    assert not split.valid_known[split.valid_stop :].any()


def test_payments_out_of_order_are_refused() -> None:
    with pytest.raises(ModelError, match="Sort them by time"):
        time_split(np.array([3, 1, 2], np.int64), np.array([3, 1, 2], np.int64))


def test_a_history_at_a_single_moment_is_refused() -> None:
    with pytest.raises(ModelError, match="longer history"):
        time_split(np.zeros(50, np.int64), np.zeros(50, np.int64))


def test_a_fine_payment_without_a_date_is_known_after_the_delay_and_such_a_fraud_never() -> None:
    clock = np.array([10, 20, 30, 40], np.int64)
    label, known = label_columns(["a", "b", "c", "d"], clock, {"a": 0, "b": 1, "c": 1}, {"c": 33}, 7)
    assert label.tolist() == [0, 1, 1, -1]
    assert known.tolist() == [17, NEVER_US, 33, NEVER_US]


@given(st.integers(2, 5), st.integers(0, 40))
def test_a_fold_learns_only_what_was_known_before_it_judges(count: int, delay: int) -> None:
    clock = np.arange(400, dtype=np.int64)
    folds = time_folds(clock, clock + delay, count, end_us=400)
    assert len(folds) == count
    for fold in folds:
        began = clock[fold.judge[0]]
        assert (clock[fold.learn] + delay < began).all()
        assert (clock[fold.judge] + delay < 400).all()
    judged = np.concatenate([fold.judge for fold in folds])
    assert len(set(judged.tolist())) == len(judged)


def test_folds_of_a_span_shorter_than_the_purge_say_what_to_do() -> None:
    clock = np.arange(100, dtype=np.int64)
    with pytest.raises(ModelError, match="--label-delay 0"):
        time_folds(clock, clock + 1000, 3)
    with pytest.raises(ModelError, match="3 folds"):
        time_folds(np.zeros(100, np.int64), clock, 3)
