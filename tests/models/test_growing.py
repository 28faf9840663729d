"""Of many fine payments a part teaches, with the weight of all."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from headgate.models.document import Settings
from headgate.models.growing import kept


def test_few_fine_payments_all_teach_and_weigh_one() -> None:
    labels = np.array([0.0, 1, 0, 0, 1])
    rows, weights = kept(labels, Settings())
    assert rows.tolist() == [0, 1, 2, 3, 4]
    assert weights is None


def test_of_many_fine_payments_each_nth_teaches_with_the_weight_of_n_and_every_fraud_does() -> None:
    labels = (np.arange(1000) % 100 == 7).astype(float)
    rows, weights = kept(labels, Settings(fine_enough=200, fine_per_fraud=5))
    assert (np.diff(rows) > 0).all()
    assert labels[rows].sum() == labels.sum() == 10
    assert weights is not None
    assert set(weights[labels[rows] == 1]) == {1.0}
    assert weights[labels[rows] == 0].sum() == pytest.approx(990, abs=4)


def test_margins_stay_log_odds_of_all_payments_where_a_part_teaches(history) -> None:
    quick = Settings(learning_rate=0.2, leaves=7, most_rounds=40, patience=10, least_rows_in_leaf=5, grown_again=False)
    whole = history.train(settings=quick)
    part = history.train(settings=msgspec.structs.replace(quick, fine_enough=400, fine_per_fraud=1))
    means = [1 / (1 + np.exp(-model.margin(history.facts))) for model in (whole, part)]
    assert means[1].mean() == pytest.approx(means[0].mean(), rel=0.35)
    assert part.content_hash != whole.content_hash
