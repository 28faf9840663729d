"""Other rules take effect in a running service, at one place of the journal, and every re-run decides the same."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from headgate.cli import root
from headgate.decisions.record import Decision
from headgate.decisions.rollout import Staged
from headgate.drivers.asked import Asked, asked_last
from headgate.drivers.explain import explain
from headgate.drivers.home import Home
from headgate.drivers.paths import Paths
from headgate.drivers.rollouts import facts_to_come, widen
from headgate.drivers.rules import load_rules
from headgate.drivers.staging import Staging
from headgate.drivers.state import load_state
from headgate.errors import FileError
from headgate.journal.entries import Activation
from headgate.ledger import kinds
from headgate.ledger.entries import decode_entry
from headgate.limits import US_PER_SECOND
from headgate.models.model import Model
from headgate.service.opening import opened
from headgate.service.parts import Parts


@pytest.fixture(scope="module")
def replayed(world: Any, trial: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("replayed") / "home"
    trial.replayed(world, home, load_rules())
    return home


@pytest.fixture
def home(replayed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(replayed, tmp_path / "home"))


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(root, arguments, standalone_mode=False, catch_exceptions=False)


class Stream:
    """Payments that flow into a service from a thread of its own, one after the other."""

    def __init__(self, parts: Parts, trial: Any, start_us: int) -> None:
        self.made: list[Decision] = []
        self._parts, self._trial, self._start_us = parts, trial, start_us
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._flow)

    def _flow(self) -> None:
        while not self._ended.is_set():
            payment = self._trial.live(len(self.made), self._start_us)
            self.made.append(self._parts.writer.decide([payment]).result(timeout=60)[0].decision)

    def until(self, met: Callable[[Decision], bool]) -> None:
        """Return when a decision is such; at most a minute."""
        ends, seen = time.monotonic() + 60, 0
        while time.monotonic() < ends:
            found = self.made[seen:]
            if any(map(met, found)):
                return
            seen += len(found)
            time.sleep(0.005)
        raise AssertionError(f"none of {len(self.made)} decisions; {self._parts.taking and self._parts.taking.trouble}")

    def __enter__(self) -> Stream:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


@contextmanager
def served(home: Path) -> Iterator[tuple[Parts, int]]:
    of = Home(home)
    start_us = of.store.last_clock_us() + US_PER_SECOND
    of.close()
    with opened(home, "127.0.0.1", lambda n: None, lambda: start_us) as parts:
        yield parts, start_us


def again(home: Path) -> list[Decision]:
    """What a fresh fold of the tail decides."""
    of = Home(home)
    pipeline = load_state(of.paths.state, of.rule_sets.get)
    widen(pipeline, facts_to_come(of.store.tail(), of.rule_sets), of.blocks())
    found = [step.decision for step in map(pipeline.step, of.store.tail()) if step.decision]
    of.close()
    return found


def activations(home: Path) -> list[Activation]:
    of = Home(home)
    found = [entry for entry in of.store.tail() if isinstance(entry, Activation)]
    of.close()
    return found


def fired(decision: Decision) -> list[str]:
    return [each.scenario_id for each in decision.fired]


def aside(decision: Decision) -> list[str]:
    return [each.scenario_id for each in decision.shadow.fired] if decision.shadow else []


def test_a_scenario_is_added_staged_and_withdrawn_while_payments_flow(home: Path, own: Path, trial: Any) -> None:
    """It reads a fact that was not computed before, so the engine is widened aside."""
    with served(home) as (parts, start_us), Stream(parts, trial, start_us) as stream:
        stream.until(lambda each: True)
        invoke("scenarios", "add", str(own / "large-sum.toml"), "--home", str(home))
        stream.until(lambda each: aside(each) == ["large-sum"])
        invoke("scenarios", "stage", "large-sum", "live", "--home", str(home))
        stream.until(lambda each: fired(each) == ["large-sum"])
        assert [each.id for each in parts.rules().scenarios].count("large-sum") == 1
        invoke("scenarios", "stage", "large-sum", "shadow", "--home", str(home))
        stream.until(lambda each: aside(each) == ["large-sum"] and each.seq > activations(home)[-1].seq)
    spoke = [(bool(fired(each)), bool(aside(each))) for each in stream.made]
    changes = [spoke[0], *(new for old, new in pairwise(spoke) if old != new)]
    assert [change for change in changes if any(change)][:3] == [(False, True), (True, False), (False, True)]
    assert again(home) == stream.made
    of = Home(home)
    assert all(explain(of, each.tx_id).same_bits for each in (stream.made[0], stream.made[-1]))
    of.close()
    told = [each for each in activations(home) if each.subject_kind == "rules"]
    assert [each.reason for each in told] == [
        "scenario large-sum added, in the shadow", "scenario large-sum: live", "scenario large-sum: shadow",
    ]  # fmt: skip


def test_a_policy_that_was_edited_takes_effect_when_it_is_asked_for_and_the_ledger_says_who(
    home: Path, trial: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "ana")
    policy = home / "policy.toml"
    with served(home) as (parts, start_us), Stream(parts, trial, start_us) as stream:
        stream.until(lambda each: True)
        before = stream.made[0].versions.policy
        policy.write_text(policy.read_text().replace("cases_per_day = 10", "cases_per_day = 11"))
        assert "files say" in invoke("rules", "show", "--home", str(home)).output
        assert {each.versions.policy for each in stream.made} == {before}, "nobody has asked for it"
        invoke("rules", "apply", "--why", "Two more  people", "--home", str(home))
        stream.until(lambda each: each.versions.policy != before)
    assert again(home) == stream.made
    last = activations(home)
    assert [(each.subject_kind, each.actor, each.reason) for each in last] == [
        ("policy", "ana", "Two more people"), ("rules", "ana", "Two more people"),
    ]  # fmt: skip
    of = Home(home)
    leaves = [decode_entry(each) for each in of.store.ledger_leaves(0, of.store.ledger_head().size)]
    of.close()
    changed = [each for each in leaves if isinstance(each, kinds.PolicyChanged)]
    assert [(each.name, each.person, each.after) for each in changed] == [
        ("policy", "ana", last[0].content_hash), ("rules", "ana", last[1].content_hash),
    ]  # fmt: skip


def test_a_model_is_promoted_retired_and_returned_while_payments_flow(
    home: Path, tmp_path: Path, model: Model, trial: Any
) -> None:
    """A model of two stages remembers the scores that it gave; a re-run meets the same."""
    model.save(tmp_path / "model")
    with served(home) as (parts, start_us), Stream(parts, trial, start_us) as stream:
        invoke("models", "try", str(tmp_path / "model"), "--home", str(home))
        stream.until(lambda each: each.shadow is not None and each.shadow.model == model.content_hash)
        Staging(home).promote_model()
        invoke("rules", "apply", "--why", "promoted", "--home", str(home))
        stream.until(lambda each: each.versions.model == model.content_hash and each.score is not None)
        invoke("models", "retire", "--why", "Customers changed", "--home", str(home))
        stream.until(lambda each: each.score is None and each.seq > activations(home)[-1].seq)
        invoke("models", "return", "--why", "A feed was late", "--home", str(home))
        stream.until(lambda each: each.score is not None and each.seq > activations(home)[-1].seq)
    assert again(home) == stream.made


KILLED = {
    "right after it took effect": "",
    "when the new facts are folded": """
        step = Widening._read
        Widening._read = lambda *given: (step(*given), os.kill(os.getpid(), 9))
    """,
    "when the wider engine has taken its place": """
        step = Widening.widen
        Widening.widen = lambda *given: (step(*given), os.kill(os.getpid(), 9))
    """,
}


@pytest.mark.parametrize("when", KILLED)
def test_killed_at_a_change_the_service_goes_on_by_it_and_a_re_run_decides_the_same(
    when: str, home: Path, own: Path, trial: Any
) -> None:
    child = """
        import os, sys, threading
        from pathlib import Path
        sys.path.insert(0, {here!r})
        from headgate.drivers.home import Home
        from headgate.service.opening import opened
        from headgate.service.widening import Widening
        from headgate.limits import US_PER_SECOND
        from conftest import Trial
        home = Path({home!r})
        of = Home(home); start_us = of.store.last_clock_us() + US_PER_SECOND; of.close()
        with opened(home, "127.0.0.1", lambda n: None, lambda: start_us) as parts:
            before = parts.writer.rules_hash
            number = 0
            while True:
                parts.writer.decide([Trial.live(number, start_us)]).result(timeout=60)
                number += 1
                print(number, flush=True)
                if parts.writer.rules_hash != before:
                    parts.writer.decide([Trial.live(number, start_us)])  # under way, not answered
                    os.kill(os.getpid(), 9)
    """
    begin, home_of = textwrap.dedent(child).split("home = Path", 1)
    script = f"{begin}{textwrap.dedent(KILLED[when])}\nhome = Path{home_of}"
    script = script.format(here=str(Path(__file__).parent), home=str(home))
    child_process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=os.environ)
    assert child_process.stdout is not None
    assert child_process.stdout.readline() == "1\n"
    Staging(home).add_scenario(own / "large-sum.toml")
    Staging(home).stage_scenario("large-sum", Staged(stage="live"))
    invoke("rules", "apply", "--why", "now", "--home", str(home))
    answered = child_process.stdout.read().split()
    assert child_process.wait(timeout=60) == -signal.SIGKILL
    of = Home(home)
    kept = list(of.store.decisions())
    of.close()
    assert len(kept) >= int(answered[-1]), "what was answered is kept"
    assert again(home) == kept
    with served(home) as (parts, start_us):
        assert parts.writer.rules_hash == activations(home)[-1].content_hash
        (after,) = parts.writer.decide([trial.live(9_000, start_us)]).result(timeout=60)
    assert len([each for each in activations(home) if each.subject_kind == "rules"]) == 1, "it takes effect once"
    assert fired(after.decision) == ["large-sum"]
    assert again(home) == [*kept, after.decision]


def test_a_wish_that_cannot_be_granted_is_told_and_changes_nothing(home: Path, trial: Any) -> None:
    with served(home) as (parts, start_us):
        in_force = parts.writer.rules_hash
        assert parts.taking is not None
        Paths(home).asked.write_bytes(msgspec.json.encode(Asked(rules="0" * 64, by="ana", why="Less")))
        ends = time.monotonic() + 60
        while not parts.taking.trouble and time.monotonic() < ends:
            time.sleep(0.01)
        assert "that ana asked for do not take effect" in parts.taking.trouble
        parts.writer.decide([trial.live(0, start_us)]).result(timeout=60)
        assert parts.writer.rules_hash == in_force
    assert activations(home) == []
    (home / "asked.json").write_text("{")
    with pytest.raises(FileError, match="Ask again"):
        asked_last(Paths(home))


def test_what_was_asked_for_while_nothing_ran_takes_effect_at_the_start_in_the_name_of_who_asked(
    home: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "ben")
    invoke("scenarios", "add", str(own / "large-sum.toml"), "--home", str(home))
    with served(home):
        pass
    assert {each.actor for each in activations(home)} == {"ben"}
