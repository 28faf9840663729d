"""A served home writes its ledger with every commit, publishes it, and proves each decision by a receipt."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from headgate.drivers.log_keys import log_keys
from headgate.drivers.paths import Paths
from headgate.errors import FileError, LedgerError, RolledBackError, UnavailableError
from headgate.journal.entries import Payment
from headgate.ledger import kinds, verify
from headgate.ledger.commitments import SubjectKeys
from headgate.ledger.entries import decode_entry, encode_entry
from headgate.ledger.kinds import Entry
from headgate.service.app import make_app
from headgate.service.commands.handle import Handle
from headgate.service.commands.person import payment_action
from headgate.service.opening import opened
from headgate.service.people import add_person, disable_person, make_key
from headgate.settings.ledger import LedgerSettings
from headgate.stores.sqlite import SqliteStore
from headgate.stores.users import By

MakePayment = Callable[..., Payment]


def logged(home: Path) -> list[Entry]:
    store = SqliteStore(home / "headgate.db")
    head = store.ledger_head()
    leaves = store.ledger_leaves(0, head.size if head else 0)
    store.close()
    return [decode_entry(leaf) for leaf in leaves]


def verified(home: Path) -> list[str]:
    text = (home / "log" / "vkeys").read_text().split()[0]
    holds, faults = verify.verify(verify.Log(str(home / "log")), verify.parse_key(text), text.split("+")[0])
    assert faults == []
    return holds


def serving(home: Path) -> Any:
    return opened(home, "127.0.0.1", lambda entries: None)


def test_every_decision_is_logged_with_its_commit_and_the_published_log_verifies(
    home: Path, fresh: Iterator[Payment]
) -> None:
    with serving(home) as parts:
        answers = [parts.writer.decide([next(fresh) for _ in range(3)]).result(60) for _ in range(4)]
        store = SqliteStore(home / "headgate.db")
        head = store.ledger_head()
        store.close()
        assert head is not None
        assert head.size >= 12, "what was answered is in the ledger already"
    decided = [answer.decision for group in answers for answer in group]
    entries = logged(home)
    assert [entry.seq for entry in entries if isinstance(entry, kinds.Decision)] == [each.seq for each in decided]
    assert isinstance(entries[0], kinds.LogOpened)
    assert isinstance(entries[-1], kinds.LogClosed)
    assert any(f"All {len(entries)} entries" in each for each in verified(home))
    clocks = [entry.at_us for entry in entries]
    assert clocks == sorted(clocks)
    assert (home / "ledger.key").stat().st_mode & 0o777 == 0o600


def test_a_decision_is_committed_to_under_the_key_of_its_payer_and_names_its_versions(
    home: Path, fresh: Iterator[Payment]
) -> None:
    with serving(home) as parts:
        (answer,) = parts.writer.decide([next(fresh)]).result(60)
        payer = parts.store.payment(answer.decision.tx_id).payer  # type: ignore[union-attr]
    entries = logged(home)
    (entry,) = [each for each in entries if isinstance(each, kinds.Decision)]
    month = time.strftime("%Y-%m", time.gmtime(entry.at_us / 1e6))
    subjects = SubjectKeys(home / "subject-keys", clock_us=lambda: 0)
    assert subjects.opens(entry.payment, payer, month, answer.decision.tx_id.encode())
    assert not subjects.opens(entry.payment, payer, month, b"another")
    subjects.close()
    versions = {each.content: each.versions for each in entries if isinstance(each, kinds.Versions)}
    assert versions[entry.versions]["policy"] == answer.decision.versions.policy
    assert entry.facts == answer.decision.facts_digest


def test_a_second_life_goes_on_in_the_same_history(home: Path, fresh: Iterator[Payment]) -> None:
    for _ in range(3):
        with serving(home) as parts:
            parts.writer.decide([next(fresh)]).result(60)
    kinds_of = Counter(type(each).__name__ for each in logged(home))
    assert (kinds_of["LogOpened"], kinds_of["Decision"], kinds_of["LogClosed"]) == (3, 3, 3)
    verified(home)


def test_the_published_log_is_made_again_after_it_was_lost_or_damaged(home: Path, fresh: Iterator[Payment]) -> None:
    with serving(home) as parts:
        parts.writer.decide([next(fresh)]).result(60)
    shutil.rmtree(home / "log")
    with serving(home):
        verified(home)
    (tile,) = (home / "log" / "tile" / "0").rglob(f"{len(logged(home))}")
    tile.write_bytes(b"x" * tile.stat().st_size)
    with serving(home):
        verified(home)


def test_a_tampered_leaf_or_head_stops_the_start_in_words(home: Path, fresh: Iterator[Payment]) -> None:
    with serving(home) as parts:
        parts.writer.decide([next(fresh)]).result(60)
    shutil.rmtree(home / "log")
    shutil.copytree(home, home.with_name("other"))
    change(home, "UPDATE ledger_leaves SET content = CAST(replace(content, 'allow', 'xllow') AS BLOB) WHERE number = 2")
    with pytest.raises(LedgerError, match="do not give the root that was signed"), serving(home):
        pass
    change(home.with_name("other"), "UPDATE ledger_state SET size = size - 1, peaks = zeroblob(32 * 9)")
    with pytest.raises(LedgerError, match="right edge"), serving(home.with_name("other")):
        pass


def test_a_log_whose_key_is_gone_is_not_signed_with_another(home: Path) -> None:
    with serving(home):
        pass
    (home / "ledger.key").unlink()
    with pytest.raises(FileError, match="The key that signs the log of this home is missing"), serving(home):
        pass


def test_a_store_that_was_rolled_back_under_its_published_log_is_not_served(
    home: Path, fresh: Iterator[Payment]
) -> None:
    with serving(home) as parts:
        parts.writer.decide([next(fresh)]).result(60)
    shutil.copy(home / "headgate.db", home / "older")
    with serving(home) as parts:
        parts.writer.decide([next(fresh)]).result(60)
    os.replace(home / "older", home / "headgate.db")
    with pytest.raises(RolledBackError, match="was rolled back"), serving(home):
        pass


def test_of_two_writers_one_commits_and_the_other_goes_on_from_what_is_there(
    home: Path, fresh: Iterator[Payment]
) -> None:
    with serving(home) as parts:
        parts.writer.decide([next(fresh)]).result(60)
        store, head = SqliteStore(home / "headgate.db"), parts.store.ledger_head()
        keys = log_keys(Paths(home), LedgerSettings(), begun=True)
        keys.log(head).append(
            [encode_entry(kinds.LogClosed(at_us=time.time_ns() // 1000, reason="another writer"))], store
        )
        with pytest.raises(UnavailableError):
            parts.writer.decide([next(fresh)]).result(60)
        while not parts.writer.ready:
            time.sleep(0.01)
        parts.writer.decide([next(fresh)]).result(60)
        store.close()
    entries = logged(home)
    assert sum(isinstance(each, kinds.Decision) for each in entries) == 2
    (refused,) = [each for each in entries if isinstance(each, kinds.Refused)]
    assert refused.requests == 1
    verified(home)


def test_holds_and_what_people_do_with_them_are_logged(home: Path, fresh: Iterator[Payment]) -> None:
    with serving(home) as parts:
        payment = next(fresh)
        parts.writer.decide([payment]).result(60)
        stop = payment_action("a-1", "ana", "stop", payment.tx_id, "The bank of Mr X called.")
        parts.writer.tell(Handle(stop)).result(60)
        clear = payment_action("a-2", "sam", "clear", payment.tx_id, "It was an error.")
        parts.writer.tell(Handle(clear)).result(60)
    entries = logged(home)
    (stopped,) = [each for each in entries if isinstance(each, kinds.HoldSet)]
    (cleared,) = [each for each in entries if isinstance(each, kinds.HoldReleased)]
    assert (stopped.action, stopped.expires_us) == ("legal_stop", 0)
    assert (cleared.person, cleared.reason, cleared.payment) == ("sam", "action a-2", stopped.payment)
    assert b"Mr X" not in b"".join(path.read_bytes() for path in (home / "log").rglob("*") if path.is_file())


def test_a_receipt_proves_a_decision_and_the_log_is_served_at_its_paths(
    home: Path, fresh: Iterator[Payment], tmp_path: Path
) -> None:
    with serving(home) as parts:
        client = TestClient(make_app(parts), base_url="http://127.0.0.1")
        key = {"Authorization": f"Bearer {make_key(parts.store, 'core', 'gateway', 1)}"}
        decided = parts.writer.decide([next(fresh) for _ in range(300)]).result(60)
        text = client.get("/log/vkeys").text.split()[0]
        known, origin = verify.parse_key(text), text.split("+")[0]
        for answer in (decided[0], decided[299], decided[150]):
            receipt = client.get(f"/v1/decisions/{answer.decision.tx_id}/receipt", headers=key)
            assert receipt.status_code == 200
            number, size, _ = verify.check_receipt("it", receipt.content, origin, known)
            content = parts.store.ledger_leaves(number, number + 1)[0]
            assert json.loads(content)["seq"] == answer.decision.seq
            assert number < size
        old = next(iter(parts.store.alerts(row.tx_id for row in parts.store.cases()[0].alerts)))
        missing = client.get(f"/v1/decisions/{old.tx_id}/receipt", headers=key)
        assert (missing.status_code, "before the log began" in missing.json()["repair"]) == (404, True)
        assert client.get("/log/checkpoint").content == (home / "log" / "checkpoint").read_bytes()
        assert client.get("/log/tile/0/000").content == (home / "log" / "tile" / "0" / "000").read_bytes()
        assert client.get("/log/tile/../../ledger.key").status_code == 404
        assert client.get("/log/ledger.key").status_code == 404
        assert client.get("/log/tile/0/999").status_code == 404


def change(home: Path, sql: str) -> None:
    with sqlite3.connect(home / "headgate.db") as db:
        db.execute(sql)
    db.close()


def test_a_look_of_a_person_at_accounts_is_in_the_ledger_before_they_are_shown(
    home: Path, fresh: Iterator[Payment]
) -> None:
    with serving(home) as parts:
        client = TestClient(make_app(parts), base_url="http://127.0.0.1")
        roles = ("analyst", "auditor", "gateway")
        keys = {role: {"Authorization": f"Bearer {make_key(parts.store, role, role, 1)}"} for role in roles}
        case = parts.store.cases()[0]
        (answer,) = parts.writer.decide([next(fresh)]).result(60)
        client.get(f"/v1/decisions/{answer.decision.tx_id}", headers=keys["gateway"])
        assert reads(home) == []
        client.get(f"/v1/decisions/{answer.decision.tx_id}", headers=keys["auditor"])
        assert {(each.person, each.purpose, each.case) for each in reads(home)} == {("auditor", "audit", "")}
        shown = client.get(f"/v1/cases/{case.id}", headers=keys["analyst"]).json()
        analyst = [each for each in reads(home) if each.person == "analyst"]
        assert len(analyst) == len(shown["accounts"]) > 2
        assert {(each.purpose, each.case) for each in analyst} == {("investigation", case.id)}
        parts.writer.halt("Something is wrong with the ledger")
        refused = client.get(f"/v1/cases/{case.id}", headers=keys["analyst"])
        assert refused.status_code == 503
        assert shown["accounts"][0]["account"] not in refused.text
    verified(home)


def reads(home: Path) -> list[kinds.AccountRead]:
    return [each for each in logged(home) if isinstance(each, kinds.AccountRead)]


def test_who_is_let_in_or_out_by_the_command_line_is_logged_by_the_service(home: Path) -> None:
    store = SqliteStore(home / "headgate.db")
    add_person(store, "eve", "analyst", "a long enough sentence", 1, by=By("root", "sam"))
    with serving(home):
        pass
    with serving(home):
        disable_person(store, "eve", by=By("root", "sam"))
        store.disable_api_key(made_key(store), by=By("root", "sam"))
        while store.told_to_ledger():
            time.sleep(0.01)
    store.close()
    changes = [each for each in logged(home) if isinstance(each, kinds.Changed)]
    assert {(each.person, each.approved_by) for each in changes} == {("root", "sam"), ("", "")}
    told = [(type(each).__name__, each.name, each.person, each.before, each.after) for each in changes]
    assert told == [
        ("RoleChanged", "eve", "root", "", "analyst"),
        ("RoleChanged", "eve", "root", "analyst", ""),
        ("KeyChanged", "core", "", "", "gateway"),
        ("KeyChanged", "core", "root", "core", ""),
    ]


def made_key(store: SqliteStore) -> str:
    make_key(store, "core", "gateway", 1)
    return "core"


def test_rules_that_take_effect_are_logged_with_what_was_in_force_before(home: Path) -> None:
    with serving(home) as parts:
        before = parts.writer.rules_hash
    (home / "policy.toml").write_text("[budget]\ncases_per_day = 7\nlargest_share = 1.0\n")
    with serving(home) as parts:
        after = parts.writer.rules_hash
    changes = [each for each in logged(home) if isinstance(each, kinds.PolicyChanged)]
    assert [(each.name, each.before, each.after) for each in changes][-1] == ("rules", before, after)
    policy = changes[0]
    assert policy.name == "policy"
    assert policy.before != policy.after
    assert len(policy.before) == len(policy.after) == 64
