"""The long part of an evaluation: what each family adds, what delay costs, and that nothing looks ahead."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from drivers.test_evaluation_command import write

from headgate.charter.charter import load_charter
from headgate.connectors.dataset import read_dataset
from headgate.drivers.evaluation import ablation as ablating
from headgate.drivers.evaluation import gfp, prepare
from headgate.drivers.evaluation.ablation import ablation
from headgate.drivers.evaluation.canary import canary
from headgate.drivers.evaluation.compare import Against, paired
from headgate.drivers.evaluation.delays import delay_sweep
from headgate.drivers.evaluation.evaluate import learn, rows_of
from headgate.drivers.evaluation.families import WORDS, families, family_of, reads_outcomes
from headgate.drivers.evaluation.learners import POINTS, teach
from headgate.drivers.evaluation.outcomes import with_delay
from headgate.drivers.evaluation.prepare import Options, Parts, every_column, teaching
from headgate.drivers.evaluation.stopwatch import Stopwatch
from headgate.errors import FileError
from headgate.facts.grammar import specs
from headgate.facts.past_scores import NAMES
from headgate.limits import US_PER_DAY
from headgate.models.document import Settings

FACTS = (
    "amount", "hour_local", "payer_received_sum_24h", "payer_last_received_ratio_24h", "payer_sent_count_28d",
    "pair_sent_count_28d", "payer_confirmed_count_28d", "payee_confirmed_count_28d",
)  # fmt: skip
QUIET = Options(resamples=20, settings=Settings(most_rounds=25, learning_rate=0.2, patience=25, leaves=7))


@contextmanager
def silent(title, total):
    yield lambda n: None


class Ran:
    """One run on a small world with few facts."""

    def __init__(self, folder):
        self.dataset = read_dataset(folder)
        self.parts = Parts((), load_charter(None))
        watch = Stopwatch(lambda: 0.0)
        self.rows = rows_of(self.dataset, self.parts, QUIET, watch, silent)
        models, scored = learn(self.rows, self.parts, self.dataset, QUIET, watch)
        self.model, self.scored = models["all"], scored["all"]
        self.how = teaching(self.dataset, self.rows.known, self.parts, QUIET)
        self.at = Against(self.rows.periods["test"], QUIET.seed, QUIET.resamples)


@pytest.fixture(scope="module", autouse=True)
def few_facts():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prepare, "LEARNT", FACTS)
        yield


@pytest.fixture(scope="module")
def ran(few_facts, tmp_path_factory):
    return Ran(write(tmp_path_factory.mktemp("full") / "world", rows=1500))


def test_every_fact_belongs_to_a_family_with_words():
    assert {family_of(name) for name in specs()} <= set(WORDS)
    assert family_of("pair_sent_count_28d") == "pairs"
    assert family_of("payer_sent_count_28d") == "volume"
    assert family_of(POINTS) == "scenarios"
    assert family_of("no_such_fact") == "other"
    assert sum(map(len, families(tuple(specs())).values())) == len(specs())


def test_facts_that_read_outcomes_are_known_by_what_they_read():
    assert reads_outcomes("payee_confirmed_count_28d")
    assert not reads_outcomes("payer_declined_count_24h")
    assert not reads_outcomes("payer_sent_count_28d")


def test_what_is_lost_without_a_family_is_what_it_adds(ran):
    columns = ("amount", "payer_last_received_ratio_24h")
    rows = ablation(ran.rows.facts, columns, ran.how, ran.scored.test, ran.at, lambda n: None)
    assert {row.family for row in rows} == set(families(columns))
    by_name = {row.family: row for row in rows}
    assert [row.lost for row in rows] == sorted((row.lost for row in rows), reverse=True)
    assert by_name["flow"].lost > 0.05
    assert by_name["flow"].lost_interval[0] <= by_name["flow"].lost <= by_name["flow"].lost_interval[1]


def test_without_a_family_the_first_stage_learns_without_it_too(ran, monkeypatch):
    seen = []

    def watched(facts, names, how):
        seen.append((tuple(names), facts.column(NAMES[0]).to_pylist()))
        return teach(facts, names, how)

    monkeypatch.setattr(ablating, "teach", watched)
    columns = ("amount", "payer_last_received_ratio_24h", *NAMES)
    ablation(ran.rows.facts, columns, ran.how, ran.scored.test, ran.at, lambda n: None)
    by_family = {tuple(families(columns)[name]): name for name in families(columns)}
    past = ran.rows.facts.column(NAMES[0]).to_pylist()
    told = {by_family[tuple(c for c in columns if c not in names)]: scores for names, scores in seen}
    assert set(told) == {"attributes", "flow", "past scores"}
    assert told["flow"] != past
    assert told["past scores"] == past


def test_a_ranking_against_itself_is_no_better_and_pairs_see_the_same_resamples(ran):
    same = paired(ran.at, ran.scored.test, {"same": ran.scored.test * 2})["same"]
    assert same.lost == 0.0
    assert same.lost_interval == (0.0, 0.0)
    assert same.interval[0] <= same.ap <= same.interval[1]


def test_later_outcomes_teach_less_and_a_delay_beyond_the_history_says_why(ran):
    rows = delay_sweep(ran.dataset, ran.rows, ran.parts, QUIET, ran.scored.test, ran.at, lambda n: None)
    assert [row.days for row in rows] == [0, 7, 28]
    assert rows[0].known_frauds > rows[1].known_frauds > rows[2].known_frauds
    assert rows[1].lost == 0.0
    assert rows[0].ap is not None
    assert rows[2].why_not.startswith("By the end of the training period")
    assert rows[2].ap is None


def test_a_delayed_dataset_moves_outcomes_and_nothing_else(ran):
    delayed = with_delay(ran.dataset, US_PER_DAY)
    assert delayed.payments == ran.dataset.payments
    assert len(delayed.journal) == len(ran.dataset.journal)
    tx, at = next(iter(delayed.known_at_us.items()))
    assert ran.dataset.known_at_us[tx] - at == 6 * US_PER_DAY


def test_shuffled_labels_of_the_future_change_nothing_before_the_split(ran):
    told = canary(ran.dataset, ran.rows, ran.parts, QUIET, ran.how, ran.model, lambda n: None)
    assert told.alive
    assert told.moved > 0
    assert told.payments == ran.rows.known.split.valid_stop
    assert told.facts == len(every_column(()))


def test_the_canary_dies_when_a_fact_or_the_teacher_looks_ahead(ran):
    facts = ran.rows.facts
    place = facts.schema.get_field_index("payee_confirmed_count_28d")
    label = np.maximum(ran.rows.known.label, 0).astype(np.int64)
    peeking = ran.rows._replace(facts=facts.set_column(place, "payee_confirmed_count_28d", [label]))
    told = canary(ran.dataset, peeking, ran.parts, QUIET, ran.how, ran.model, lambda n: None)
    assert "payee_confirmed_count_28d" in told.changed
    assert not told.alive
    split = ran.how.split
    known = split.valid_known | (np.arange(split.rows) >= split.train_stop) & (np.arange(split.rows) < split.valid_stop)
    told = canary(
        ran.dataset, ran.rows, ran.parts, QUIET, ran.how._replace(split=split._replace(valid_known=known)), ran.model,
        lambda n: None,
    )  # fmt: skip
    assert not told.same_model
    assert not told.alive


def test_ibms_features_are_not_measured_unless_asked_for_and_a_wrong_place_is_named(monkeypatch, tmp_path):
    monkeypatch.delenv(gfp.VARIABLE, raising=False)
    assert gfp.other_python() is None
    monkeypatch.setenv(gfp.VARIABLE, "0")
    assert gfp.other_python() is None
    monkeypatch.setenv(gfp.VARIABLE, str(tmp_path / "none"))
    with pytest.raises(FileError, match="no Python with the snapml wheel") as caught:
        gfp.other_python()
    assert "pip install snapml" in caught.value.repair


def a_python(folder: Path, body: str) -> Path:
    """A Python that holds another preprocessor in the wheel's place."""
    (folder / "snapml.py").write_text(body, "utf-8")
    started = folder / "start.py"
    started.write_text(
        f"import runpy, sys\nsys.path.insert(0, {str(folder)!r})\nsys.argv = sys.argv[2:]\n"
        "import importlib.metadata\nimportlib.metadata.version = lambda name: 'another'\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    python = folder / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} {started} "$@"\n')
    os.chmod(python, python.stat().st_mode | stat.S_IXUSR)
    return python


def test_each_payment_gets_its_features_in_order_and_the_same_learner_sees_them(ran, tmp_path):
    python = a_python(
        tmp_path,
        "import numpy as np\n"
        "class GraphFeaturePreprocessor:\n"
        "    def get_params(self): return {}\n"
        "    def set_params(self, settings): assert settings['fan'] and settings['num_threads'] == 1\n"
        "    def transform(self, edges):\n"
        "        assert len(edges) <= 128\n"
        "        return np.column_stack([edges, edges[:, 0], edges[:, 4]])\n",
    )
    made = gfp.gfp_features(python, ran.dataset, ran.rows.facts)
    assert made is not None
    assert made.window_days == 7
    assert made.names == ("gfp_0", "gfp_1")
    assert made.facts.column("gfp_0").to_pylist() == list(range(ran.dataset.payments))
    assert made.facts.column("gfp_1").to_numpy() == pytest.approx(ran.rows.facts.column("amount").to_numpy())
    scored = gfp.gfp_scores(made, ran.how)
    assert len(scored.test) == len(ran.scored.test)


def test_a_wheel_that_is_too_slow_gets_a_shorter_window_or_is_given_up(ran, tmp_path):
    python = a_python(
        tmp_path,
        "import time\n"
        "class GraphFeaturePreprocessor:\n"
        "    def get_params(self): return {}\n"
        "    def set_params(self, settings): self.days = settings['time_window'] / 86_400\n"
        "    def transform(self, edges):\n"
        "        time.sleep(self.days - 1)\n"
        "        return edges.repeat(2, axis=1)\n",
    )
    made = gfp.gfp_features(python, ran.dataset, ran.rows.facts, limit_seconds=4.0)
    assert made is not None
    assert made.window_days == 1
    assert gfp.gfp_features(python, ran.dataset, ran.rows.facts, limit_seconds=1e-9) is None


def test_a_wheel_that_fails_is_an_error_with_its_last_word(ran, tmp_path):
    python = a_python(tmp_path, "raise ImportError('no such processor')\n")
    with pytest.raises(FileError, match="no such processor"):
        gfp.gfp_features(python, ran.dataset, ran.rows.facts)
