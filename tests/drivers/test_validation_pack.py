"""The validation pack: a fresh process finds the same, seeds and settings are tried, limits are said."""

from __future__ import annotations

import json

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner
from drivers.test_evaluation_command import write
from drivers.test_report_evaluation import synthetic

from headgate.cli import root
from headgate.drivers.evaluation.learners import Teaching
from headgate.drivers.evaluation.period import Truth, period
from headgate.drivers.validation import sensitivity as trying
from headgate.drivers.validation.limits import limits
from headgate.drivers.validation.sensitivity import Sensitive, changes
from headgate.drivers.validation.stability import Moved, psi, spans
from headgate.errors import FileError
from headgate.limits import US_PER_HOUR
from headgate.models.document import Settings


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    """The pack of a small world, made by the command, with one change of the seed only."""
    folder = tmp_path_factory.mktemp("pack")
    world = write(folder / "world", rows=1000, schemes=30)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trying, "changes", lambda how: {"seed 1": how._replace(seed=1)})
        result = CliRunner().invoke(
            root, ["evaluate", str(world), "--pack", str(folder / "pack"), "--label-delay", "1"], standalone_mode=False
        )
    assert result.exit_code == 0, result.exception
    return folder / "pack"


def read(pack, name):
    return json.loads((pack / name).read_text("utf-8"))


def test_a_fresh_process_finds_the_same_numbers(pack):
    told = read(pack, "rerun.json")
    assert told["comparison"]["differ"] == []
    assert told["comparison"]["compared"] > 500
    assert told["numbers"]["ap"] == read(pack, "evaluation.json")["ap"]
    assert "--label-delay=1" in told["comparison"]["command"]


def test_the_readme_answers_and_names_every_file(pack):
    page = (pack / "README.md").read_text("utf-8")
    for path in pack.iterdir():
        assert path.name == "README.md" or f"`{path.name}`" in page, path.name
    assert "yes: " in page
    assert "SR 26-2" in page
    assert f"{read(pack, 'evaluation.json')['ap']:.3f}" in page
    assert all(sentence in page for sentence in read(pack, "limits.json"))


def test_the_inputs_are_named_by_their_hashes(pack):
    told = read(pack, "inputs.json")
    assert set(told["files"]) == {"transactions.parquet", "labels.parquet", "patterns.parquet"}
    assert all(len(digest) == 64 for digest in told["files"].values())
    assert len(told["model"]) == 64


def test_a_pack_does_not_overwrite_a_folder_unless_told_to(pack):
    world = pack.parent / "world"
    refused = CliRunner().invoke(root, ["evaluate", str(world), "--pack", str(world)], standalone_mode=False)
    assert isinstance(refused.exception, FileError)
    assert "--overwrite" in refused.exception.repair


def test_other_seeds_and_a_step_each_way_of_the_settings_are_tried():
    how = Teaching(*[None] * 8, 7, Settings(leaves=10, learning_rate=0.03))  # only seed and settings are read
    tried = changes(how)
    assert {made.seed for words, made in tried.items() if words.startswith("seed")} == {1, 2, 3}
    assert tried["half the leaves"].settings.leaves == 5
    assert tried["twice the leaves"].settings.leaves == 20
    assert tried["twice the learning rate"].settings.learning_rate == pytest.approx(0.06)
    assert all(made.settings != how.settings or made.seed != 7 for made in tried.values())


def test_the_stability_index_is_zero_for_the_same_and_large_for_a_shift_or_for_missing_values():
    random = np.random.default_rng(1)
    one, other = random.normal(0, 1, 20_000), random.normal(0, 1, 20_000)
    assert psi(one, other) < 0.01
    assert psi(one, other + 1) > 0.25
    assert psi(one, np.where(random.random(20_000) < 0.4, np.nan, other)) > 0.25
    assert psi(np.full(10, np.nan), np.full(10, np.nan)) == 0.0


def test_spans_cover_the_period_and_count_its_alerts():
    ids = [f"t{n}" for n in range(600)]
    clock = np.arange(600, dtype=np.int64) * US_PER_HOUR
    of = period(
        ids, clock, np.ones(600), Truth({tx: int(n % 20 == 0) for n, tx in enumerate(ids)}, {}), first=0, stop=600
    )
    scores = np.arange(600, dtype=float)
    found = spans(of, scores, scores >= 300, scores)
    assert len(found) == 6
    assert sum(span.payments for span in found) == 600
    assert sum(span.frauds for span in found) == 30
    assert [span.recall for span in found] == [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]
    assert found[0].score_psi > 0.25


def test_limits_tell_what_the_figures_do_not_allow():
    result = synthetic(rows=3000)
    wide = msgspec.structs.replace(
        result, about=result.about | {"ap": msgspec.structs.replace(result.about["ap"], interval=(0.2, 0.8))}
    )
    clear = Sensitive(change="half the leaves", ap=0.4, ap_interval=(0.3, 0.5), lost=0.2, lost_interval=(0.1, 0.3))
    unclear = msgspec.structs.replace(clear, change="seed 1", lost_interval=(-0.1, 0.3))
    said = " ".join(limits(wide, (), (clear, unclear), (Moved(fact="amount", psi=0.5), Moved(fact="rail", psi=0.1))))
    assert "wide (0.20 to 0.80)" in said
    assert "with half the leaves average precision is 0.400, 0.200 lower" in said
    assert "seed 1" not in said
    assert "1 facts moved since training" in said
    assert "nothing about persons" in said
