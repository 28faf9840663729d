"""A service whose payments no longer resemble those of training takes the model out by entries of the journal."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import msgspec

from headgate.drivers.asked import asked_last
from headgate.drivers.explain import explain
from headgate.drivers.home import Home
from headgate.drivers.paths import Paths
from headgate.drivers.replay import replay
from headgate.drivers.rules import load_rules
from headgate.drivers.staging import Staging
from headgate.drivers.verification import Asked, verify_decision
from headgate.journal.entries import Activation
from headgate.limits import US_PER_DAY
from headgate.service.opening import opened

SUSPICIOUS = "[drift]\nleast_payments = 100\nscore_psi = 0.01\n"


def test_a_model_that_drifted_is_taken_out_on_record_and_stays_out(
    world: Any, model: Any, trial: Any, tmp_path: Path
) -> None:
    home, policy = tmp_path / "home", tmp_path / "policy.toml"
    policy.write_text(SUSPICIOUS)
    replay(world, home, load_rules(policy=policy)._replace(model=model))
    of = Home(home)
    start_us = of.store.last_clock_us() + US_PER_DAY
    of.close()
    now = [start_us]
    with opened(home, "127.0.0.1", lambda n: None, lambda: now[0]) as parts:
        answers = []
        for number in range(6):
            now[0] += 30_000_000
            payment = msgspec.structs.replace(trial.live(number, now[0]), ts_us=now[0])
            answers.append(parts.writer.decide([payment]).result(timeout=60)[0].decision)
            ends = time.monotonic() + 60
            while asked_last(Paths(home)) and parts.rules().model is not None and time.monotonic() < ends:
                time.sleep(0.01)  # it is asked for, and takes effect in a moment
        figures = parts.figures_inside().decode()
    assert answers[0].versions.model == model.content_hash
    assert (answers[-1].versions.model, answers[-1].score) == ("", None)
    assert "headgate_drift_score_psi" in figures
    assert "headgate_model_in_force 0.0" in figures
    rules = Staging(home).rules()
    assert rules.model is None
    assert "stability index" in rules.rollout.withdrawn.why
    of = Home(home)
    told = [(e.subject_kind, bool(e.content_hash)) for e in of.store.tail() if isinstance(e, Activation)]
    assert told[-3:] == [("rollout", True), ("model", False), ("rules", True)]
    assert all(explain(of, answer.tx_id).same_bits for answer in answers[:2])
    assert [verify_decision(of, each.tx_id, Asked()).verdict for each in (answers[0], answers[-1])] == ["same", "same"]
    of.close()
    now[0] += 60_000_000
    with opened(home, "127.0.0.1", lambda n: None, lambda: now[0]) as parts:
        (still,) = parts.writer.decide([trial.live(99, now[0])]).result(timeout=60)
        assert still.decision.score is None
    Staging(home).return_model()
    assert Staging(home).rules().model is not None
