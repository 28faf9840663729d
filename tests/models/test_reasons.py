from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from headgate.models.encoding import FactColumn
from headgate.models.model import Model
from headgate.models.reasons import duration, explain, family, money, reasons, sentence, shown
from headgate.models.usual import own_usual, usual_of


def suspicious(history) -> dict[str, object]:
    row = history.facts.slice(0, 1).to_pylist()[0]
    return row | {"payee_received_distinct_24h": 14, "payee_received_distinct_7d": 15, "channel": "web"}


def test_the_reasons_name_what_raised_the_score_with_its_value_and_what_is_usual(history, model: Model) -> None:
    first = reasons(model, suspicious(history))[0]
    assert first.fact.startswith("payee_received_distinct_")
    assert "payers" in first.sentence
    assert any(f"{value} accounts (usual here: " in first.sentence for value in (14, 15))


def test_only_what_raised_the_score_is_a_reason_strongest_first(history, model: Model) -> None:
    found = reasons(model, suspicious(history))
    assert [reason.added for reason in found] == sorted((reason.added for reason in found), reverse=True)
    assert all(reason.added > 0 for reason in found)


def test_the_windows_of_one_fact_give_one_reason(history, model: Model) -> None:
    families = [family(reason.fact) for reason in reasons(model, suspicious(history))]
    assert len(families) == len(set(families))


def test_there_are_no_more_reasons_than_asked_for(history, model: Model) -> None:
    assert len(reasons(model, suspicious(history), most=2)) == 2


def test_contributions_and_the_margin_agree(history, model: Model) -> None:
    one, other = history.facts.slice(0, 2).to_pylist()
    between = sum(model.contributions(one).values()) - sum(model.contributions(other).values())
    assert between == pytest.approx(model.margin_one(one) - model.margin_one(other), abs=1e-9)


def test_a_model_at_work_does_without_the_library_that_grew_it(history, model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    row = suspicious(history)
    code = (
        "import sys; from pathlib import Path; from headgate.models.model import Model;"
        "from headgate.models.reasons import reasons;"
        f"model = Model.load(Path({str(tmp_path / 'model')!r})); row = {row!r};"
        "print(model.margin_one(row), [tuple(each) for each in reasons(model, row)], 'lightgbm' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == f"{model.margin_one(row)} {[tuple(each) for each in reasons(model, row)]} False"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("payer_sent_sum_24h", "payer_sent_sum"),
        ("payer_sent_count_ratio_1h_24h", "payer_sent_count_ratio"),
        ("fan_in_24h_strength", "fan_in"),
        ("fan_in_24h", "fan_in"),
        ("amount", "amount"),
    ],
)
def test_a_family_is_a_fact_without_its_windows(name: str, expected: str) -> None:
    assert family(name) == expected


def test_amounts_are_shown_in_major_units() -> None:
    column = FactColumn(name="payer_sent_sum_24h", kind="number", usual=5000.0)
    assert sentence(column, 123_450, "EUR").endswith(": EUR 1,234.50 (usual here: EUR 50.00).")
    assert money(123_450, "JPY") == "JPY 123,450"


def test_a_time_is_shown_in_words() -> None:
    column = FactColumn(name="payer_sent_gap", kind="number", usual=None)
    assert sentence(column, 11_100.0, "EUR").startswith("Time since the last payment")
    assert sentence(column, 11_100.0, "EUR").endswith(": 3 hours 5 minutes (usual here: not known).")
    assert duration(0.2) == "0 seconds"


def test_a_bare_count_needs_no_unit() -> None:
    depth = FactColumn(name="pass_through_24h", kind="number", usual=0.0)
    assert sentence(depth, 2, "EUR").endswith(": 2 (usual here: 0).")


def test_a_day_of_the_week_and_an_hour_are_named_as_people_name_them() -> None:
    weekday = FactColumn(name="weekday_local", kind="number", usual=3.0)
    assert sentence(weekday, 5, "EUR").endswith(": Saturday (usual here: Thursday).")
    hour = FactColumn(name="hour_local", kind="number", usual=14.0)
    assert sentence(hour, 3, "EUR").endswith(": 03:00 (usual here: 14:00).")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "payments", "not known"),
        (float("nan"), "ratio", "not known"),
        (float("inf"), "ratio", "not known"),
        (True, "", "yes"),
        (False, "", "no"),
        ("", "", "''"),
        ("web", "", "web"),
        (1, "payments", "1 payment"),
        (2, "payments", "2 payments"),
        (2.345, "ratio", "2.35"),
    ],
)
def test_values_are_written_as_people_write_them(value: object, unit: str, text: str) -> None:
    assert shown(value, unit, "EUR") == text


def test_a_column_outside_the_grammar_is_named_as_it_is() -> None:
    assert (
        sentence(FactColumn(name="own_column", kind="number", usual=1.0), 3, "EUR") == "own_column: 3 (usual here: 1)."
    )


def test_every_reason_lowers_the_score_when_its_family_is_turned_back(history, model: Model) -> None:
    found = False
    for row in history.facts.slice(0, 300).to_pylist():
        margin, explained = model.margin_one(row), explain(model, row)
        assert explained.checked == len(explained.reasons) + explained.failed
        for reason in explained.reasons:
            members = [c for c in model.document.columns if family(c.name) == family(reason.fact)]
            turned = row | {column.name: usual_of(column, row) for column in members}
            assert model.margin_one(turned) < margin
            found = True
    assert found


def test_a_contribution_that_does_not_stand_the_check_is_counted_and_not_told(history, model: Model) -> None:
    rows = history.facts.slice(0, 300).to_pylist()
    raised = [sum(added > 0 for added in model.contributions(row).values()) for row in rows]
    failed = [explain(model, row, most=99) for row in rows]
    assert sum(each.failed for each in failed) > 0
    assert all(len(each.reasons) <= count for each, count in zip(failed, raised, strict=True))


@pytest.mark.parametrize(
    ("name", "facts", "usual"),
    [
        ("payer_sent_count_24h", {"payer_sent_count_28d": 56}, 2.0),
        ("payer_sent_sum_24h", {"payer_sent_sum_28d": None, "payer_sent_sum_7d": 700}, 100.0),
        ("payee_received_max_7d", {"payee_received_max_28d": 900}, 900.0),
        ("amount", {"payer_sent_mean_28d": 2500.0}, 2500.0),
        ("amount", {"payer_sent_mean_28d": float("nan")}, None),
        ("payer_sent_count_28d", {"payer_sent_count_28d": 5}, None),
        ("channel", {}, None),
    ],
)
def test_what_is_usual_for_an_account_follows_from_its_own_longer_past(name, facts, usual) -> None:
    assert own_usual(name, facts) == usual
    column = FactColumn(name=name, kind="number", usual=1.0)
    assert usual_of(column, facts) == (1.0 if usual is None else usual)


def test_a_sentence_names_what_is_usual_for_the_account() -> None:
    column = FactColumn(name="amount", kind="number", usual=5000.0)
    assert "(usual for this account: EUR 25.00; usual here: EUR 50.00)" in sentence(column, 90_000, "EUR", 2500.0)
