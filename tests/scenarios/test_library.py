"""The packaged typologies: readable, referenced, proved by their examples, and cheap to ask."""

from __future__ import annotations

import pytest

from headgate.drivers.simulation.schemes import schemes
from headgate.errors import UnknownFactError
from headgate.scenarios.document import parse_file
from headgate.scenarios.firing import Together
from headgate.scenarios.loader import check, load_library, packaged

LIBRARY = load_library()
BY_ID = {scenario.id: scenario for scenario in LIBRARY}
EXAMPLES = [(scenario, example) for scenario in LIBRARY for example in scenario.file.examples]


def test_every_scenario_has_a_simulated_scheme_of_its_own_with_benign_twins() -> None:
    assert len(LIBRARY) >= 25
    assert sorted(scheme.scenario for scheme in schemes()) == sorted(BY_ID)
    assert all(scheme.twins for scheme in schemes())


def test_every_packaged_file_is_without_findings() -> None:
    assert check(packaged()) == ()


def test_a_file_is_named_by_its_id() -> None:
    for source in packaged():
        assert source.where == f"{parse_file(source.text, source.where).id}.toml"


@pytest.mark.parametrize(("scenario", "example"), EXAMPLES, ids=lambda each: getattr(each, "id", None))
def test_an_example_fires_or_does_not_as_it_says(scenario, example) -> None:  # type: ignore[no-untyped-def]
    fired = Together([scenario]).fire(scenario.example_facts(example))
    assert [each.scenario_id for each in fired] == ([scenario.id] if example.fires else [])


@pytest.mark.parametrize("scenario", LIBRARY, ids=lambda each: each.id)
def test_a_scenario_can_be_read_by_people(scenario) -> None:  # type: ignore[no-untyped-def]
    facts = next(scenario.example_facts(each) for each in scenario.file.examples if each.fires)
    reason = scenario.reason(facts)
    assert "{" not in reason
    assert reason.endswith(".")
    assert scenario.file.references
    assert all(parameter.sentence.endswith(".") for parameter in scenario.file.parameters.values())


def test_a_scenario_stays_silent_where_nothing_is_known() -> None:
    assert Together(LIBRARY).fire({}) == ()


def test_another_currency_moves_the_amounts_and_keeps_the_examples() -> None:
    yen = {scenario.id: scenario for scenario in load_library(reference_currency="JPY")}
    assert yen["scatter-gather"].parameters["floor"] == 150
    assert BY_ID["scatter-gather"].parameters["floor"] == 15_000
    example = yen["scatter-gather"].file.examples[0]
    assert "JPY 640 " in yen["scatter-gather"].reason(yen["scatter-gather"].example_facts(example))


def test_no_condition_reads_what_describes_a_person() -> None:
    with pytest.raises(UnknownFactError):
        BY_ID["scatter-gather"].example_facts(
            BY_ID["scatter-gather"].file.examples[0].__class__(says="x", fires=True, facts={"payer_income": 1})
        )
