"""Rollout in a home: files say what is wanted, journal entries what is in force, and a re-run decides the same."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from headgate.charter import charter
from headgate.cli import root
from headgate.connectors.dataset import Dataset
from headgate.decisions.record import Decision
from headgate.decisions.rollout import Rollout, Staged
from headgate.drivers.explain import explain
from headgate.drivers.home import Home
from headgate.drivers.replay import replay
from headgate.drivers.rule_sets import RuleSets
from headgate.drivers.rules import load_rules
from headgate.drivers.staging import Staging
from headgate.errors import ConflictError, FileError, NotFoundError, RolloutError, ScenarioError
from headgate.facts.engine import Engine
from headgate.journal.entries import Activation
from headgate.models.model import Model
from headgate.service.opening import opened


@pytest.fixture(scope="module")
def replayed(world: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home") / "home"
    replay(world, home, load_rules())
    return home


@pytest.fixture
def home(replayed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(replayed, tmp_path / "home"))


def bare(decision: Decision) -> Decision:
    """Everything but the shadow, which rollout was in force, and the place after one more activation entry."""
    versions = msgspec.structs.replace(decision.versions, rollout="")
    evidence = tuple(
        msgspec.structs.replace(w, payments=tuple(msgspec.structs.replace(p, seq=0) for p in w.payments))
        for w in decision.evidence
    )
    return msgspec.structs.replace(decision, shadow=None, versions=versions, seq=0, evidence=evidence)


def test_with_and_without_shadow_parts_every_other_field_has_the_same_bits(
    world: Dataset, tmp_path: Path, model: Model, trial: Any, own: Path
) -> None:
    tried = load_rules(scenarios=own)._replace(
        rollout=Rollout(scenarios={"large-sum": Staged(stage="shadow")}), candidate=model
    )
    plain, shadowed = (
        trial.replayed(world, tmp_path / "plain", load_rules()),
        trial.replayed(world, tmp_path / "tried", tried),
    )
    assert len(plain) == len(shadowed) > 500
    assert [bare(each) for each in shadowed] == [bare(each) for each in plain]
    assert {each.shadow.model for each in shadowed} == {model.content_hash}
    assert any(each.shadow.fired for each in shadowed)
    assert any(each.shadow.action != each.action for each in shadowed)


def test_a_share_has_effect_on_the_payments_drawn_and_the_record_says_on_which(
    world: Dataset, tmp_path: Path, trial: Any, own: Path
) -> None:
    rules = load_rules(scenarios=own)
    staged = Staged(stage="share", share=0.5)
    made = trial.replayed(world, tmp_path / "share", rules._replace(rollout=Rollout(scenarios={"large-sum": staged})))
    with_effect = {
        d.tx_id for d in made for each in d.fired if (each.scenario_id, each.stage) == ("large-sum", "share")
    }
    aside = {d.tx_id for d in made if d.shadow for each in d.shadow.fired if each.scenario_id == "large-sum"}
    assert with_effect == {tx for tx in with_effect | aside if staged.includes("headgate", "large-sum", tx)}
    assert min(len(with_effect), len(aside)) > 20


def test_a_candidate_that_ranks_a_share_reads_its_own_line(
    world: Dataset, tmp_path: Path, model: Model, trial: Any
) -> None:
    rules = load_rules()._replace(candidate=model, rollout=Rollout(candidate=Staged(stage="share", share=0.5)))
    made = trial.replayed(world, tmp_path / "share", rules)
    by_candidate = [each for each in made if each.versions.model == model.content_hash]
    assert 0.4 < len(by_candidate) / len(made) < 0.6
    assert all(each.shadow.model == "" and each.shadow.score is None for each in by_candidate)
    assert all(each.shadow.model == model.content_hash for each in made if each.versions.model == "")
    assert any(each.alert and each.reasons for each in by_candidate)


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(root, arguments, standalone_mode=False, catch_exceptions=False)


def serve(home: Path, numbers: range, trial: Any) -> list[Decision]:
    """Serve the home, send payments, and stop."""
    ended = Home(home)
    start_us = ended.store.last_clock_us() + 1_000_000
    ended.close()
    with opened(home, "127.0.0.1", lambda n: None, lambda: start_us) as parts:
        answers = [parts.writer.decide([trial.live(n, start_us)]).result(timeout=60) for n in numbers]
    return [answer[0].decision for answer in answers]


def activations(home: Path) -> list[Activation]:
    of = Home(home)
    found = [entry for entry in of.store.tail() if isinstance(entry, Activation)]
    of.close()
    return found


def test_a_change_of_files_takes_effect_at_the_next_start_by_entries_of_the_journal(
    home: Path, tmp_path: Path, trial: Any, own: Path
) -> None:
    before = serve(home, range(3), trial)
    assert activations(home) == []
    invoke("scenarios", "add", str(own / "large-sum.toml"), "--home", str(home))
    shadowed = serve(home, range(3, 6), trial)
    assert [(each.subject_kind, each.subject) for each in activations(home)] == [
        ("scenario", "large-sum"), ("rollout", "rollout"), ("rules", "rules"),
    ]  # fmt: skip
    invoke("scenarios", "stage", "large-sum", "live", "--home", str(home))
    after = serve(home, range(6, 9), trial)
    assert all(each.shadow is None and not each.fired for each in before)
    assert all([e.scenario_id for e in each.shadow.fired] == ["large-sum"] and not each.fired for each in shadowed)
    assert all([e.scenario_id for e in each.fired] == ["large-sum"] and each.shadow is None for each in after)
    assert after[0].versions.scenarios != before[0].versions.scenarios == shadowed[0].versions.scenarios


def test_a_re_run_decides_the_same_across_changes_and_every_decision_is_explained(
    home: Path, tmp_path: Path, trial: Any, own: Path
) -> None:
    made = serve(home, range(3), trial)
    Staging(home).add_scenario(own / "large-sum.toml")
    made += serve(home, range(3, 6), trial)
    Staging(home).stage_scenario("large-sum", Staged(stage="share", share=0.5))
    Staging(home).stage_scenario("layering-chain", Staged(stage="shadow"))
    made += serve(home, range(6, 12), trial)
    of = Home(home)
    again = []
    pipeline = of.pipeline()
    fresh = rebuilt(of)
    for entry in of.store.tail():
        step = fresh.step(entry)
        again += [step.decision] if step.decision else []
    assert again == made
    assert (fresh.rules_hash, fresh.trial) == (pipeline.rules_hash, pipeline.trial)
    assert {each.stage for decision in made for each in decision.fired} <= {"live", "share"}
    for decision in made:
        assert explain(of, decision.tx_id).same_bits
    of.close()


def rebuilt(home: Home) -> Any:
    """The pipeline at the end of the archive, wide enough for what the tail brings."""
    from headgate.drivers.rollouts import facts_to_come, widen
    from headgate.drivers.state import load_state

    pipeline = load_state(home.paths.state, home.rule_sets.get)
    widen(pipeline, facts_to_come(home.store.tail(), home.rule_sets), home.blocks())
    return pipeline


def test_a_widened_engine_computes_what_one_that_was_wide_from_the_start_does(
    home: Path, tmp_path: Path, trial: Any, own: Path
) -> None:
    Staging(home).add_scenario(own / "large-sum.toml")
    of = Home(home)
    widened = of.pipeline().engine
    whole = Engine(widened.names, reference_currency="EUR")
    blocks = list(of.blocks())
    for block in blocks:
        whole.observe(block)
    of.close()
    last = blocks[-1]
    clock_us, seq = last.column("clock_us")[-1].as_py() + 1, last.column("seq")[-1].as_py() + 1
    payers = {name for block in blocks for name in block.column("payer").to_pylist() if name}
    for place, payer in enumerate(sorted(payers)[:20]):
        payment = msgspec.structs.replace(trial.live(place, clock_us), payer=payer, seq=seq + place, clock_us=clock_us)
        facts = widened.observe_one(payment)
        assert facts == whole.observe_one(payment)
        assert "payer_sent_max_7d" in facts


def test_a_model_is_tried_staged_and_promoted(home: Path, tmp_path: Path, model: Model, trial: Any) -> None:
    model.save(tmp_path / "model")
    invoke("models", "try", str(tmp_path / "model"), "--home", str(home))
    (shadowed,) = serve(home, range(1), trial)
    assert (shadowed.score, shadowed.versions.model, shadowed.shadow.model) == (None, "", model.content_hash)
    invoke("models", "stage", "live", "--home", str(home))
    (ranked,) = serve(home, range(1, 2), trial)
    assert (ranked.versions.model, ranked.shadow.model) == (model.content_hash, "")
    with pytest.raises(ConflictError, match="10 frauds and 50 fine ones are needed"):
        invoke("models", "promote", "--home", str(home))
    Staging(home).promote_model()
    (promoted,) = serve(home, range(2, 3), trial)
    assert (promoted.versions.model, promoted.versions.rollout, promoted.shadow) == (model.content_hash, "", None)
    assert promoted.threshold == ranked.threshold
    kinds = [(each.subject_kind, bool(each.content_hash)) for each in activations(home)]
    assert kinds[-4:] == [("model", True), ("candidate", False), ("rollout", False), ("rules", True)]
    with pytest.raises(NotFoundError, match="no candidate"):
        invoke("models", "drop", "--home", str(home))
    of = Home(home)
    assert all(explain(of, f"live-{number}").same_bits for number in range(3))
    of.close()


def test_what_cannot_be_is_refused_and_the_home_stays_as_it_was(home: Path, tmp_path: Path, trial: Any) -> None:
    staging = Staging(home)
    before = staging.rules()
    (tmp_path / "wrong.toml").write_text(trial.OWN.replace("amount = 6000", "amount = 6"))
    (tmp_path / "there.toml").write_text(trial.OWN.replace("large-sum", "layering-chain"))
    refusals: list[tuple[Callable[[], object], type[Exception], str]] = [
        (lambda: staging.stage_scenario("layering-chian", Staged(stage="shadow")), NotFoundError, "layering-chain"),
        (lambda: staging.stage_scenario("layering-chain", Staged(stage="share")), RolloutError, "without a share"),
        (lambda: staging.add_scenario(tmp_path / "wrong.toml"), ScenarioError, "must fire"),
        (lambda: staging.add_scenario(tmp_path / "there.toml"), ConflictError, "layering-chain-2"),
        (lambda: staging.add_scenario(tmp_path / "gone.toml"), FileError, "cannot be read"),
        (lambda: staging.stage_model(Staged(stage="live")), NotFoundError, "no candidate"),
        (lambda: Staging(tmp_path), NotFoundError, "no home"),
    ]
    for change, error, words in refusals:
        with pytest.raises(error, match=words):
            change()
    assert staging.rules().content_hash == before.content_hash


def test_rules_that_were_kept_stay_readable_when_a_later_headgate_packages_another_charter(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sets = RuleSets(home / "rules", "EUR")
    (name,) = (path.name for path in (home / "rules").iterdir())
    then = sets.get(name).charter
    later = charter.packaged_text().replace('activation = ["subject_kind",', 'activation = ["ticket", "subject_kind",')
    monkeypatch.setattr(charter, "packaged_text", lambda: later)
    assert "ticket" in charter.load_charter().allowed["activation"]
    assert RuleSets(home / "rules", "EUR").get(name).charter.content_hash == then.content_hash


def test_rules_of_an_older_headgate_keep_their_name_although_they_lack_what_this_one_can_set(home: Path) -> None:
    (kept,) = (home / "rules").iterdir()
    now = RuleSets(home / "rules", "EUR").get(kept.name)
    older = msgspec.json.decode(now.policy.whole)
    del older["snooze"], older["burden"]["days"], older["rails"]["card"]
    (kept / "policy.json").write_bytes(msgspec.json.encode(older))
    (kept / "policy.toml").write_text("[budget]\ncases_per_day = 10\n")
    parts = now.parts | {("policy", "policy"): hashlib.sha256(msgspec.json.encode(older)).hexdigest()}
    rows = sorted(f"{kind} {subject} {content}" for (kind, subject), content in parts.items())
    name = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    kept.rename(kept.with_name(name))
    then = RuleSets(home / "rules", "EUR").get(name)
    assert then.content_hash == name
    assert (then.policy.snooze, then.policy.burden) == (now.policy.snooze, now.policy.burden)
    assert "card" not in then.policy.rails


def test_rules_that_are_missing_or_were_altered_are_told(home: Path) -> None:
    of = Home(home)
    (kept,) = (home / "rules").iterdir()
    policy = kept / "policy.toml"
    policy.write_text(policy.read_text().replace("cases_per_day = 10", "cases_per_day = 11"))
    with pytest.raises(FileError, match="was altered"):
        of.pipeline()
    shutil.rmtree(kept)
    with pytest.raises(NotFoundError, match="not kept here"):
        Home(home).pipeline()
    of.close()


def test_every_setting_of_a_rollout_stands_in_the_reference() -> None:
    text = (Path(__file__).parents[3] / "docs" / "reference" / "rollout.md").read_text("utf-8")
    names = (*Rollout.__struct_fields__, *Staged.__struct_fields__)
    assert [name for name in names if f"`{name}`" not in text and f"`[{name}]`" not in text] == []


def test_the_stages_and_what_the_shadows_said_are_shown(home: Path, tmp_path: Path, trial: Any, own: Path) -> None:
    assert "Everything is live" in invoke("rollout", "--home", str(home)).output
    invoke("scenarios", "add", str(own / "large-sum.toml"), "--home", str(home))
    assert '"waits": true' in invoke("rollout", "--home", str(home), "--json").output
    serve(home, range(4), trial)
    shown = invoke("rollout", "--home", str(home)).output
    assert "large-sum" in shown
    assert "allow -> hold, read" in shown
    explained = invoke("explain", "live-3", "--home", str(home)).output
    assert "Without effect: it would have been hold, alert" in explained
    assert "A large sum (shadow): EUR 90.00 at once." in explained
