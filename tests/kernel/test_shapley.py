"""What each fact adds to a margin: the values of LightGBM's pred_contrib, whatever the trees and the row are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.errors import ModelError
from headgate.kernel import _kernel as kernel
from headgate.models.margin import Trees
from tests.kernel.forests import FACTS, NAMES, booster_of, forest, odd_rows, with_missing_the_other_way

Floats = npt.NDArray[np.float64]


def contributions(trees: kernel.Trees, rows: Floats) -> Floats:
    names = [f"fact_{place}" for place in range(rows.shape[1])]
    held, found = kernel.Row(names, [None] * len(names)), []
    for row in rows.tolist():
        held.fill(dict(zip(names, row, strict=True)))
        found.append(trees.contributions(held))
    return np.array(found)


def assert_same(booster: lgb.Booster, rows: Floats, text: str = "") -> None:
    expected = booster.predict(rows, pred_contrib=True, num_threads=1)
    trees = Trees(text or booster.model_to_string())
    found = contributions(trees.held, rows)
    scale = np.abs(expected[:, :-1]).max()
    assert scale > 0.01
    np.testing.assert_allclose(found, expected[:, :-1], rtol=1e-9, atol=1e-12 * scale)
    table = pa.table({f"fact_{place}": column for place, column in enumerate(rows.T)})
    np.testing.assert_allclose(found.sum(1) + expected[:, -1], trees.margins(table), rtol=1e-9, atol=1e-12 * scale)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"min_data_in_leaf": 1, "num_leaves": 60, "max_bin": 16},
        {"max_cat_to_onehot": 70, "lambda_l2": 3.0},
        {"monotone_constraints": [0, 0, 1, 0, -1, 0], "feature_fraction": 0.5},
        {"bagging_fraction": 0.6, "bagging_freq": 1},
        {"use_missing": False},
        {"num_leaves": 2},
    ],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_values_of_lightgbm(more: dict[str, object], seed: int) -> None:
    assert_same(forest(seed, **more), odd_rows(seed)[::3])


def test_missing_values_that_go_the_other_way() -> None:
    text = with_missing_the_other_way(forest(6).model_to_string())
    assert_same(booster_of(text), odd_rows(6), text)


@settings(max_examples=12)
@given(
    seed=st.integers(10, 10_000),
    leaves=st.integers(2, 80),
    least=st.integers(1, 30),
    sets=st.sampled_from([{}, {"max_cat_to_onehot": 70}, {"cat_smooth": 1.0, "min_data_per_group": 5}]),
    missing=st.booleans(),
)
def test_the_values_of_lightgbm_for_any_forest(
    seed: int, leaves: int, least: int, sets: dict[str, object], missing: bool
) -> None:
    booster = forest(seed, num_leaves=leaves, min_data_in_leaf=least, use_missing=missing, **sets)
    assert_same(booster, odd_rows(seed)[::9])


def chains(facts: int, trees: int = 6) -> tuple[lgb.Booster, Floats]:
    """Trees that are chains: what they learn is which fact is the first that is high."""
    random = np.random.default_rng(facts)
    rows = random.normal(size=(4000, facts))
    high = rows > 1.2
    first = np.where(high.any(1), high.argmax(1), facts)
    data = lgb.Dataset(rows, first.astype(float) ** 1.5)
    return lgb.train({"num_leaves": 45, "min_data_in_leaf": 5, "verbosity": -1, "num_threads": 1}, data, trees), rows


@pytest.mark.parametrize("facts", [3, 9, 16, 17])
def test_paths_of_many_facts(facts: int) -> None:
    booster, rows = chains(facts)
    assert longest_path(booster) == facts
    assert_same(booster, rows[:100])


def test_paths_so_long_that_lightgbm_loses_digits() -> None:
    booster, rows = chains(40, trees=2)
    assert longest_path(booster) > 32
    trees, shown = kernel.Trees(booster.model_to_string()), rows[:2]
    expected = np.array([exactly(booster, row) for row in shown.tolist()])
    np.testing.assert_allclose(contributions(trees, shown), expected, rtol=1e-11, atol=1e-13 * np.abs(expected).max())
    assert np.abs(booster.predict(shown, pred_contrib=True)[:, :-1] - expected).max() > 1e-10


def exactly(booster: lgb.Booster, row: list[float]) -> list[float]:
    """The definition, leaf by leaf, in fractions: trees that split numbers only."""
    added = [Fraction(0)] * len(row)

    def visit(node: dict[str, Any], path: dict[int, tuple[bool, Fraction]]) -> None:
        if "split_feature" not in node:
            for fact, value in of_leaf(Fraction(node["leaf_value"]), path):
                added[fact] += value
            return
        fact, goes_left = node["split_feature"], row[node["split_feature"]] <= node["threshold"]
        goes, share = path.get(fact, (True, Fraction(1)))
        for side, taken in (("left_child", goes_left), ("right_child", not goes_left)):
            part = Fraction(rows_in(node[side]), rows_in(node))
            visit(node[side], path | {fact: (goes and taken, share * part)})

    for tree in booster.dump_model()["tree_info"]:
        visit(tree["tree_structure"], {})
    return [float(value) for value in added]


def rows_in(node: dict[str, Any]) -> int:
    return int(node["internal_count"] if "split_feature" in node else node["leaf_count"])


def of_leaf(value: Fraction, path: dict[int, tuple[bool, Fraction]]) -> Iterator[tuple[int, Fraction]]:
    """What a leaf adds for each fact: the integral of prod(share + (goes - share) * t) over its other facts."""
    product = [Fraction(1)]
    for goes, share in path.values():
        grown = [share * term for term in product] + [Fraction(0)]
        product = [term + (goes - share) * before for term, before in zip(grown, [Fraction(0), *product], strict=True)]
    for fact, (goes, share) in path.items():
        others, carried = [], Fraction(0)
        for term in product[:-1]:  # the product without the fact
            carried = (term - (goes - share) * carried) / share
            others.append(carried)
        yield fact, value * (goes - share) * sum(term / (power + 1) for power, term in enumerate(others))


def longest_path(booster: lgb.Booster) -> int:
    """The most facts that one path reads."""

    def longest(node: dict[str, Any], facts: frozenset[int]) -> int:
        if "split_feature" not in node:
            return len(facts)
        return max(longest(node[side], facts | {node["split_feature"]}) for side in ("left_child", "right_child"))

    return max(longest(tree["tree_structure"], frozenset()) for tree in booster.dump_model()["tree_info"])


def test_trees_of_one_leaf_add_nothing() -> None:
    text = forest(5, min_data_in_leaf=1000).model_to_string()
    assert "num_leaves=1\n" in text
    assert not contributions(kernel.Trees(text), odd_rows(5)[:20]).any()


def test_a_row_has_the_same_bits_whatever_was_asked_before() -> None:
    trees, rows = kernel.Trees(forest(7).model_to_string()), odd_rows(7)[:200]
    once = contributions(trees, rows)
    assert contributions(trees, rows[::-1])[::-1].tobytes() == once.tobytes()
    assert contributions(trees, rows[50:51]).tobytes() == once[50:51].tobytes()


def test_rows_of_another_width_are_refused() -> None:
    trees = kernel.Trees(forest(1).model_to_string())
    with pytest.raises(ValueError, match="another number of facts"):
        trees.contributions(kernel.Row(NAMES[1:], [None] * (FACTS - 1)))


@pytest.mark.parametrize("put", ["0", "-3", "nan", "1e30"])
def test_a_leaf_of_no_rows_is_refused(put: str) -> None:
    text = re.sub(r"leaf_count=\d+", f"leaf_count={put}", forest(1).model_to_string(), count=1)
    with pytest.raises(ModelError, match=r"line \d+: a leaf that no row of training reached"):
        Trees(text)
