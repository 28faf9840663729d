"""`headgate explain --verify`: decided again by the rules of then, compared with store and log, and said in words."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from headgate.charter.charter import load_charter
from headgate.cli import root
from headgate.connectors.dataset import Dataset
from headgate.decisions.record import Decision
from headgate.decisions.rollout import Staged
from headgate.drivers.home import Home
from headgate.drivers.learning import learn
from headgate.drivers.rules import load_rules
from headgate.drivers.snapshots import MANIFEST, Manifest, digest_of
from headgate.drivers.staging import Staging
from headgate.journal.entries import Payment
from headgate.ledger.commitments import SubjectKeys
from headgate.ledger.entries import encode_entry
from headgate.ledger.keys import make_key_file
from headgate.ledger.kinds import Snapshot
from headgate.models.model import Model
from headgate.service.opening import opened
from headgate.service.receipts import receipt_of

Home_ = Path


def serve(home: Path, numbers: range, trial: Any) -> None:
    """Serve the home, send payments a second apart, and stop."""
    of = Home(home)
    now = [of.store.last_clock_us()]
    of.close()
    with opened(home, "127.0.0.1", lambda n: None, lambda: now[0]) as parts:
        for number in numbers:
            now[0] += 1_000_000
            parts.writer.decide([trial.live(number, now[0], 900_000)]).result(timeout=60)


@pytest.fixture(scope="module")
def second(world: Dataset, model: Model) -> Model:
    """Another model than the first, of one stage."""
    assert model.first is not None, "what past scores said is part of what is verified here"
    return model.first


@pytest.fixture(scope="module")
def upgraded(
    world: Dataset, model: Model, second: Model, trial: Any, own: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A home that decided in six ways: live-0 and 1 by the first rules, then two by each change that came."""
    home = tmp_path_factory.mktemp("upgraded") / "home"
    trial.replayed(world, home, load_rules()._replace(model=model))
    serve(home, range(2), trial)
    of = Home(home)
    of.snapshots.write(pipeline := of.pipeline())
    at = pipeline.next_seq
    said = Snapshot(at_us=0, seq=at, content=of.snapshots.content_hash(at))
    of.store.tell_ledger(encode_entry(said))
    of.close()
    Staging(home).add_scenario(own / "large-sum.toml")
    Staging(home).stage_scenario("large-sum", Staged(stage="share", share=0.5))
    serve(home, range(2, 4), trial)
    second.save(home.parent / "second")
    Staging(home).try_model(home.parent / "second")
    Staging(home).stage_model(Staged(stage="share", share=0.5))
    serve(home, range(4, 6), trial)
    Staging(home).promote_model()
    serve(home, range(6, 8), trial)
    policy = home / "policy.toml"
    policy.write_text(policy.read_text().replace("cases_per_day = 10", "cases_per_day = 4"))
    Staging(home).stage_scenario("large-sum", Staged(stage="live"))
    serve(home, range(8, 10), trial)
    Staging(home).withdraw_model("Its scores drifted.")
    serve(home, range(10, 12), trial)
    return home


@pytest.fixture
def home(upgraded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(upgraded, tmp_path / "home"))


def verify(home: Path, tx_id: str, *more: str) -> Any:
    return CliRunner().invoke(root, ["explain", tx_id, "--verify", "--home", str(home), *more], standalone_mode=False)


def found(home: Path, tx_id: str, *more: str) -> dict[str, Any]:
    result = verify(home, tx_id, "--json", *more)
    assert result.exception is None, result.exception
    answer: dict[str, Any] = json.loads(result.stdout)
    assert result.return_value == (0 if answer["verdict"] in ("same", "same_without_keys") else 1)
    return answer


def test_decisions_of_every_age_verify_after_upgrades_of_scenarios_models_and_policy(home: Path) -> None:
    answers = [found(home, f"live-{number}") for number in range(12)]
    assert [(each["verdict"], each["same_bits"]) for each in answers] == [("same", True)] * 12
    assert len({json.dumps(each["recomputed"]["versions"]) for each in answers}) >= 6
    assert {each["recomputed"]["versions"]["model"] for each in answers[10:]} == {""}
    assert answers[4]["recomputed"]["shadow"] is not None
    assert {each["began"] for each in answers[:2]} == {"the state at the end of the replay"}
    assert all(each["began"].startswith("the snapshot before entry") for each in answers[2:])
    numbers = [each["place"]["number"] for each in answers]
    assert numbers == sorted(numbers)
    assert len({each["place"]["root"] for each in answers}) == 1


