"""`headgate evaluate` end to end on small datasets: measures, report, JSON, canary, refusals. About 20 seconds."""

from __future__ import annotations

import json
import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from headgate.cli import root
from headgate.connectors.dataset import read_dataset
from headgate.drivers.evaluation.about import SENTENCES
from headgate.drivers.evaluation.fold import fold, witness_of
from headgate.drivers.evaluation.prepare import fact_names
from headgate.errors import DatasetError
from headgate.facts.engine import Engine

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "evaluation.md"


def write(folder, rows=2400, schemes=40, minutes=50.0, **extra):
    """A world where a mule passes on 96% of what it received 20 minutes before; two payments a scheme."""
    chance = random.Random(1)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = []
    for number in range(rows):
        payer, payee = chance.sample(range(150), 2)
        at = start + timedelta(minutes=minutes * number)
        made.append((f"p{number}", at, f"a{payer}", f"a{payee}", round(chance.uniform(5, 900), 2), None))
    for scheme in range(schemes):
        at = start + timedelta(minutes=minutes * rows * (scheme + 0.4) / schemes)
        mule, amount = f"a{scheme}", round(chance.uniform(300, 900), 2)
        made.append((f"in{scheme}", at, f"far{scheme % 7}", mule, amount, f"s{scheme}"))
        later = at + timedelta(minutes=20)
        made.append((f"out{scheme}", later, mule, "gone", round(amount * 0.96, 2), f"s{scheme}"))
    ids, times, payers, payees, amounts, names = map(list, zip(*made, strict=True))
    columns = {"tx_id": ids, "ts": times, "payer": payers, "payee": payees, "amount": amounts}
    currency = pa.array(["EUR"] * len(ids), pa.utf8())
    folder.mkdir()
    pq.write_table(pa.table({**columns, "currency": currency, **extra}), folder / "transactions.parquet")
    label = np.array([name is not None for name in names]).astype(np.int8)
    pq.write_table(pa.table({"tx_id": ids, "label": label}), folder / "labels.parquet")
    known = [(tx, name, "pass_through") for tx, name in zip(ids, names, strict=True) if name]
    patterns = dict(zip(("tx_id", "pattern_id", "pattern_type"), map(list, zip(*known, strict=True)), strict=True))
    pq.write_table(pa.table(patterns), folder / "patterns.parquet")
    return folder


def run(*arguments):
    return CliRunner().invoke(root, ["evaluate", *map(str, arguments)], standalone_mode=False)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return write(tmp_path_factory.mktemp("evaluate") / "world", isFlaggedFraud=[0] * 2480)


@pytest.fixture(scope="module")
def told(world):
    """The JSON and the report of one run with no option but where to write."""
    report = world.parent / "report.html"
    result = run(world, "--json", "--out", report)
    assert result.exit_code == 0, result.exception
    return json.loads(result.stdout), report.read_text("utf-8")


def test_the_json_has_plain_numbers_each_with_what_it_needs_to_be_understood(told):
    numbers, _ = told
    for name in SENTENCES:
        assert name in numbers, name
        assert numbers["about"][name]["unit"], name
    assert set(numbers["recall_at"]) == set(numbers["precision_at"]) == {"0.1%", "0.5%", "1%", "10/day"}
    assert numbers["payments"] == 2480
    assert numbers["frauds"] == 80
    assert isinstance(numbers["payments_per_second"], float)


def test_facts_find_what_one_row_does_not_show(told):
    numbers, _ = told
    assert numbers["ap"] > 0.5 > 2 * numbers["ap_raw"]
    assert numbers["f1"] > 0.9
    assert numbers["recall_at"]["10/day"] == 1.0
    outcomes = numbers["scheme_outcomes"]  # at 0.5% of 496 payments, two alerts: by chance some, one or none are found
    assert numbers["schemes"]["schemes"] == len(outcomes) == 8
    assert numbers["schemes"]["found"] == sum(outcome["alerted"] > 0 for outcome in outcomes)
    assert numbers["schemes"] == numbers["schemes_unseen"]
    assert numbers["recall_by_pattern"][0]["pattern_type"] == "pass_through"


def test_the_periods_follow_each_other_and_labels_wait_until_they_are_known(told):
    numbers, _ = told
    split = numbers["split"]
    assert split["train"]["last"] <= split["validation"]["first"] < split["validation"]["last"]
    assert split["validation"]["last"] <= split["test"]["first"]
    assert sum(row["payments"] for row in split.values()) == 2480
    assert numbers["purge_days"] == 7.0


def test_a_telling_column_is_refused_and_named(told):
    numbers, report = told
    assert any("'isFlaggedFraud' tells the label" in warning for warning in numbers["warnings"])
    assert "isFlaggedFraud" in report


