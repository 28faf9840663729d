"""What an adopter writes: files that are added, take a place, or are refused with the repair."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from headgate.errors import (
    ConditionError,
    FieldError,
    FileError,
    HeadgateError,
    RefusedFieldError,
    ScenarioError,
    UnknownFactError,
)
from headgate.scenarios.document import content_hash, parse_file
from headgate.scenarios.firing import Together, masks, needed, points
from headgate.scenarios.loader import check, files_of, load_library, packaged
from headgate.scenarios.scenario import POINTS

FILE = """
id = "large-round-sum"
title = "A large round sum"
what = "For tests."
severity = "critical"
action = "review"
condition = "amount >= :floor AND amount_is_round"
reason = "{amount} is {payer_amount_ratio_28d:times} the usual; {floor}; last {payer_sent_gap}; {amount_is_round}."
[[references]]
publisher = "FATF"
title = "Professional Money Laundering"
year = 2018
[applies_to]
rails = ["instant"]
sides = ["payer"]
[parameters.floor]
value = 5000
min = 100
max = 10000
unit = "money"
sentence = "The least amount."
[[examples]]
says = "Six thousand"
fires = true
[examples.facts]
amount = 6000
amount_is_round = true
[[examples]]
says = "Six thousand and something"
fires = false
[examples.facts]
amount = 6000.5
amount_is_round = false
"""


def write(folder: Path, text: str = FILE, name: str = "own.toml") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def own(folder: Path, text: str = FILE):  # type: ignore[no-untyped-def]
    return next(each for each in load_library(write(folder, text)) if each.id == "large-round-sum")


def test_an_own_file_is_added_to_the_library(tmp_path: Path) -> None:
    ids = [scenario.id for scenario in load_library(write(tmp_path))]
    assert "large-round-sum" in ids
    assert ids == sorted(ids)
    assert len(ids) == len(load_library()) + 1


def test_an_own_file_takes_the_place_of_a_packaged_one_by_its_id(tmp_path: Path) -> None:
    library = load_library(write(tmp_path, FILE.replace("large-round-sum", "scatter-gather")))
    assert len(library) == len(load_library())
    assert next(each for each in library if each.id == "scatter-gather").title == "A large round sum"


def test_a_copy_of_the_packaged_library_changes_nothing(tmp_path: Path) -> None:
    for source in packaged():
        write(tmp_path, source.text, source.where)
    before, after = load_library(), load_library(tmp_path)
    assert [each.content_hash for each in before] == [each.content_hash for each in after]


def test_a_scenario_can_be_switched_off(tmp_path: Path) -> None:
    text = next(source.text for source in packaged() if source.where == "scatter-gather.toml")
    library = load_library(write(tmp_path, "enabled = false\n" + text))
    assert "scatter-gather" not in {each.id for each in library}


def test_the_hash_is_of_the_content_not_of_the_layout() -> None:
    plain = parse_file(FILE, "a")
    assert content_hash(plain) == content_hash(parse_file("# a remark\n" + FILE, "b"))
    assert content_hash(plain) != content_hash(parse_file(FILE.replace("5000", "5001"), "c"))


def test_a_reason_speaks_in_units_for_people(tmp_path: Path) -> None:
    facts = {"amount": 600000, "amount_is_round": True, "payer_amount_ratio_28d": 3.14159, "payer_sent_gap": 277380.0}
    (fired,) = Together([own(tmp_path)]).fire(facts)
    assert fired.reason == ("EUR 6,000.00 is 3.1 times the usual; EUR 5,000.00; last 3 days 5 hours; yes.")
    assert fired.facts["amount"] == 600000
    assert fired.facts["rail"] is None
    assert set(needed([own(tmp_path)])) == set(fired.facts)


def test_what_is_unknown_is_said_to_be_unknown(tmp_path: Path) -> None:
    (fired,) = Together([own(tmp_path)]).fire({"amount": 600000, "amount_is_round": True})
    assert "is unknown the usual" in fired.reason


def test_a_scenario_applies_to_its_rails_and_to_what_states_none(tmp_path: Path) -> None:
    scenario = own(tmp_path)
    facts = {"amount": 600000, "amount_is_round": True}
    assert Together([scenario]).fire({**facts, "rail": "instant"})
    assert Together([scenario]).fire({**facts, "rail": None})
    assert not Together([scenario]).fire({**facts, "rail": "card"})


def test_a_scenario_looks_at_the_side_that_is_a_customer(tmp_path: Path) -> None:
    facts = {"amount": 600000, "amount_is_round": True}
    fires = {side: bool(Together([own(tmp_path)]).fire(facts, side)) for side in ("both", "payer", "payee")}
    assert fires == {"both": True, "payer": True, "payee": False}


def test_points_are_the_severities_of_what_fires(tmp_path: Path) -> None:
    scenario = own(tmp_path)
    rows = {"amount": [600000, 600000, 1], "amount_is_round": [True, None, True], "rail": ["instant", None, "card"]}
    batch = pa.RecordBatch.from_pydict(rows)
    assert masks([scenario], batch)["large-round-sum"].tolist() == [True, False, False]
    assert points([scenario, scenario], batch).tolist() == [2 * POINTS["critical"], 0.0, 0.0]
    assert points([], batch).dtype == np.float64


WRONG: dict[str, tuple[str, str, type[HeadgateError], str]] = {
    "unknown key": ('severity = "critical"', 'severity = "critical"\nscore = 3', ScenarioError, "score"),
    "unknown severity": ('severity = "critical"', 'severity = "extreme"', ScenarioError, "severity"),
    "no references": ('[[references]]\npublisher = "FATF"', '[[reference]]\npublisher = "FATF"', ScenarioError, "read"),
    "broken toml": ('title = "A', "title = A", ScenarioError, "cannot be read"),
    "unknown fact": ('amount_is_round"', 'amount_is_roundish"', UnknownFactError, "Did you mean 'amount_is_round'"),
    "refused field": ("AND amount_is_round", "AND owner_gender = 'f'", RefusedFieldError, "gender"),
    "bad condition": ("AND amount_is_round", "AND abs(amount) > 1", ConditionError, "a function"),
    "unknown parameter": (":floor", ":flor", ConditionError, "Did you mean 'floor'"),
    "unused parameter": (
        "[parameters.floor]",
        '[parameters.spare]\nvalue = "x"\nunit = "text"\nsentence = "Spare."\n[parameters.floor]',
        ScenarioError,
        "Nothing uses the parameter 'spare'",
    ),
    "out of bounds": ("value = 5000", "value = 50", ScenarioError, "outside its bounds"),
    "no bounds": ("min = 100\n", "", ScenarioError, "outside its bounds"),
    "no fact": ("amount >= :floor AND amount_is_round", ":floor > 1", ScenarioError, "reads no fact"),
    "bare money": ("amount >= :floor", "amount >= 5000", ScenarioError, "bare number 5000"),
    "unknown fact in the reason": ("{payer_sent_gap}", "{payer_sent_gapp}", UnknownFactError, "payer_sent_gap"),
    "refused field in the reason": ("{payer_sent_gap}", "{owner_age}", RefusedFieldError, "age"),
    "unknown style": (":times", ":roman", ScenarioError, "style"),
    "example of another type": ("amount_is_round = true", "amount_is_round = 1", ScenarioError, "yes or no"),
    "example that does not fire": ("amount = 6000\n", "amount = 4000\n", ScenarioError, "must fire and does not"),
    "example that fires": (
        "amount_is_round = false",
        "amount_is_round = true",
        ScenarioError,
        "must not fire and does",
    ),
    "one kind of example": ("fires = false", "fires = true", ScenarioError, "must fire and does not"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_refused_with_its_place(tmp_path: Path, case: str) -> None:
    before, after, kind, message = WRONG[case]
    text = FILE.replace(before, after)
    assert text != FILE
    with pytest.raises(kind, match=message) as caught:
        load_library(write(tmp_path, text))
    assert "own.toml" in caught.value.where
    assert caught.value.repair


def test_an_example_of_each_kind_is_needed(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no example that must not fire"):
        load_library(write(tmp_path, FILE[: FILE.rindex("[[examples]]")]))


def test_two_files_with_one_id_are_refused(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, FILE, "again.toml")
    with pytest.raises(ScenarioError, match="Two scenarios have the id"):
        load_library(tmp_path)
    assert any("is also that of" in finding.sentence for finding in check(files_of(tmp_path)))


def test_check_reports_every_finding_not_only_the_first(tmp_path: Path) -> None:
    write(tmp_path, FILE.replace("amount = 6000\n", "amount = 4000\n").replace("round = false", "round = true"))
    write(tmp_path, "[[", "broken.toml")
    write(tmp_path, FILE.replace('amount_is_round"', 'roundish"'), "unknown.toml")
    sentences = " ".join(finding.sentence for finding in check(files_of(tmp_path)))
    for part in ("must fire and does not", "must not fire and does", "cannot be read", "There is no fact 'roundish'"):
        assert part in sentences


def test_a_folder_that_cannot_be_read_is_a_file_error(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no folder"):
        load_library(tmp_path / "none")


def test_an_unknown_reference_currency_is_refused() -> None:
    with pytest.raises(FieldError, match="EUX"):
        load_library(reference_currency="EUX")


def test_the_scenario_of_the_guide_is_a_good_one(tmp_path: Path) -> None:
    guide = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-scenario.md"
    text = guide.read_text("utf-8").split("```toml\n")[1].split("```")[0]
    library = {each.id: each for each in load_library(write(tmp_path, text))}
    scenario = library["night-withdrawals"]
    facts = scenario.example_facts(scenario.file.examples[0])
    assert scenario.reason(facts).startswith("EUR 500.00 in cash at 3 o'clock, 96 % of what came in last")
