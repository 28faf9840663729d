"""`headgate scenarios` and `headgate charter` as a person and a machine call them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from headgate.cli import root
from headgate.errors import NotFoundError
from headgate.scenarios.loader import packaged


def headgate(*line: str) -> Result:
    return CliRunner().invoke(root, line, catch_exceptions=False, standalone_mode=False)


def test_the_list_is_the_library() -> None:
    assert "mule-pass-through" in headgate("scenarios").output
    listed = json.loads(headgate("scenarios", "list", "--json").output)
    assert json.loads(headgate("scenarios", "--json").output) == listed
    assert {each["id"] for each in listed} == {source.where.removesuffix(".toml") for source in packaged()}


def test_show_prints_one_for_people_and_for_machines() -> None:
    shown = headgate("scenarios", "show", "scatter-gather").output
    assert "scatter_gather_72h >= :ways" in shown
    assert "FATF (2018): Professional Money Laundering" in shown
    assert json.loads(headgate("scenarios", "show", "scatter-gather", "--json").output)["sql"].startswith("coalesce(")


def test_the_file_of_a_scenario_can_be_printed_to_start_from(tmp_path: Path) -> None:
    text = headgate("scenarios", "show", "scatter-gather", "--toml").output
    assert text in {source.text for source in packaged()}
    (tmp_path / "mine.toml").write_text(text.replace('id = "scatter-gather"', 'id = "mine"'), encoding="utf-8")
    assert 'id = "mine"' in headgate("scenarios", "show", "mine", "--toml", "--folder", str(tmp_path)).output


def test_an_unknown_scenario_suggests_the_nearest() -> None:
    with pytest.raises(NotFoundError, match="Did you mean 'scatter-gather'"):
        headgate("scenarios", "show", "scatter-gathr")


def test_check_answers_no_where_something_is_wrong(tmp_path: Path) -> None:
    assert headgate("scenarios", "check").return_value == 0
    (tmp_path / "mine.toml").write_text("id = 1", encoding="utf-8")
    checked = headgate("scenarios", "check", str(tmp_path), "--json")
    assert checked.return_value == 1
    assert "cannot be read" in json.loads(checked.output)["findings"][0]["sentence"]
    assert "mine.toml" in headgate("scenarios", "check", str(tmp_path)).output


def test_the_charter_says_why_a_field_does_not_enter() -> None:
    checked = headgate("charter", "check", "amount", "owner_gender", "colour", "--json")
    assert checked.return_value == 1
    assert [row["standing"] for row in json.loads(checked.output)] == ["allowed", "refused", "unlisted"]
    assert headgate("charter", "check", "label", "--table", "labels").return_value == 0
    assert "gender" in headgate("charter", "check", "owner_gender").output


def test_the_charter_is_shown_whole() -> None:
    assert "location trail" in headgate("charter").output
    shown = json.loads(headgate("charter", "show", "--json").output)
    assert {"purposes", "allowed", "refusals", "content_hash"} == set(shown)
    assert json.loads(headgate("charter", "--json").output) == shown
    assert headgate("charter", "show", "--toml").output.startswith("# The charter")
