"""A name is shown in a case, for a purpose, on record before; a report is drafted, and that it was is on record too."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from starlette.testclient import TestClient

from headgate.charter.pseudonyms import Vault
from headgate.cli import root
from headgate.errors import NotFoundError, UnavailableError
from headgate.ledger import kinds
from headgate.ledger.commitments import SubjectKeys
from headgate.ledger.entries import decode_entry
from headgate.ledger.export import Asked, export
from headgate.ledger.kinds import Entry
from headgate.service.app import make_app
from headgate.service.opening import opened
from headgate.service.parts import Parts
from headgate.service.people import add_person, make_key
from headgate.stores.sqlite import SqliteStore

PASSWORD = "a long enough sentence"
PSEUDONYM = re.compile(r"\bA-[A-Z2-7]{8}\b")


class Desk:
    """A served home, keys of each role, and what its ledger says."""

    def __init__(self, home: Path, parts: Parts) -> None:
        self.home, self.parts = home, parts
        self.case = parts.store.cases()[0]
        self.account = self.case.accounts[0].account
        self.client = TestClient(make_app(parts), base_url="http://127.0.0.1", follow_redirects=False)
        self._keys = {role: make_key(parts.store, role, role, 1) for role in ("analyst", "auditor", "dpo")}

    def call(self, method: str, path: str, role: str = "analyst", **more: Any) -> Any:
        return self.client.request(method, path, headers={"Authorization": f"Bearer {self._keys[role]}"}, **more)

    def reveal(self, role: str = "analyst", **changed: str) -> Any:
        asked = {"account": self.account, "purpose": "investigation", "reason": "The holder has to be called."}
        return self.call("POST", f"/v1/cases/{self.case.id}/reveal", role, json={**asked, **changed})

    def logged(self, kind: type[Entry]) -> list[Any]:
        return [each for each in logged(self.home) if isinstance(each, kind)]

    def log_in(self, name: str) -> None:
        add_person(self.parts.store, name, name, PASSWORD, 1)
        self.post("/login", name=name, password=PASSWORD, next="/")

    def post(self, path: str, **fields: str) -> Any:
        page = self.client.get("/login" if path == "/login" else "/boundaries").text
        token = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
        assert token
        return self.client.post(path, data={"csrf": token[1], **fields})


def logged(home: Path) -> list[Entry]:
    store = SqliteStore(home / "headgate.db")
    head = store.ledger_head()
    leaves = store.ledger_leaves(0, head.size if head else 0)
    store.close()
    return [decode_entry(leaf) for leaf in leaves]


def opens(home: Path, commitment: str, entry: Entry, subject: str, value: bytes) -> bool:
    subjects = SubjectKeys(home / "subject-keys", clock_us=lambda: 0)
    try:
        return subjects.opens(commitment, subject, time.strftime("%Y-%m", time.gmtime(entry.at_us / 1e6)), value)
    finally:
        subjects.close()


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    with opened(home, "127.0.0.1", lambda entries: None) as parts:
        yield Desk(home, parts)


def test_a_name_is_logged_with_who_what_for_and_which_case_before_it_is_shown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    read = Vault.reveal

    def watched(vault: Vault, *asked: Any) -> str:
        seen.append(len(desk.logged(kinds.Reveal)))
        return read(vault, *asked)

    monkeypatch.setattr(Vault, "reveal", watched)
    answer = desk.reveal()
    assert answer.status_code == 200
    assert re.fullmatch(r"[A-Z]-\w+|SHOP-\d", answer.json()["id"]), "the id that the payment came with"
    assert answer.headers["cache-control"] == "no-store"
    (entry,) = desk.logged(kinds.Reveal)
    assert (entry.person, entry.purpose, entry.case) == ("analyst", "investigation", desk.case.id)
    assert opens(desk.home, entry.account, entry, desk.account, desk.account.encode())
    assert seen == [1], "it was in the ledger on disk when the vault was asked"
    vault = Vault(desk.home / "vault.db")
    assert vault.known(answer.json()["id"]) == desk.account
    (access,) = vault.accesses()
    vault.close()
    assert (access.actor, access.pseudonym) == ("analyst", desk.account)
    assert access.note == f"{desk.case.id}: The holder has to be called."
    assert "called" not in str(entry), "what a person writes stays out of the log"


def test_no_name_is_shown_where_it_cannot_be_logged(desk: Desk) -> None:
    name = desk.reveal().json()["id"]
    desk.parts.writer.halt("Something is wrong with the ledger")
    refused = desk.reveal()
    assert refused.status_code == 503
    assert name not in refused.text
    assert len(desk.logged(kinds.Reveal)) == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"account": "A-AAAAAAAA"}, "has no account 'A-AAAAAAAA'"),
        ({"purpose": "investigatio"}, "The charter has no purpose 'investigatio'"),
        ({"purpose": "marketing"}, "The charter has no purpose 'marketing'"),
        ({"reason": "  "}, "for a reason only"),
    ],
)
def test_a_reveal_that_is_not_for_a_case_a_purpose_and_a_reason_is_refused_and_leaves_nothing(
    desk: Desk, changed: dict[str, str], words: str
) -> None:
    refused = desk.reveal(**changed)
    assert refused.status_code == 422
    assert words in refused.json()["detail"]
    assert desk.logged(kinds.Reveal) == []


def test_who_only_reads_cases_is_shown_no_name_and_an_erased_one_is_gone_with_the_attempt_on_record(
    desk: Desk,
) -> None:
    for role in ("auditor", "dpo"):
        assert desk.reveal(role).status_code == 403
    assert desk.logged(kinds.Reveal) == []
    vault = Vault(desk.home / "vault.db")
    assert vault.forget(desk.reveal().json()["id"])
    vault.close()
    gone = desk.reveal()
    assert (gone.status_code, "nothing left to reveal" in gone.json()["repair"]) == (404, True)
    assert len(desk.logged(kinds.Reveal)) == 2


def test_the_workbench_shows_a_name_in_its_case_and_only_after_it_was_asked_for(desk: Desk) -> None:
    desk.log_in("supervisor")
    before = desk.client.get(f"/cases/{desk.case.id}").text
    name = desk.reveal().json()["id"]
    assert "Whose account is it?" in before
    assert f">{name}<" not in before
    shown = desk.post(
        f"/cases/{desk.case.id}/reveal", account=desk.account, purpose="investigation", why="To call the holder."
    )
    assert shown.status_code == 200
    assert f">{name}</strong>" in shown.text
    assert desk.logged(kinds.Reveal)[-1].person == "supervisor"
    refused = desk.post(f"/cases/{desk.case.id}/reveal", account=desk.account, purpose="gossip", why="Curious <b>.")
    assert refused.status_code == 422
    assert "The charter has no purpose" in refused.text
    assert "Curious &lt;b&gt;." in refused.text, "what was written is not lost"
    assert f">{name}<" not in refused.text


def test_a_draft_of_a_report_is_logged_before_it_is_given_out(desk: Desk) -> None:
    answer = desk.call("POST", f"/v1/cases/{desk.case.id}/report")
    draft = answer.json()
    assert answer.status_code == 200
    assert [each["tx_id"] for each in draft["payments"]] == [each.tx_id for each in desk.case.alerts]
    assert all(each["reasons"] for each in draft["payments"])
    (entry,) = desk.logged(kinds.ReportDrafted)
    assert (entry.person, entry.case) == ("analyst", desk.case.id)
    content = json.dumps(draft, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert opens(desk.home, entry.report, entry, desk.case.id, content)
    read = desk.logged(kinds.AccountRead)
    assert len(read) == len({row[side] for row in draft["path"] for side in ("payer", "payee")})
    assert desk.call("POST", f"/v1/cases/{desk.case.id}/report", "auditor").status_code == 403
    assert desk.call("POST", "/v1/cases/C-999999/report").status_code == 404
    desk.parts.writer.halt("Something is wrong with the ledger")
    refused = desk.call("POST", f"/v1/cases/{desk.case.id}/report")
    assert (refused.status_code, PSEUDONYM.search(refused.text)) == (503, None)


def test_the_workbench_gives_out_a_draft_as_a_text_under_pseudonyms(desk: Desk) -> None:
    desk.log_in("supervisor")
    answer = desk.post(f"/cases/{desk.case.id}/report")
    assert answer.headers["content-disposition"] == f'attachment; filename="{desk.case.id}-draft.txt"'
    text = answer.text
    assert text.startswith(f"DRAFT of a report about case {desk.case.id}. Nothing was sent to anybody.\n")
    for words in ("Drafted by supervisor", "3. Path of the money", "7. What a person has to add", desk.account):
        assert words in text
    name = desk.reveal().json()["id"]
    assert not re.search(rf"\b{re.escape(name)}\b", text)


def test_lists_of_cases_and_of_payments_that_wait_show_no_account_and_are_no_look(desk: Desk) -> None:
    desk.log_in("supervisor")
    for path in ("/v1/cases", "/v1/holds", "/v1/control-totals"):
        assert not PSEUDONYM.search(desk.call("GET", path, "auditor").text)
    assert desk.case.id in desk.client.get("/cases").text
    assert not PSEUDONYM.search(desk.client.get("/cases").text)
    assert desk.logged(kinds.AccountRead) == []


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(root, ["cases", "--home", str(home), *arguments], standalone_mode=False)


def test_the_command_line_leaves_what_it_shows_and_drafts_for_the_log(home: Path) -> None:
    listed = json.loads(run(home, "--json").stdout)
    case = listed[0]["id"]
    assert f"about case {case}" in run(home, "report", case, "--person", "ana").stdout
    assert case in run(home, "show", case).stdout
    with opened(home, "127.0.0.1", lambda entries: None):
        pass
    entries = logged(home)
    (drafted,) = [each for each in entries if isinstance(each, kinds.ReportDrafted)]
    assert (drafted.person, drafted.case) == ("ana", case)
    reads = [each for each in entries if isinstance(each, kinds.AccountRead)]
    assert {each.case for each in reads} == {case}
    assert len(reads) >= 2 * len(listed[0]["case"]["accounts"])
    assert isinstance(run(home, "report", "C-999999").exception, NotFoundError)


def test_an_export_of_the_log_from_its_home_and_a_query_are_logged(home: Path, tmp_path: Path) -> None:
    with opened(home, "127.0.0.1", lambda entries: None):
        pass
    ever = ("--from", "2020-01-01", "--to", "2100-01-01", "--purpose", "annual audit")
    for log, out in ((home / "log", "one"), (shutil.copytree(home / "log", tmp_path / "copy"), "two")):
        line = ["audit", "export", str(log), *ever, "--by", "dora", "--out", str(tmp_path / out)]
        assert CliRunner().invoke(root, line, standalone_mode=False).exception is None
    sql = "select payer, count(*) from payments group by payer"
    asked = ["query", sql, "--home", str(home), "--purpose", "investigation"]
    assert CliRunner().invoke(root, asked, standalone_mode=False).exception is None
    with opened(home, "127.0.0.1", lambda entries: None):
        pass
    export, query = [each for each in logged(home) if isinstance(each, kinds.Exported)]
    assert (export.person, export.purpose, query.purpose) == ("dora", "annual audit", "investigation")
    assert export.content == hashlib.sha256((tmp_path / "one" / "summary.json").read_bytes()).hexdigest()


def test_an_export_that_cannot_be_recorded_is_not_made(tmp_path: Path, home: Path) -> None:
    with opened(home, "127.0.0.1", lambda entries: None):
        pass
    asked = Asked(from_us=0, to_us=2**52, purpose="audit")

    def full(summary: bytes) -> None:
        raise UnavailableError("The disk is full", repair="Free some.")

    with pytest.raises(UnavailableError, match="The disk is full"):
        export(str(home / "log"), (), asked, tmp_path / "out", full)
    assert not (tmp_path / "out").exists()
