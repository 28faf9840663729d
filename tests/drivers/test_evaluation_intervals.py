"""The bootstrap draws whole days and whole schemes, and its intervals cover what they should."""

from __future__ import annotations

import numpy as np

from headgate.drivers.evaluation.intervals import clusters, intervals, resamples
from headgate.limits import US_PER_DAY, US_PER_HOUR


def thirty_days():
    clock = np.arange(300, dtype=np.int64) * US_PER_DAY // 10
    scheme = np.full(300, -1, dtype=np.int64)
    scheme[[5, 105, 205]] = 0
    scheme[[50, 51]] = 1
    return clusters(clock, scheme)


def test_payments_of_a_day_or_of_a_scheme_are_drawn_together():
    of = thirty_days()
    for drawn in resamples(of, seed=1, count=20):
        for block in range(of.blocks):
            rows = (of.block == block) & (of.scheme < 0)
            assert len(set(drawn.payments[rows].tolist())) == 1
        for scheme in range(of.schemes):
            assert set(drawn.payments[of.scheme == scheme].tolist()) == {drawn.schemes[scheme]}
        assert drawn.schemes.sum() == 2


def test_the_same_seed_gives_the_same_resamples_and_another_gives_others():
    of = thirty_days()
    first = [drawn.payments.tolist() for drawn in resamples(of, seed=3, count=3)]
    assert first == [drawn.payments.tolist() for drawn in resamples(of, seed=3, count=3)]
    assert first != [drawn.payments.tolist() for drawn in resamples(of, seed=4, count=3)]


def test_a_short_test_period_is_cut_into_equal_spans_instead_of_days():
    clock = np.arange(500, dtype=np.int64) * US_PER_HOUR // 25
    of = clusters(clock, np.full(500, -1, dtype=np.int64))
    assert (of.blocks, of.block_name) == (20, "twentieth of the test period")
    assert np.bincount(of.block).tolist() == [25] * 20


def test_the_interval_of_a_mean_covers_the_truth_about_as_often_as_promised():
    random = np.random.default_rng(0)
    hits = 0
    for trial in range(100):
        daily = random.normal(0, 1, 40)
        of = clusters(np.arange(40, dtype=np.int64) * US_PER_DAY, np.full(40, -1, dtype=np.int64))
        means = {"mean": lambda drawn, daily=daily: float(np.average(daily, weights=drawn.payments))}
        interval = intervals(of, means, seed=trial)["mean"]
        assert interval is not None
        hits += interval[0] <= 0 <= interval[1]
    assert 84 <= hits <= 100


def test_clustering_widens_the_interval_of_what_comes_in_schemes():
    clock = np.sort(np.random.default_rng(1).integers(0, 60 * US_PER_DAY, 2000)).astype(np.int64)
    value = np.zeros(2000)
    value[:400] = np.repeat(np.random.default_rng(2).normal(0, 1, 4), 100)
    together = np.full(2000, -1, dtype=np.int64)
    together[:400] = np.repeat(np.arange(4), 100)
    alone = np.full(2000, -1, dtype=np.int64)
    alone[:400] = np.arange(400)

    def width(scheme):
        found = intervals(clusters(clock, scheme), {"m": lambda d: float((value * d.payments)[:400].sum())}, seed=5)[
            "m"
        ]
        assert found is not None
        return found[1] - found[0]

    assert width(together) > 3 * width(alone)


def test_a_statistic_that_is_mostly_undefined_has_no_interval():
    assert intervals(thirty_days(), {"nothing": lambda drawn: None}, seed=1) == {"nothing": None}
