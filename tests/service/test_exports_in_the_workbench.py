"""An auditor takes entries of the log along from the workbench: the export of the command line, on record."""

from __future__ import annotations

import io
import json
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from starlette.testclient import TestClient

from headgate.drivers.said import account_read
from headgate.journal.entries import Payment
from headgate.ledger.entries import decode_entry
from headgate.ledger.export import check_export
from headgate.ledger.kinds import Exported
from headgate.service import exporting
from headgate.service.app import make_app
from headgate.service.commands.note import Note
from headgate.service.opening import opened
from headgate.service.people import add_person

if TYPE_CHECKING:
    from headgate.service.parts import Parts

PASSWORD = "a long enough sentence"
EVER = {"start": "2020-01-01", "end": "2100-01-01", "purpose": "annual audit"}


class Auditor:
    """Somebody who is logged in, on a served home whose log has a decision and two looks."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        add_person(parts.store, "otto", "auditor", PASSWORD, 1)  # type: ignore[arg-type]
        self.client = TestClient(make_app(parts), base_url="http://127.0.0.1", follow_redirects=False)
        self._post("/login", name="otto", password=PASSWORD, next="/")

    def export(self, **fields: str) -> httpx.Response:
        return self._post("/audit/export", **fields)

    def _post(self, path: str, **fields: str) -> httpx.Response:
        page = self.client.get("/login" if path == "/login" else "/audit/export").text
        csrf = page.partition('name="csrf" value="')[2][:64]
        return self.client.post(path, data={"csrf": csrf, **fields})


@pytest.fixture
def auditor(home: Path, fresh: Iterator[Payment]) -> Iterator[Auditor]:
    with opened(home, "127.0.0.1", lambda entries: None) as parts:
        parts.writer.decide([next(fresh)]).result(60)
        for person in ("ana", "bob"):
            parts.writer.tell(Note(account_read(person, "investigation", "C-000001", ["A-1"]))).result(60)
        parts.publishing.publish()  # type: ignore[union-attr]
        yield Auditor(parts)


def unpacked(answer: httpx.Response, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(answer.content)) as whole:
        whole.extractall(folder)
    return folder / "export"


def exports(parts: Any) -> list[Exported]:
    size = parts.store.ledger_head().size
    entries = map(decode_entry, parts.store.ledger_leaves(0, size))
    return [each for each in entries if isinstance(each, Exported)]


def test_what_is_given_out_is_an_export_that_holds_and_stands_in_the_log(auditor: Auditor, tmp_path: Path) -> None:
    assert 'href="/audit/export"' in auditor.client.get("/cases").text
    answer = auditor.export(**EVER, kinds="account_read reveal", persons="ana")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="export.zip"'
    folder = unpacked(answer, tmp_path)
    key = (auditor.parts.publishing.folder / "vkeys").read_text().split()  # type: ignore[union-attr]
    checked = check_export(folder, key, str(auditor.parts.publishing.folder))  # type: ignore[union-attr]
    assert (checked.summary.entries, checked.complete) == (1, True)
    assert (checked.summary.by_kind, checked.summary.by_person) == ({"account_read": 1}, {"ana": 1})
    assert json.loads((folder / "summary.json").read_bytes())["asked"]["purpose"] == "annual audit"
    while not (found := exports(auditor.parts)):
        auditor.parts.writer.tell(Note(())).result(60)
        time.sleep(0.05)
    assert [(each.person, each.purpose) for each in found] == [("otto", "annual audit")]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"purpose": " "}, "An export needs a period and a purpose"),
        ({"start": "2100-01-01", "end": "2020-01-01"}, "The period is empty"),
        ({"start": "yesterday"}, "does not match the format"),
        ({"persons": "x" * 300}, "A field is too long"),
    ],
)
def test_what_is_wrong_is_said_on_the_form_and_what_was_typed_stays(
    auditor: Auditor, wrong: dict[str, str], told: str
) -> None:
    answer = auditor.export(**(EVER | {"kinds": "reveal"} | wrong))
    assert answer.status_code == 422
    assert told in answer.text
    assert 'value="reveal"' in answer.text
    assert exports(auditor.parts) == []


def test_one_export_at_a_time_and_nothing_of_a_log_that_does_not_hold(
    auditor: Auditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = threading.Lock()
    busy.acquire()
    monkeypatch.setattr(exporting, "_alone", busy)
    answer = auditor.export(**EVER)
    assert (answer.status_code, "Another export is being made" in answer.text) == (503, True)
    busy.release()
    for bundle in (auditor.parts.publishing.folder / "tile" / "entries").rglob("*.p/*"):  # type: ignore[union-attr]
        bundle.write_bytes(bundle.read_bytes().replace(b'"person":"ana"', b'"person":"eve"'))
    answer = auditor.export(**EVER)
    assert (answer.status_code, "The log does not hold" in answer.text) == (422, True)
    assert "one of them was changed" in answer.text
