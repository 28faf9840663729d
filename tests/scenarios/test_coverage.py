"""The library against a risk assessment, and a scenario to start from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from headgate.cli import root
from headgate.errors import FileError, ScenarioError
from headgate.scenarios.coverage import coverage, read_risks, typologies, unasked
from headgate.scenarios.loader import check, files_of, load_library

LIBRARY = load_library()
RISKS = """
[[risks]]
id = "R1"
title = "Mules"
product = "current account"
rails = ["instant", "card"]
level = "high"
typologies = ["mule-out", "lottery"]
"""


def headgate(*line: str) -> Result:
    return CliRunner().invoke(root, line, catch_exceptions=False, standalone_mode=False)


def written(folder: Path, text: str) -> Path:
    (folder / "risks.toml").write_text(text, "utf-8")
    return folder / "risks.toml"


def test_every_packaged_scenario_is_of_a_typology_and_the_typologies_name_no_other() -> None:
    assert {name for names in typologies().values() for name in names} == {scenario.id for scenario in LIBRARY}


def test_a_risk_is_covered_by_rail_and_typology(tmp_path: Path) -> None:
    covered = coverage(read_risks(written(tmp_path, RISKS)), LIBRARY)
    assert [(each.typology, each.rail, each.scenarios) for each in covered] == [
        ("mule-out", "instant", ("mule-pass-through", "rapid-movement")),
        ("mule-out", "card", ()),
        ("lottery", "instant", ()),
        ("lottery", "card", ()),
    ]
    assert "scatter-gather" in unasked(covered, LIBRARY)
    assert "mule-pass-through" not in unasked(covered, LIBRARY)


def test_the_command_says_which_risks_have_no_scenario(tmp_path: Path) -> None:
    path = str(written(tmp_path, RISKS))
    told = headgate("scenarios", "coverage", path)
    assert told.return_value == 1
    assert "No scenario: R1 (high), lottery by card" in told.output
    assert len(json.loads(headgate("scenarios", "coverage", path, "--json").output)["gaps"]) == 3


def test_an_own_scenario_covers_a_risk_that_names_it(tmp_path: Path) -> None:
    headgate("scenarios", "new", "lottery-draws", "--folder", str(tmp_path / "mine"))
    text = RISKS.replace('["instant", "card"]', '["instant"]') + 'scenarios = ["lottery-draws"]\n'
    path = str(written(tmp_path, text))
    with pytest.raises(ScenarioError, match="not in force"):
        headgate("scenarios", "coverage", path)
    assert headgate("scenarios", "coverage", path, "--folder", str(tmp_path / "mine")).return_value == 0


def test_the_packaged_assessment_can_be_started_from(tmp_path: Path) -> None:
    text = headgate("scenarios", "coverage", "--toml").output
    assert read_risks(written(tmp_path, text)) == read_risks()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", ScenarioError),
        ("risks = []", ScenarioError),
        (RISKS.replace("level", "colour"), ScenarioError),
        (RISKS + RISKS, ScenarioError),
    ],
)
def test_a_malformed_assessment_is_refused_in_words(tmp_path: Path, text: str, error: type) -> None:
    with pytest.raises(error) as caught:
        read_risks(written(tmp_path, text))
    assert caught.value.repair


def test_an_assessment_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read"):
        read_risks(tmp_path / "none.toml")


def test_a_new_scenario_is_complete_and_its_examples_run(tmp_path: Path) -> None:
    made = json.loads(headgate("scenarios", "new", "night-cash", "--folder", str(tmp_path), "--json").output)
    assert made == {"id": "night-cash", "file": str(tmp_path / "night-cash.toml")}
    assert check(files_of(tmp_path)) == ()
    assert "night-cash" in {scenario.id for scenario in load_library(tmp_path)}


def test_a_new_scenario_takes_the_place_of_no_other(tmp_path: Path) -> None:
    headgate("scenarios", "new", "night-cash", "--folder", str(tmp_path))
    with pytest.raises(FileError, match="already"):
        headgate("scenarios", "new", "night-cash", "--folder", str(tmp_path))
    with pytest.raises(ScenarioError, match="packaged"):
        headgate("scenarios", "new", "scatter-gather", "--folder", str(tmp_path))
    with pytest.raises(ScenarioError, match="cannot be the id"):
        headgate("scenarios", "new", "Night Cash", "--folder", str(tmp_path))
    (tmp_path / "file").write_text("mine", "utf-8")
    with pytest.raises(FileError, match="cannot be written"):
        headgate("scenarios", "new", "night-cash", "--folder", str(tmp_path / "file" / "inside"))
