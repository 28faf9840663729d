"""A backtest says what would have been: the same as a replay that had the candidate from the start."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from headgate.cli import root
from headgate.connectors.dataset import Dataset
from headgate.decisions.policy import parse_policy
from headgate.decisions.record import Decision
from headgate.drivers.backtest import ALL_TIME, Candidate, backtest
from headgate.drivers.home import Home
from headgate.drivers.proposed import proposed
from headgate.drivers.rules import load_rules
from headgate.errors import FieldError, FileError, NotFoundError, ScenarioError
from headgate.journal.entries import Action, ListEntry
from headgate.limits import US_PER_DAY
from headgate.service.opening import opened
from headgate.stores.store import Batch

WIDE = """
[budget]
cases_per_day = 20
largest_share = 1.0
[control]
below_share = 0.2
above_share = 0.3
"""


@pytest.fixture(scope="module")
def recorded(world: Dataset, tmp_path_factory: pytest.TempPathFactory, trial: Any) -> tuple[Path, list[Decision]]:
    home = tmp_path_factory.mktemp("recorded") / "home"
    return home, trial.replayed(world, home, load_rules())


def tried(home: Path, candidate: Candidate, period: tuple[int, int] = ALL_TIME) -> Any:
    of = Home(home)
    try:
        return backtest(of, candidate, period)
    finally:
        of.close()


def scenario(home: Path, named: str, **settings: str) -> Candidate:
    of = Home(home)
    try:
        return Candidate(scenario=proposed(named, settings, of.rules, "EUR"))
    finally:
        of.close()


def changes(before: list[Decision], after: list[Decision]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one, other in zip(before, after, strict=True):
        said = [f"{each.action}, read" if each.alert else each.action for each in (one, other)]
        if said[0] != said[1]:
            found[" -> ".join(said)] = found.get(" -> ".join(said), 0) + 1
    return dict(sorted(found.items()))


def test_a_scenario_changes_what_a_replay_that_has_it_changes(
    world: Dataset, recorded: tuple[Path, list[Decision]], own: Path, tmp_path: Path, trial: Any
) -> None:
    home, before = recorded
    result = tried(home, scenario(home, str(own / "large-sum.toml")))
    after = trial.replayed(world, tmp_path / "after", load_rules(scenarios=own))
    assert result.reproduced == 1.0
    assert result.changes == changes(before, after)
    assert sum(result.changes.values()) > 10
    assert (result.without.alerts, result.tried.alerts) == tuple(sum(d.alert for d in each) for each in (before, after))
    fired = {d.tx_id for d in after for each in d.fired if each.scenario_id == "large-sum"}
    assert result.spoken == len(fired)
    assert result.overlap == pytest.approx(len(fired & {d.tx_id for d in before if d.alert}) / len(fired))
    assert {each.tx_id for each in result.examples} <= fired
    assert all(each.reason.endswith("at once.") for each in result.examples)
    assert [each.reference_minor for each in result.examples] == sorted(
        (each.reference_minor for each in result.examples), reverse=True
    )


def test_another_policy_changes_what_a_replay_by_it_changes(
    world: Dataset, recorded: tuple[Path, list[Decision]], tmp_path: Path, trial: Any
) -> None:
    home, before = recorded
    (tmp_path / "policy.toml").write_text(WIDE)
    result = tried(home, Candidate(policy=parse_policy(WIDE, "test")))
    after = trial.replayed(world, tmp_path / "after", load_rules(policy=tmp_path / "policy.toml"))
    assert result.changes == changes(before, after) != {}
    assert result.tried.alerts == sum(each.alert for each in after)


def test_other_parameters_take_the_place_of_those_in_force(recorded: tuple[Path, list[Decision]]) -> None:
    home, before = recorded
    fired = sum(any(each.scenario_id == "fan-in-funnel" for each in d.fired) for d in before)
    same, more = (
        tried(home, scenario(home, "fan-in-funnel")),
        tried(home, scenario(home, "mule-pass-through", unusual="1")),
    )
    assert (same.spoken, same.changes, same.new_alerts) == (fired, {}, 0)
    assert more.spoken > sum(any(each.scenario_id == "mule-pass-through" for each in d.fired) for d in before)


def test_what_people_did_is_done_again(recorded: tuple[Path, list[Decision]], tmp_path: Path) -> None:
    """Verdicts on cases, lists, outcomes and holds that expired: without a change everything comes out as recorded."""
    home = Path(shutil.copytree(recorded[0], tmp_path / "home"))
    of = Home(home)
    pipeline = of.pipeline()
    clock_us = pipeline.last_clock_us

    def take(entry: Any) -> None:
        step = pipeline.step(entry)
        batch = Batch(
            entries=step.entries, decisions=[step.decision] if step.decision else [],
            alerts=[step.alert] if step.alert else [], cases=[change.case for change in step.case_changes],
        )  # fmt: skip
        of.store.commit(batch)

    for number, case in enumerate(of.store.cases("open")[:6]):
        verdict = "dismiss" if number % 2 else "confirm"
        take(Action(seq=0, clock_us=clock_us + number, action_id=f"x{number}", actor="ana", action=verdict,
                    subject_kind="case", subject=case.id, reason="Looked at."))  # fmt: skip
    alerts = [alert for case in of.store.cases("dismissed") for alert in of.store.alerts(a.tx_id for a in case.alerts)]
    for number, alert in enumerate(alerts * 3):
        again = msgspec.structs.replace(
            alert.payment, tx_id=f"again-{number}", clock_us=clock_us + (number + 1) * US_PER_DAY // 4, ts_us=clock_us
        )
        take(again)
    take(ListEntry(seq=0, clock_us=clock_us + 60 * US_PER_DAY, list_name="deny", change="add", account="A-MULE",
                   reason="Known.", actor="ana", second_actor="ben"))  # fmt: skip
    paid = msgspec.structs.replace(
        alerts[0].payment, tx_id="to-mule", payee="A-MULE", clock_us=clock_us + 61 * US_PER_DAY, rail="transfer"
    )
    take(paid)
    assert of.store.decision("to-mule").action == "hold"
    of.close()
    result = tried(home, scenario(home, "temporal-cycle"))
    assert result.reproduced == 1.0
    assert result.payments == len(recorded[1]) + 3 * len(alerts) + 1


def test_a_period_limits_what_is_shown_and_where_the_candidate_speaks(
    recorded: tuple[Path, list[Decision]], own: Path
) -> None:
    home, before = recorded
    middle = before[len(before) // 2].clock_us
    result = tried(home, scenario(home, str(own / "large-sum.toml")), (middle, middle + 5 * US_PER_DAY))
    assert result.payments == sum(middle <= each.clock_us < middle + 5 * US_PER_DAY for each in before)
    assert all(middle <= each.clock_us < middle + 5 * US_PER_DAY for each in result.examples)
    with pytest.raises(NotFoundError, match=r"No payment was decided.*name days among these"):
        tried(home, scenario(home, "temporal-cycle"), (0, 1))


def test_a_model_is_tried_with_a_line_of_its_own(recorded: tuple[Path, list[Decision]], model: Any) -> None:
    home, before = recorded
    result = tried(home, Candidate(model=model))
    assert result.candidate == "model"
    assert result.without.alerts == sum(each.alert for each in before)
    assert result.tried.alerts > 0
    assert result.new_alerts + result.lost_alerts > 0
    assert any("usual here" in each.reason for each in result.examples)


def test_a_home_that_was_served_is_tried_over_archive_and_tail(
    recorded: tuple[Path, list[Decision]], tmp_path: Path, own: Path, trial: Any
) -> None:
    home = Path(shutil.copytree(recorded[0], tmp_path / "home"))
    of = Home(home)
    start_us = of.store.last_clock_us() + US_PER_DAY
    of.close()
    with opened(home, "127.0.0.1", lambda n: None, lambda: start_us) as parts:
        for number in range(5):
            parts.writer.decide([trial.live(number, start_us, 90_000)]).result(timeout=60)
    result = tried(home, scenario(home, str(own / "large-sum.toml")), (start_us, start_us + 1))
    assert (result.payments, result.reproduced, result.precision.share) == (5, 1.0, None)
    assert result.spoken == 2, "the first payment of an account has no largest one before it"


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(root, arguments, standalone_mode=False, catch_exceptions=False)


def test_the_command_prints_and_says_what_cannot_be_told(recorded: tuple[Path, list[Decision]], own: Path) -> None:
    home, file = str(recorded[0]), str(own / "large-sum.toml")
    printed = invoke("backtest", file, "--home", home).output
    assert "scenario large-sum" in printed
    assert "Actions that would differ" in printed
    result = json.loads(invoke("backtest", file, "--home", home, "--param", "floor=100000", "--json").output)
    assert (result["spoken"], result["precision"]["share"], result["overlap"]) == (0, None, None)
    assert "Precision cannot be told" in invoke("backtest", file, "--home", home, "--param", "floor=100000").output


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (["mule-pas-through"], NotFoundError, "Did you mean 'mule-pass-through'"),
        (["gone.toml"], FileError, "cannot be read"),
        (["mule-pass-through", "--param", "unusual=1000"], ScenarioError, "outside its bounds"),
        (["mule-pass-through", "--param", "unusal=2"], ScenarioError, "Did you mean 'unusual'"),
        (["mule-pass-through", "--param", "unusual"], ScenarioError, "name=value"),
        (["mule-pass-through", "--param", "unusual=much"], ScenarioError, "cannot be 'much'"),
        ([], FieldError, "One thing is tried"),
        (["mule-pass-through", "--policy", "x"], FieldError, "One thing is tried"),
        (["--policy", "x", "--param", "a=1"], FieldError, "Only a scenario"),
        (["mule-pass-through", "--from", "2030-01-01"], NotFoundError, "No payment was decided"),
        (["mule-pass-through", "--from", "2030-01-01", "--to", "2029-01-01"], FieldError, "period is empty"),
    ],
)
def test_bad_input_is_refused_with_its_repair(
    recorded: tuple[Path, list[Decision]], arguments: list[str], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        invoke("backtest", *arguments, "--home", str(recorded[0]))