def test_from_the_first_entry_of_the_journal_the_same_bits_come(home: Path) -> None:
    for tx_id in ("live-0", "live-11"):
        answer = found(home, tx_id, "--from-start")
        assert (answer["verdict"], answer["began"]) == ("same", "the first entry of the journal")


def test_a_fresh_process_says_so_in_words_while_the_home_is_served(home: Path) -> None:
    with opened(home, "127.0.0.1", lambda n: None):
        command = [sys.executable, "-m", "headgate", "explain", "live-5", "--verify", "--home", str(home)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert "Same bits as stored: yes" in run.stdout
    assert "In the log headgate.home/" in run.stdout
    assert "under the checkpoint of" in run.stdout
    assert run.stdout.endswith("Verified: decided again, stored and logged alike.\n")


def test_what_past_scores_said_is_recomputed_and_shown(home: Path, model: Model) -> None:
    answer = found(home, "live-3")
    past = answer["past_scores"][model.content_hash]
    assert past["payer_sent_score_max_24h"] is not None
    assert set(past) > {"payee_received_score_decayed_28d"}
    plain = CliRunner().invoke(root, ["explain", "live-3", "--home", str(home)], standalone_mode=False)
    assert plain.return_value == 0
    assert f"Past scores, recomputed for model {model.content_hash[:16]}: " in plain.output
    assert f"payer_sent_score_max_24h {past['payer_sent_score_max_24h']}" in plain.output
    assert found(home, "live-10")["past_scores"] == {}, "the model had been taken out"


def alter(home: Path, table: str, column: str, tx_id: str, kind: Any, change: Callable[[Any], Any]) -> None:
    """Change the record in a row by plain SQL, as one who has the database can."""
    key = "id" if table == "journal" else "tx_id"
    with sqlite3.connect(home / "headgate.db") as db:
        (content,) = db.execute(f"SELECT {column} FROM {table} WHERE {key} = ?", (tx_id,)).fetchone()
        changed = msgspec.msgpack.encode(change(msgspec.msgpack.decode(content, type=kind)))
        db.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (changed, tx_id))
    db.close()


def run_sql(home: Path, sql: str) -> None:
    with sqlite3.connect(home / "headgate.db") as db:
        db.execute(sql)
    db.close()


def set_(**values: Any) -> Callable[[Any], Any]:
    return lambda record: msgspec.structs.replace(record, **values)


def other_reason(decision: Decision) -> Decision:
    first, *rest = decision.fired
    return set_(fired=(set_(reason="A cup of coffee.")(first), *rest))(decision)


def test_a_tampered_row_is_found_and_said_by_value(home: Path) -> None:
    before = found(home, "live-9")["recomputed"]
    assert before["action"] == "hold"
    for change, name, stored in [
        (set_(action="allow"), "action", "allow"),
        (set_(score=-9.5), "score", "-9.5"),
        (set_(threshold=0.25), "threshold", "0.25"),
        (other_reason, "fired.0.reason", "A cup of coffee."),
        (set_(facts_digest="0" * 64), "facts_digest", "0" * 64),
    ]:
        copy = Path(shutil.copytree(home, home.with_name(f"{name}-changed")))
        alter(copy, "decisions", "content", "live-9", Decision, change)
        (differs,) = found(copy, "live-9")["differences"]
        value = before
        for key in name.split("."):
            value = value[int(key)] if key.isdecimal() else value[key]
        logged = str(value) if name in ("action", "facts_digest") else "as recomputed"
        assert (differs["name"], differs["where"]) == (name, "table decisions" + ("" if name != "action" else ""))
        assert (differs["recomputed"], differs["stored"], differs["logged"]) == (str(value), stored, logged)
        words = verify(copy, "live-9").output
        assert f"{name} (table decisions): recomputed {value} / stored {stored} / logged {logged}" in words
        assert words.endswith("NOT VERIFIED: not all agree.\n")