def test_the_report_holds_the_same_numbers_and_no_account(told):
    numbers, report = told
    assert f"{numbers['ap']:.3f}" in report
    assert not re.search(r"\bfar\d\b|\bgone\b", report)


def test_the_table_for_people_opens_with_a_sentence(world):
    result = run(world, "--budget-cases", "3")
    assert result.exit_code == 0, result.exception
    assert result.stdout.startswith("Of 2,480 payments, 80 are labelled as fraud.")
    assert "recall, reading 3/day" in result.stdout


def test_the_slow_definition_gives_the_same_facts(world):
    dataset = read_dataset(world)
    names = ("payer_received_sum_24h", "pass_through_24h", "amount")
    fast, slow = (
        fold(dataset, names, time_zone="UTC", reference=reference, tick=lambda n: None) for reference in (False, True)
    )
    assert fast.equals(slow)
    assert fast.num_rows == dataset.payments


def test_shuffled_labels_of_the_future_leave_the_facts_of_the_past_as_they_were(world, tmp_path):
    before = fold(read_dataset(world), fact_names(()), time_zone="UTC", reference=False, tick=lambda n: None)
    other = write(tmp_path / "other")
    labels = pq.read_table(other / "labels.parquet").to_pydict()
    cut = datetime(2026, 2, 20, tzinfo=UTC)
    payments = pq.read_table(other / "transactions.parquet").to_pydict()
    late = [row for row, at in enumerate(payments["ts"]) if at >= cut]
    shuffled = [labels["label"][row] for row in late]
    random.Random(3).shuffle(shuffled)
    for row, label in zip(late, shuffled, strict=True):
        labels["label"][row] = label
    pq.write_table(pa.table(labels), other / "labels.parquet")
    after = fold(read_dataset(other), fact_names(()), time_zone="UTC", reference=False, tick=lambda n: None)
    past = len(payments["ts"]) - len(late)
    ids = before.column("tx_id")
    assert ids.equals(after.column("tx_id"))
    for name in before.column_names[2:]:
        assert before.column(name)[:past].equals(after.column(name)[:past]), name


def test_a_witness_folded_again_from_its_window_is_the_witness_of_the_whole_pass(world):
    dataset = read_dataset(world)
    fact = "pass_through_24h"
    engine = Engine((fact,), reference_currency="EUR")
    wanted = ("out7", "out20", "p2300")
    seen = 0
    for entry in dataset.entries():
        engine.observe_one(entry)
        if getattr(entry, "tx_id", None) in wanted and entry.__struct_config__.tag == "payment":
            assert witness_of(dataset, entry.seq, fact, 24 * 3600 * 1_000_000) == engine.evidence(fact)
            seen += 1
    assert seen == 3


def test_a_window_with_too_many_entries_has_no_witness(world, monkeypatch):
    monkeypatch.setattr("headgate.drivers.evaluation.fold.MOST_WITNESS_ENTRIES", 5)
    assert witness_of(read_dataset(world), 2000, "fan_in_7d", 7 * 86_400_000_000) is None


def test_a_day_of_payments_is_refused_until_labels_count_as_known_at_once(tmp_path):
    folder = write(tmp_path / "day", rows=1000, minutes=1.3)
    refused = run(folder)
    assert isinstance(refused.exception, DatasetError)
    assert "--label-delay 0" in refused.exception.repair
    accepted = run(folder, "--label-delay", "0", "--json")
    assert accepted.exit_code == 0, accepted.exception
    assert "twentieth" in json.loads(accepted.stdout)["resampled_by"]


def test_payments_without_a_stated_currency_are_evaluated(tmp_path):
    folder = write(tmp_path / "unstated", rows=1200)
    table = pq.read_table(folder / "transactions.parquet")
    nothing = pa.nulls(table.num_rows, pa.utf8())
    pq.write_table(table.set_column(5, "currency", nothing), folder / "transactions.parquet")
    result = run(folder, "--json")
    assert result.exit_code == 0, result.exception
    assert json.loads(result.stdout)["reference_currency"] == "XXX"


def test_ten_rows_and_a_folder_without_labels_are_refused(tmp_path):
    tiny = write(tmp_path / "tiny", rows=8, schemes=1)
    assert isinstance(run(tiny).exception, DatasetError)
    (tiny / "labels.parquet").unlink()
    refused = run(tiny).exception
    assert isinstance(refused, DatasetError)
    assert "no labels" in refused.what


def test_every_measure_is_in_the_documentation():
    page = PAGE.read_text("utf-8")
    assert [name for name in SENTENCES if f"`{name}`" not in page] == []
