"""`headgate train` learns from what was known, `headgate models` proves and shows it, `headgate demo` does it all."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from headgate.cli.demo import command as demo_command
from headgate.cli.evaluate import command as evaluate_command
from headgate.cli.facts import command as facts_command
from headgate.cli.models import command as models_command
from headgate.cli.replay import command as replay_command
from headgate.cli.scenarios import measure as measure_command
from headgate.cli.train import command as train_command
from headgate.drivers.registry import Registry
from headgate.drivers.staging import Staging
from headgate.errors import ConflictError, DatasetError, FileError, ModelError
from headgate.limits import US_PER_DAY
from headgate.models.model import Model

START = datetime(2026, 1, 1, tzinfo=UTC)


def dataset(folder: Path, *, rows: int = 4000, every: int = 40, labels: bool = True, **more: list[Any]) -> Path:
    """Payments of which every fortieth is large, to a payee that was never paid before, and a fraud."""
    random = np.random.default_rng(5)
    fraud = np.arange(rows) % every == every - 1
    payee = np.where(fraud, np.char.add("new", np.arange(rows).astype(str)), random.integers(0, 40, rows).astype(str))
    table = {
        "tx_id": [f"t{n:05d}" for n in range(rows)],
        "ts": pa.array([START + timedelta(minutes=20 * n) for n in range(rows)], pa.timestamp("us", "UTC")),
        "payer": [f"c{number}" for number in random.integers(0, 100, rows)],
        "payee": [f"p{name}" for name in payee],
        "amount": np.where(fraud, 900, random.integers(5, 80, rows)).astype(float),
        "currency": ["EUR"] * rows,
        "channel": ["app"] * rows,
        **more,
    }
    folder.mkdir()
    pq.write_table(pa.table(table), folder / "transactions.parquet")
    if labels:
        values = pa.array(fraud.astype(np.int8))
        pq.write_table(pa.table({"tx_id": table["tx_id"], "label": values}), folder / "labels.parquet")
    return folder


def run(command: object, *arguments: object) -> Result:
    words = [str(argument) for argument in arguments]
    return CliRunner().invoke(command, words, standalone_mode=False, catch_exceptions=False)  # type: ignore[arg-type]


def test_a_model_is_trained_saved_with_its_card_and_shown(tmp_path: Path) -> None:
    result = run(train_command, dataset(tmp_path / "world"), "--out", tmp_path / "model", "--json")
    document = json.loads(result.stdout)
    assert document["provenance"]["train_frauds"] > 30
    model = Model.load(tmp_path / "model")
    assert "amount" in model.facts
    shown = run(models_command, "show", tmp_path / "model")
    assert "known frauds learnt from" in shown.output
    assert (tmp_path / "model" / "card.md").read_text("utf-8").rstrip() in run(
        models_command, "show", tmp_path / "model", "--card"
    ).output


@pytest.mark.parametrize(
    ("command", "more"),
    [
        (train_command, ("--out", "made")),
        (replay_command, ("--out", "made")),
        (facts_command, ("--out", "made", "--facts", "amount")),
        (evaluate_command, ()),
        (measure_command, ()),
    ],
)
def test_columns_that_reach_no_fact_are_told_by_whatever_reads_a_dataset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: object, more: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = dataset(tmp_path / "world", religion=["x"] * 4000, outcome_code=[1] * 4000)
    said = run(command, folder, *more).output
    assert "column 'religion' is set apart" in said
    assert "GDPR art. 9" in said
    assert "column 'outcome_code' is set apart: No fact uses it." in said


def test_a_search_by_trials_is_recorded(tmp_path: Path) -> None:
    arguments = (dataset(tmp_path / "world"), "--out", tmp_path / "model", "--trials", 1, "--label-delay", 1, "--json")
    record = json.loads(run(train_command, *arguments).stdout)["search"]
    assert (len(record["trials"]), record["by_time"]) == (2, False)


def test_labels_that_were_not_known_in_time_teach_nothing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="--label-delay 0"):
        run(train_command, dataset(tmp_path / "world"), "--out", tmp_path / "model", "--label-delay", 100)
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("rows", "every", "words"), [(10, 5, "payments|known"), (4000, 10_000, "0 known frauds"), (2, 2, "payments")]
)
def test_a_dataset_that_cannot_teach_is_refused_in_words(tmp_path: Path, rows: int, every: int, words: str) -> None:
    folder = dataset(tmp_path / "world", rows=rows, every=every)
    with pytest.raises(ModelError, match=words) as caught:
        run(train_command, folder, "--out", tmp_path / "model", "--label-delay", 0)
    assert caught.value.repair


def test_a_dataset_without_labels_and_a_folder_with_content_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no labels"):
        run(train_command, dataset(tmp_path / "world", labels=False), "--out", tmp_path / "model")
    with pytest.raises(FileError, match="not empty"):
        run(train_command, tmp_path / "world", "--out", tmp_path / "world")


def test_an_altered_model_is_refused(tmp_path: Path) -> None:
    run(train_command, dataset(tmp_path / "world"), "--out", tmp_path / "model")
    trees = tmp_path / "model" / "model.txt"
    trees.write_text(trees.read_text("utf-8").replace("leaf_value=", "leaf_value=9", 1), "utf-8")
    with pytest.raises(ModelError, match="altered"):
        run(models_command, "show", tmp_path / "model")


def test_the_demonstration_runs_reports_and_can_be_run_again(tmp_path: Path) -> None:
    """The smallest bank that knows enough frauds to learn from; about 25 seconds."""
    arguments = ("--out", tmp_path / "demo", "--payments", 26_000, "--days", 90, "--seed", 3, "--no-serve", "--json")
    result = run(demo_command, *arguments)
    shown = json.loads(result.stdout)
    replayed = shown["replayed"]
    assert replayed["payments"] > 8_000
    assert 0 < replayed["schemes"]["found"] <= replayed["schemes"]["schemes"]
    assert replayed["cases_per_day"] <= 2 * shown["cases_budget"]
    page = (tmp_path / "demo" / "report.html").read_text("utf-8")
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "password" in result.stderr
    assert (tmp_path / "demo" / "home" / "home.json").is_file()


def test_the_demonstration_replaces_no_folder_of_yours(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(FileError, match="holds no demonstration"):
        run(demo_command, "--out", tmp_path, "--no-serve")
    assert (tmp_path / "letter.txt").read_text() == "mine"


def test_a_home_learns_a_candidate_only_when_it_is_due_and_disturbs_no_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADGATE_TRAINING__LABEL_DELAY_DAYS", "3")
    home = tmp_path / "home"
    run(replay_command, dataset(tmp_path / "world", rows=1200, every=20), "--out", home)
    first = json.loads(run(models_command, "retrain", "--due", "--home", home, "--json").stdout)
    assert first["due"]["days"] is None
    (known,) = Registry(home).models()
    assert (known.content_hash, known.role) == (first["candidate"], "shadow")
    assert not (home / "model").exists()
    assert [line.what for line in Registry(home).record()] == ["retrained"]
    provenance = Staging(home).candidate().document.provenance
    assert provenance.label_delay_us == 3 * US_PER_DAY
    assert provenance.train_frauds + provenance.valid_frauds < 60, "a fraud counts from the time it became known"

    again = json.loads(run(models_command, "retrain", "--due", "--home", home, "--json").stdout)
    assert again["due"]["days"] < 1
    assert again["candidate"] is None
    assert "Nothing is due" in run(models_command, "retrain", "--due", "--home", home).output

    run(models_command, "stage", "share", "--share", 0.5, "--home", home)
    with pytest.raises(ConflictError, match="would end its trial") as raised:
        run(models_command, "retrain", "--home", home)
    assert "headgate models stage shadow" in raised.value.repair
    assert len(Registry(home).record()) == 1
