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
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from headgate.cli import root
from headgate.connectors.dataset import Dataset
from headgate.decisions.record import Decision
from headgate.decisions.rollout import Staged
from headgate.drivers.home import Home
from headgate.drivers.replay import replay
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


def serve(home: Path, numbers: range, trial: Any) -> None:
    """Serve the home, send payments a second apart, and stop."""
    of = Home(home)
    now = [of.store.last_clock_us()]
    of.close()
    with opened(home, "127.0.0.1", lambda n: None, lambda: now[0]) as parts:
        for number in numbers:
            now[0] += 1_000_000
            parts.writer.decide([trial.live(number, now[0], 900_000)]).result(timeout=60)


POLICY = """
[budget]
cases_per_day = 10
[drift]
fall_back = false
"""


@pytest.fixture(scope="module")
def upgraded(world: Dataset, model: Model, trial: Any, own: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that decided in six ways: live-0 and 1 by the first rules, then two by each change that came.

    The first model is of two stages; live-10 and 11 are decided by scenarios alone, with the second one taken out.
    """
    assert model.first is not None, "what past scores said is part of what is verified here"
    folder = tmp_path_factory.mktemp("upgraded")
    home, policy = folder / "home", folder / "policy.toml"
    policy.write_text(POLICY)
    (folder / "plain").mkdir()
    (folder / "plain" / "small-sum.toml").write_text(trial.OWN.replace("large-sum", "small-sum"))
    rules = load_rules(scenarios=folder / "plain", policy=policy, over_packaged=False)
    numbers = iter(range(10**9))
    replay(
        world,
        home,
        rules._replace(model=model),
        from_share=0.95,
        token=lambda size: next(numbers).to_bytes(size, "big"),
    )
    serve(home, range(2), trial)
    snapshot(home)
    Staging(home).add_scenario(own / "large-sum.toml")
    Staging(home).stage_scenario("large-sum", Staged(stage="share", share=0.5))
    serve(home, range(2, 4), trial)
    model.first.save(folder / "second")
    Staging(home).try_model(folder / "second")
    Staging(home).stage_model(Staged(stage="share", share=0.5))
    serve(home, range(4, 6), trial)
    Staging(home).promote_model()
    serve(home, range(6, 8), trial)
    Staging(home).stage_scenario("large-sum", Staged(stage="live"))
    (home / "policy.toml").write_text(POLICY.replace("cases_per_day = 10", "cases_per_day = 4"))
    serve(home, range(8, 10), trial)
    Staging(home).withdraw_model("Its scores drifted.")
    serve(home, range(10, 12), trial)
    return home


def snapshot(home: Path) -> None:
    """Write a snapshot, and leave word of it for the log, as a service does."""
    of = Home(home)
    of.snapshots.write(pipeline := of.pipeline())
    seq = pipeline.next_seq
    of.store.tell_ledger(encode_entry(Snapshot(at_us=0, seq=seq, content=of.snapshots.content_hash(seq))))
    of.close()


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
    answer = found(home, "live-11", "--from-start")
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
    for tx_id in ("live-3", "live-5"):
        alone = CliRunner().invoke(root, ["explain", tx_id, "--json", "--home", str(home)], standalone_mode=False)
        assert json.loads(alone.stdout)["past_scores"] == found(home, tx_id)["past_scores"]


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


def answered(home: Path, tx_id: str) -> Decision:
    """The record of a decision as it was answered."""
    of = Home(home)
    record = of.store.decision(tx_id)
    of.close()
    assert record is not None
    return record


@pytest.fixture
def before(upgraded: Path) -> Decision:
    record = answered(upgraded, "live-9")
    assert record.action == "hold"
    return record


@pytest.mark.parametrize(
    ("change", "name", "stored"),
    [
        (set_(action="allow"), "action", "allow"),
        (set_(score=-9.5), "score", "-9.5"),
        (set_(threshold=0.25), "threshold", "0.25"),
        (other_reason, "fired.0.reason", "A cup of coffee."),
        (set_(facts_digest="0" * 64), "facts_digest", "0" * 64),
    ],
)
def test_a_tampered_record_is_found_and_said_by_value(
    home: Path, before: Decision, change: Callable[[Any], Any], name: str, stored: str
) -> None:
    alter(home, "decisions", "content", "live-9", Decision, change)
    answer = found(home, "live-9")
    (differs,) = [each for each in answer["differences"] if each["where"] == "table decisions"]
    value = msgspec.to_builtins(before)
    for key in name.split("."):
        value = value[int(key)] if key.isdecimal() else value[key]
    logged = str(value) if name in ("action", "facts_digest") else "as recomputed"
    assert (differs["name"], differs["recomputed"], differs["stored"]) == (name, str(value), stored)
    assert differs["logged"] == logged
    assert (answer["verdict"], answer["same_bits"], answer["faults"]) == ("differs", False, [])
    words = verify(home, "live-9").output
    assert f"{name} (table decisions): recomputed {value} / stored {stored} / logged {logged}" in words
    assert words.endswith("NOT VERIFIED: not all agree.\n")


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        (
            "UPDATE decisions SET action = 'allow' WHERE tx_id = 'live-9'",
            "action (table decisions, column action): recomputed hold / stored allow / logged hold",
        ),
        (
            "DELETE FROM decisions WHERE tx_id = 'live-9'",
            "record (table decisions): recomputed hold / stored nothing / logged hold",
        ),
        (
            "UPDATE decisions SET content = x'00ff' WHERE tx_id = 'live-9'",
            "record (table decisions): recomputed hold / stored cannot be read: the row was changed or damaged",
        ),
        (
            "UPDATE alerts SET payment = x'00ff' WHERE tx_id = 'live-9'",
            "payment.amount_minor (table alerts): recomputed 900000 (the journal) / stored cannot be read",
        ),
        (
            "DELETE FROM journal WHERE id = 'live-9'",
            "The journal has no payment 'live-9' any more",
        ),
        (
            "DELETE FROM journal WHERE id = 'live-8'",
            "It cannot be decided again: The journal is not what it was when this was decided",
        ),
        (
            "UPDATE journal SET content = x'00ff' WHERE id = 'live-8'",
            "It cannot be decided again: an entry of the journal cannot be read",
        ),
        (
            "UPDATE journal SET content = x'00ff' WHERE id = 'live-9'",
            "The payment cannot be read from the store: its row was changed or damaged",
        ),
        (
            "UPDATE ledger_leaves SET content = CAST(replace(content, 'hold', 'hole') AS BLOB)",
            "The store's own copy of entry",
        ),
    ],
)
def test_a_row_that_was_changed_or_removed_by_sql_is_found(home: Path, sql: str, words: str) -> None:
    run_sql(home, sql)
    result = verify(home, "live-9")
    assert (result.exception, result.return_value) == (None, 1)
    assert words in result.output


def test_a_changed_journal_entry_is_told_from_a_changed_record(home: Path, before: Decision) -> None:
    alter(home, "journal", "content", "live-9", Payment, set_(amount_minor=100))
    answer = found(home, "live-9")
    differs = {each["name"]: each for each in answer["differences"]}
    digest = differs["facts_digest"]
    assert (digest["stored"], digest["logged"]) == (before.facts_digest, before.facts_digest)
    assert digest["recomputed"] == answer["recomputed"]["facts_digest"] != before.facts_digest
    assert (differs["action"]["logged"], differs["action"]["stored"]) == ("hold", "hold")
    assert differs["rank_score"]["logged"] == "as stored"
    assert differs["payment.amount_minor"]["recomputed"] == "100 (the journal)"
    assert found(home, "live-7")["verdict"] == "same", "what was decided before is not touched"


def test_every_copy_of_a_record_is_compared(home: Path) -> None:
    alter(home, "alerts", "decision", "live-9", Decision, set_(rank_score=0.5))
    (differs,) = found(home, "live-9")["differences"]
    assert (differs["name"], differs["where"], differs["stored"]) == ("rank_score", "table alerts", "0.5")


def test_a_record_that_no_copy_has_any_more_is_told_from_the_log(home: Path) -> None:
    run_sql(home, "DELETE FROM decisions WHERE tx_id IN ('live-7', 'live-9')")
    run_sql(home, "DELETE FROM case_alerts WHERE tx_id = 'live-9'")
    run_sql(home, "DELETE FROM alerts WHERE tx_id = 'live-9'")
    (differs,) = found(home, "live-9")["differences"]
    assert (differs["recomputed"], differs["stored"], differs["logged"]) == ("hold", "nothing", "hold")


def test_a_log_that_is_missing_changed_or_of_another_key_is_said_so(home: Path, tmp_path: Path) -> None:
    other = make_key_file(tmp_path / "other.key", "other/log").verifier.text()
    name = other.replace("other/log", "x")
    for more, words in [
        (("--log", str(tmp_path / "gone")), "The log is missing: there is no checkpoint in"),
        (("--key", other), "No key that is trusted here signed this"),
    ]:
        answer = found(home, "live-9", *more)
        assert (answer["verdict"], answer["same_bits"]) == ("unproved", True)
        assert any(words in fault for fault in answer["faults"]), answer["faults"]
    assert "This is no verifier key" in str(verify(home, "live-9", "--key", name).exception)
    place = found(home, "live-9")["place"]
    (bundle,) = (path for path in (home / "log" / "tile" / "entries").rglob(str(place["size"])))
    content = bundle.read_bytes()
    bundle.write_bytes(content.replace(b'"action":"hold"', b'"action":"hole"'))
    answer = found(home, "live-9")
    assert any("does not lead to the root of the checkpoint" in fault for fault in answer["faults"]), answer["faults"]
    bundle.unlink()
    assert any("A bundle has 0 entries instead" in fault for fault in found(home, "live-9")["faults"])
    shutil.rmtree(home / "log")
    answer = found(home, "live-9")
    assert (answer["verdict"], answer["place"]["published"]) == ("unproved", False)
    assert any("Others cannot verify anything" in fault for fault in answer["faults"])


def test_the_keys_are_those_of_the_log_itself_where_the_home_has_none(home: Path) -> None:
    (home / "ledger.key").unlink()
    answer = found(home, "live-9")
    assert answer["verdict"] == "same"
    assert any("read from the log itself" in remark for remark in answer["remarks"])
    (home / "log" / "vkeys").unlink()
    assert any("key that signs the log of this home is missing" in fault for fault in found(home, "live-9")["faults"])


def test_what_was_never_logged_has_no_receipt(home: Path, upgraded: Path, world: Dataset, tmp_path: Path) -> None:
    of = Home(home)
    replayed = next(iter(of.store.alerts([row.tx_id for row in of.store.cases(order="age")[0].alerts]))).tx_id
    of.close()
    answer = found(home, replayed)
    assert (answer["verdict"], answer["same_bits"], answer["place"]) == ("unproved", True, None)
    assert "There is no receipt: the decision is not in the log" in answer["faults"][0]


def test_a_receipt_that_was_kept_holds_the_log_to_it(home: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.receipt"
    with opened(home, "127.0.0.1", lambda n: None) as parts:
        decision = parts.store.decision("live-9")
        assert decision is not None
        old.write_bytes(receipt_of(decision, parts.store, parts.publishing).written())
    with opened(home, "127.0.0.1", lambda n: None):
        pass  # the log goes on
    now, then = found(home, "live-9")["place"], found(home, "live-9", "--receipt", str(old))["place"]
    assert then["number"] == now["number"]
    assert then["size"] < now["size"]
    other = found(home, "live-7", "--receipt", str(old))
    assert any("not on" in fault and "is about the decision on entry" in fault for fault in other["faults"])
    old.write_bytes(old.read_bytes().replace(b"index ", b"index 1"))
    assert found(home, "live-9", "--receipt", str(old))["verdict"] == "unproved"
    assert "cannot be read" in str(verify(home, "live-9", "--receipt", str(tmp_path / "gone")).exception)


def test_a_snapshot_that_is_damaged_or_not_the_logged_one_is_passed_over(home: Path) -> None:
    (place,) = (home / "snapshots").iterdir()
    fold = place / "decisions.msgpack"
    fold.write_bytes(fold.read_bytes()[::-1])
    answer = found(home, "live-9")
    assert (answer["verdict"], answer["began"]) == ("same", "the state at the end of the replay")
    assert any("was passed over: The snapshot is not to be used" in remark for remark in answer["remarks"])
    manifest = msgspec.json.decode((place / MANIFEST).read_bytes(), type=Manifest)
    files = manifest.files | {fold.name: digest_of(fold)}
    (place / MANIFEST).write_bytes(msgspec.json.encode(msgspec.structs.replace(manifest, files=files)))
    answer = found(home, "live-9")
    assert (answer["verdict"], answer["began"]) == ("same", "the state at the end of the replay")
    assert any("not the one that was logged" in remark for remark in answer["remarks"])
    shutil.rmtree(place)
    (home / "state" / "facts.snapshot").write_bytes(b"not a snapshot")
    answer = found(home, "live-9")
    assert (answer["verdict"], answer["began"]) == ("same", "the first entry of the journal")
    assert any("The state at the end of the replay was passed over" in remark for remark in answer["remarks"])


def test_versions_that_are_not_kept_any_more_or_were_altered_are_named(home: Path) -> None:
    of = Home(home)
    in_force = of.pipeline().rules_hash
    of.close()
    policy = home / "rules" / in_force / "policy.toml"
    kept = policy.read_text()
    policy.write_text(kept.replace("cases_per_day = 4", "cases_per_day = 5"))
    answer = found(home, "live-11")
    assert any("A set of rules was altered" in fault for fault in answer["faults"])
    shutil.rmtree(home / "rules" / in_force)
    answer = found(home, "live-11")
    assert (answer["verdict"], answer["recomputed"]) == ("unproved", None)
    assert any("are not kept here" in fault for fault in answer["faults"])
    assert answer["place"]["entry"]["action"] == answer["stored"]["action"], "what is stored is still what was logged"
    assert answer["differences"] == []
    assert found(home, "live-1")["verdict"] == "same"


def test_without_the_key_of_an_account_it_says_what_is_still_proved(home: Path) -> None:
    of = Home(home)
    payment = of.store.payment("live-9")
    of.close()
    assert payment is not None
    keys = SubjectKeys(home / "subject-keys", clock_us=lambda: 0)
    keys.erase(payment.payer)
    keys.close()
    answer = found(home, "live-9")
    assert (answer["verdict"], answer["differences"]) == ("same_without_keys", [])
    (told,) = [remark for remark in answer["remarks"] if "There is no key of" in remark]
    assert "Still proved: that a decision on this entry of the journal stands at this place of the log" in told
    assert "Not any more: that score" in told
    alter(home, "decisions", "content", "live-9", Decision, set_(score=1.0))
    answer = found(home, "live-9")
    (differs,) = answer["differences"]
    assert (differs["stored"], differs["logged"]) == ("1.0", "cannot be read: its key was erased")
    shutil.rmtree(home / "subject-keys")
    assert found(home, "live-7")["verdict"] == "same_without_keys"
    assert not (home / "subject-keys").exists(), "nothing is written"


def test_another_release_that_gives_the_same_bits_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as later:
        later.setattr("headgate.drivers.rules.__version__", "9.9.9")
        answer = found(home, "live-9")
    assert answer["verdict"] == "same"
    assert any("again by headgate 9.9.9" in remark for remark in answer["remarks"])
    changed = set_(versions=set_(engine="headgate 1")(answered(home, "live-9").versions))
    alter(home, "decisions", "content", "live-9", Decision, changed)
    (differs,) = [each for each in found(home, "live-9")["differences"] if each["where"] == "table decisions"]
    assert (differs["name"], differs["stored"]) == ("versions.engine", "headgate 1")
    assert differs["recomputed"] == differs["logged"]


def test_an_archive_that_was_changed_is_told(home: Path) -> None:
    of = Home(home)
    part = next(each for each in of.store.parts() if each.decisions)
    of.close()
    file = home / "archive" / "decisions" / f"{part.name}.parquet"
    table = pq.read_table(file)
    pq.write_table(table, file, compression="gzip")
    answer = found(home, table.column("tx_id")[0].as_py())
    assert any(
        f"decisions/{part.name}.parquet of the archive is missing, or not what was" in f for f in answer["faults"]
    )


def test_an_archive_that_was_changed_together_with_its_row_is_told_by_the_log(home: Path) -> None:
    done = CliRunner().invoke(root, ["archive", "--keep-days", "0", "--home", str(home)])
    assert (done.exit_code, done.exception) == (0, None)
    with opened(home, "127.0.0.1", lambda n: None):
        pass  # what was left for the log is logged
    assert found(home, "live-9")["verdict"] == "same"
    of = Home(home)
    part = next(each for each in of.store.parts() if each.first_seq <= answered(home, "live-9").seq <= each.last_seq)
    of.close()
    file = home / "archive" / "journal" / f"{part.name}.parquet"
    pq.write_table(pq.read_table(file), file, compression="gzip")
    run_sql(home, f"UPDATE parts SET journal_sha256 = '{digest_of(file)}' WHERE name = '{part.name}'")
    answer = found(home, "live-9")
    assert (answer["verdict"], answer["same_bits"]) == ("unproved", True)
    (told,) = answer["faults"]
    assert told.startswith(f"The file journal/{part.name}.parquet of the archive is not what was archived by entry ")
    assert told.endswith("it was changed, and its hash in the store (table parts) with it")


def test_what_is_not_there_or_asked_wrongly_is_refused(home: Path) -> None:
    assert "There is no payment 'nobody'" in str(verify(home, "nobody").exception)
    of = Home(home)
    learnt = next(of.blocks()).column("tx_id").drop_null()[0].as_py()
    of.close()
    assert "was only learnt from" in str(verify(home, learnt).exception)
    result = CliRunner().invoke(root, ["explain", "live-9", "--from-start", "--home", str(home)])
    assert result.exit_code == 2
    assert "belong to --verify" in result.output
