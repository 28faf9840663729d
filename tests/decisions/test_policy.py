from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from headgate.decisions.policy import load_policy, packaged_text, parse_policy
from headgate.errors import FileError, PolicyError

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "policy.md"


def test_the_packaged_policy_loads_and_has_a_stable_hash() -> None:
    assert load_policy() == load_policy()
    assert load_policy().content_hash == parse_policy(packaged_text(), "again").content_hash


def test_a_file_of_ones_own_may_hold_only_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('[budget]\ncases_per_day = 25\ntime_zone = "Europe/Berlin"\n')
    policy = load_policy(path)
    assert policy.budget.cases_per_day == 25
    assert policy.budget.largest_share == load_policy().budget.largest_share
    assert policy.content_hash != load_policy().content_hash


def test_a_rail_without_a_setting_has_the_default() -> None:
    policy = parse_policy("[rails]\ndefault = 60\nslow = 7200\n", "test")
    assert policy.longest_hold_seconds("slow") == 7200
    assert policy.longest_hold_seconds("unheard-of") == 60
    assert policy.longest_hold_seconds("instant") == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[budget", "is not TOML"),
        ("[budgets]\n", r"no section \[budgets\].*Did you mean 'budget'"),
        ("budget = 3\n", "is a section"),
        ("[budget]\ncases_per_dya = 3\n", "Did you mean 'cases_per_day'"),
        ("[budget]\ncases_per_day = 0\n", "cases_per_day"),
        ('[budget]\ncases_per_day = "many"\n', "cases_per_day"),
        ('[budget]\ntime_zone = "Mars/Olympus"\n', "no time zone"),
        ('[budget]\ntime_zone = "../etc"\n', "no time zone"),
        ("[rails]\ninstant = -1\n", "rails"),
        ("[ranking]\nlow = 3.0\n", "counts for more"),
        ("[ranking]\nlow = nan\n", "counts for more|ranking"),
        ('[lists]\ndeny = ["sanctions"]\n', "named twice"),
        ("[control]\nbelow_share = 0.9\n", "below_share"),
        ('[actions]\nstep_up_below_line = "often"\n', "step_up_below_line"),
    ],
)
def test_a_malformed_policy_is_refused_with_its_repair(text: str, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        parse_policy(text, "policy.toml")


def test_a_policy_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"gone\.toml"):
        load_policy(tmp_path / "gone.toml")


def test_every_setting_stands_in_the_reference() -> None:
    text = REFERENCE.read_text("utf-8")
    for section, settings in tomllib.loads(packaged_text()).items():
        assert f"`[{section}]`" in text
        assert all(f"`{name}`" in text for name in settings), section
