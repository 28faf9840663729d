"""Trees in the kernel give the bits that LightGBM gives, alone and in blocks; damaged text is refused with its line."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.errors import ModelError
from headgate.kernel import _kernel as kernel
from headgate.models.encoding import Encoder, FactColumn
from headgate.models.margin import Trees
from tests.kernel.forests import (
    FACTS,
    NAMES,
    booster_of,
    forest,
    odd_rows,
    rows_of,
    table_of,
    with_missing_the_other_way,
)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"min_data_in_leaf": 1, "num_leaves": 60, "max_bin": 16},
        {"min_data_in_leaf": 1, "num_leaves": 32},
        {"min_data_in_leaf": 1, "num_leaves": 33},
        {"min_data_in_leaf": 1, "num_leaves": 300},
        {"num_leaves": 2},
        {"max_cat_to_onehot": 70, "lambda_l2": 3.0},
        {"monotone_constraints": [0, 0, 1, 0, -1, 0], "feature_fraction": 0.5},
        {"use_missing": False},
    ],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_bits_of_lightgbm(more: dict[str, object], seed: int) -> None:
    booster = forest(seed, **more)
    rows = odd_rows(seed)
    expected = booster.predict(rows, raw_score=True, num_threads=1)
    trees = Trees(booster.model_to_string())
    assert trees.facts == FACTS
    assert trees.margins(table_of(rows)).tobytes() == expected.tobytes()
    encoder = Encoder(tuple(FactColumn(name=name, kind="number") for name in NAMES))
    alone = trees.single(encoder.held)
    for row, margin in zip(rows.tolist(), expected.tolist(), strict=True):
        encoder.fill(dict(zip(NAMES, row, strict=True)))
        assert alone() == margin


def test_null_is_missing_as_nan_is() -> None:
    trees, rows = Trees(forest(3).model_to_string()), rows_of(4, 50)
    nulls = pa.table({name: pa.array(rows[:, place], from_pandas=True) for place, name in enumerate(NAMES)})
    assert nulls.column(0).null_count
    assert trees.margins(nulls).tobytes() == trees.margins(table_of(rows)).tobytes()


def test_trees_of_one_leaf_and_no_trees() -> None:
    rows = rows_of(5, 40)
    booster = forest(5, min_data_in_leaf=1000)
    assert "num_leaves=1\n" in booster.model_to_string()
    assert (
        Trees(booster.model_to_string()).margins(table_of(rows)).tolist()
        == booster.predict(rows, raw_score=True).tolist()
    )
    none = re.sub(r"tree_sizes=.*\n", "tree_sizes=\n", booster.model_to_string())
    none = none[: none.index("Tree=0")] + none[none.index("end of trees") :]
    assert Trees(none).margins(table_of(rows)).tolist() == [0.0] * 40
    assert Trees(none).margins(table_of(rows).slice(0, 0)).tolist() == []


TEXT = forest(6).model_to_string()
LAST = TEXT.index("end of trees")


def test_missing_values_go_the_other_way_where_the_text_says_so() -> None:
    text, rows = with_missing_the_other_way(TEXT), odd_rows(6)
    assert {"0", "8", "10"} <= set(" ".join(re.findall(r"decision_type=(.*)", text)).split())
    expected = booster_of(text).predict(rows, raw_score=True, num_threads=1)
    assert Trees(text).margins(table_of(rows)).tobytes() == expected.tobytes()
    assert Trees(TEXT).margins(table_of(rows)).tobytes() != expected.tobytes()


@pytest.mark.parametrize(
    ("pattern", "put", "says"),
    [
        (r"^tree\n", "table\n", "line 1: this is no text of LightGBM"),
        (r"version=v4", "version=v3", r"line 2: only version v4"),
        (r"num_class=1", "num_class=3", "'num_class' is 3"),
        (r"max_feature_idx=5", "max_feature_idx=70000", "'max_feature_idx' is 70000"),
        (r"max_feature_idx=5", "max_feature_idx=1", "reads a fact that the model does not have"),
        (r"tree_sizes=(\d+) ", "tree_sizes=", "29 trees were promised, there are 30"),
        (r"Tree=3\n", "Tree=4\n", "there should be Tree=3"),
        (r"max_feature_idx=5", "max_feature_idx=32766", "so many splits by sets of codes"),
        (r"num_leaves=12\n", "num_leaves=11\n", "should hold 11 numbers, it holds 12"),
        (r"num_leaves=12\n", "num_leaves=40000\n", "'num_leaves' is 40000"),
        (r"leaf_value=\S+", "leaf_value=much", "'leaf_value' holds no number"),
        (r"leaf_value=\S+", "leaf_value=nan", "a leaf is no finite number"),
        (r"leaf_value=\S+", "leaf_value=-inf", "a leaf is no finite number"),
        (r"threshold=\S+", "threshold=nan", "a threshold is no number"),
        (r"(decision_type=(?:\d+ )*?)2 ", r"\g<1>10 ", "zero to one split and missing to another"),
        (r"left_child=1 ", "left_child=0 ", "'left_child' does not make a tree"),
        (r"right_child=\S+", "right_child=-99", "'right_child' does not make a tree"),
        (r"decision_type=\S+", "decision_type=77", "this kind of split is not read here"),
        (r"decision_type=\S+", "decision_type=6", "this kind of split is not read here"),
        (r"cat_boundaries=0 ", "cat_boundaries=1 ", "'cat_boundaries' should rise from 0"),
        (r"is_linear=0", "is_linear=1", "'is_linear' is 1"),
        (r"leaf_value=", "leaf_worth=", "there is no 'leaf_value'"),
        (r"\nend of trees[\s\S]*", "\n", "the text ends before the end of the trees"),
    ],
)
def test_a_damaged_text_is_refused_with_its_line(pattern: str, put: str, says: str) -> None:
    damaged, changes = re.subn(pattern, put, TEXT, count=1)
    assert changes == 1
    with pytest.raises(ModelError, match=says) as raised:
        Trees(damaged)
    assert "line " in str(raised.value)
    assert "Train the model again" in raised.value.repair


@given(cut=st.integers(0, LAST))
def test_a_text_cut_anywhere_is_refused(cut: int) -> None:
    with pytest.raises(ModelError):
        Trees(TEXT[:cut])


@given(place=st.integers(0, LAST), put=st.characters(min_codepoint=1, max_codepoint=126))
def test_any_other_character_is_refused_or_gives_a_number(place: int, put: str) -> None:
    try:
        trees = Trees(TEXT[:place] + put + TEXT[place + 1 :])
    except ModelError:
        return
    columns = {f"fact_{fact}": [1.0, np.nan] for fact in range(trees.facts)}
    assert len(trees.margins(pa.table(columns))) == 2


def test_rows_of_another_width_are_refused() -> None:
    trees = kernel.Trees(TEXT)
    with pytest.raises(ValueError, match="no whole number of rows"):
        trees.margins(np.zeros(FACTS + 1))
    with pytest.raises(ValueError, match="another number of facts"):
        trees.margin(kernel.Row(NAMES[1:], [None] * (FACTS - 1)))
    with pytest.raises(ValueError, match="a vocabulary or None"):
        kernel.Row(NAMES, [None])
