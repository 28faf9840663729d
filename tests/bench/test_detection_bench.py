"""The page of measured detection says what was measured, with intervals, and what did not work."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from drivers.test_report_evaluation import synthetic, the_long_part

from bench import detection
from headgate.drivers.evaluation.gfp import Gfp


@pytest.fixture(scope="module")
def figures():
    gfp = Gfp(ap=0.42, ap_interval=(0.4, 0.5), ap_above=0.01, ap_above_interval=(-0.05, 0.1), features=9, version="1")
    result = msgspec.structs.replace(synthetic(rows=3000), gfp=gfp, full=the_long_part())
    refused = {"why_not": "The dataset has no labels. Add some."}
    told = {"drawn": detection._figures(result), "empty": refused}
    return {"datasets": told, "command": detection._command(Path("somewhere")), "simulated": False}, result


def test_the_page_has_each_learner_with_its_interval_and_the_command_that_made_it(figures):
    told, result = figures
    page = detection.page(told)
    assert "`make bench-detection SNAPML=1 DOCS=1 DATA=folder-of-dataset-folders`" in page
    assert "somewhere" not in page
    low, high = result.about["ap"].interval
    assert f"**{result.ap:.3f} ({low:.2f} to {high:.2f})**" in page
    assert "0.420 (0.40 to 0.50)" in page
    assert "| flow | 0.123 (0.10 to 0.20) |" in page
    assert "700 later labels shuffled; 138 facts and the model kept every bit" in page


def test_the_page_says_what_did_not_work(figures):
    page = detection.page(figures[0])
    assert "- `empty` was not measured. The dataset has no labels. Add some." in page
    assert "being ahead of IBM's graph features is not certain (-0.05 to 0.10)" in page
    assert "Too late." in page


def test_without_the_long_part_the_page_says_that_it_is_missing_and_ranks_each_kind_apart(figures):
    told, result = figures
    short = {"drawn": detection._figures(msgspec.structs.replace(result, full=None))}
    page = detection.page({**told, "datasets": short})
    assert "The long part was not measured here" in page
    assert "## What each family" not in page
    kind = result.recall_by_pattern[0]
    assert f"| drawn | {kind.pattern_type} | {kind.payments:,} | {kind.ap:.3f} | {kind.recall:.0%} |" in page


def test_one_dataset_folder_and_a_folder_of_them_are_both_taken(tmp_path):
    for name in ("b", "a", "notes"):
        (tmp_path / name).mkdir()
    for name in ("a", "b"):
        (tmp_path / name / "transactions.parquet").write_bytes(b"")
    assert detection._folders(tmp_path, tmp_path) == [tmp_path / "a", tmp_path / "b"]
    assert detection._folders(tmp_path / "a", tmp_path) == [tmp_path / "a"]
