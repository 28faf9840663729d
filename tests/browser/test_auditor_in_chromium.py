"""The auditor's page in a real browser: it takes sound logs from a server and from files, and finds changes."""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page

from headgate.ledger.auditor import auditor_page
from headgate.ledger.keys import FileSigner
from headgate.ledger.log import Log
from headgate.ledger.note import ED25519
from headgate.ledger.proof import prove_inclusion
from headgate.ledger.publish import Publisher
from headgate.ledger.reader import folder_reader
from headgate.ledger.receipt import Receipt
from headgate.ledger.verify import check_form
from headgate.stores.sqlite_ledger import SqliteLedgerFile

pytestmark = pytest.mark.outside
SIGNER = FileSigner("ledger.bank.example/2026", ED25519, b"k" * 32)
KEY = SIGNER.verifier.text()


def entry(number: int) -> bytes:
    return b'{"at_us":%d,"kind":"log_closed","reason":"","v":1}' % number


class Shown(NamedTuple):
    """A served log with a saved checkpoint and a receipt, and the page that looks at it."""

    page: Page
    address: str
    folder: Path
    requests: list[str]

    def verified(self, *, files: bool = False, saved: str = "", receipt: str = "", key: str = KEY) -> tuple[bool, str]:
        self.page.goto(f"{self.address}/auditor.html")
        self.page.fill("#key", key)
        if files:
            self.page.set_input_files("#folder", str(self.folder / "log"))
        for name, path in (("saved", saved), ("receipt", receipt)):
            if path:
                self.page.set_input_files(f"#{name}", str(self.folder / path))
        self.page.click("#go")
        self.page.wait_for_selector("#told[data-sound]")
        return self.page.get_attribute("#told", "data-sound") == "yes", self.page.inner_text("#told")


@pytest.fixture
def shown(chromium: Browser, tmp_path: Path) -> Iterator[Shown]:
    store = SqliteLedgerFile(tmp_path / "ledger.db")
    log, publisher = Log(SIGNER.verifier.name, (SIGNER,), None), Publisher(store, tmp_path / "log", (SIGNER.verifier,))
    for start, end in ((0, 300), (300, 66_000)):
        log.append([entry(number) for number in range(start, end)], store)
        publisher.publish()
        note = (tmp_path / "log" / "checkpoint").read_bytes()
        (tmp_path / f"saved.{end}").write_bytes(note)
    proof = prove_inclusion(7, 66_000, folder_reader(tmp_path / "log", 66_000).node)
    (tmp_path / "seven").write_bytes(Receipt(7, entry(7), proof, note).written())
    (tmp_path / "lie").write_bytes(Receipt(7, entry(8), proof, note).written())
    (tmp_path / "auditor.html").write_text(auditor_page(), "utf-8")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    context = chromium.new_context()
    context.set_default_timeout(60_000)
    page, requests = context.new_page(), list[str]()
    page.on("request", lambda request: requests.append(request.url))
    yield Shown(page, f"http://127.0.0.1:{server.server_port}", tmp_path, requests)
    context.close()
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_sound_log_is_taken_from_its_server_with_a_saved_checkpoint_and_a_receipt(shown: Shown) -> None:
    sound, told = shown.verified(saved="saved.300", receipt="seven")
    assert sound, told
    assert "All 66000 entries, the tiles and the checkpoint of ledger.bank.example/2026 agree" in told
    assert "The saved checkpoint (300 entries) is a beginning of this log." in told
    assert 'The receipt proves entry 7: {"at_us":7,' in told
    assert "Not proved" in told
    assert all(url.startswith(shown.address) for url in shown.requests)


def test_a_sound_log_is_taken_from_chosen_files(shown: Shown) -> None:
    sound, told = shown.verified(files=True)
    assert sound, told
    assert not any("/tile/" in url for url in shown.requests)


@pytest.mark.parametrize("name", ["tile/entries/x001/000", "tile/0/001", "tile/1/000", "tile/2/000.p/1", "checkpoint"])
def test_a_changed_byte_is_found(shown: Shown, name: str) -> None:
    path = next(each for each in (shown.folder / "log" / name, shown.folder / "log/tile/entries/100") if each.exists())
    whole = path.read_bytes()
    path.write_bytes(whole[:20] + bytes((whole[20] ^ 1,)) + whole[21:])
    sound, told = shown.verified(files=True)
    assert not sound
    assert "FAULT:" in told
    if "entries" in name:
        assert "Entry 25600 (" in told


def test_a_fork_a_wrong_receipt_and_an_unknown_key_are_told(shown: Shown) -> None:
    store = SqliteLedgerFile(shown.folder / "fork.db")
    Log(SIGNER.verifier.name, (SIGNER,), None).append([entry(number + 1) for number in range(300)], store)
    Publisher(store, shown.folder / "fork").publish()
    (shown.folder / "forked").write_bytes((shown.folder / "fork" / "checkpoint").read_bytes())
    sound, told = shown.verified(files=True, saved="forked")
    assert not sound
    assert "there are two histories" in told
    sound, told = shown.verified(files=True, receipt="lie")
    assert not sound
    assert "does not prove its entry" in told
    other = FileSigner("ledger.bank.example/2026", ED25519, b"x" * 32).verifier.text()
    sound, told = shown.verified(files=True, key=other)
    assert not sound
    assert "unknown key" in told


FORMS = [
    b'{"a":1,"b":[true,null,-9007199254740991,{"":"\\u001f\\n\xc3\xa4\xf0\x9f\x98\x80"}]}', b"{}",
    b'{"a":{"__proto__":{"b":1}}}', b"", b"[]", b'{"a":1 }', b'{"b":1,"a":1}', b'{"a":1,"a":1}', b'{"a":0.5}',
    b'{"a":1e2}', b'{"a":-0}', b'{"a":01}', b"null", b'{"a":"\\u00e4"}', b'{"a":"\\/"}', b'{"\xc3\xa4":1}',
    b'{"a":[{"\xc3\xa4":1}]}', b'{"a":9007199254740992}', b'{"a":"\\u001F"}', b'{"a":-9007199254740992}',
    b'{"a":99999999999999999999999}', b'{"a":"\xff"}', b'{"a":NaN}', b'{"a":"\\ud800"}', b"\xef\xbb\xbf{}",
    *(b'{"a":' + b"[" * depth + b"]" * depth + b"}" for depth in (99, 100, 5000)),
]  # fmt: skip


def test_the_page_takes_the_form_of_entries_that_verify_takes(shown: Shown) -> None:
    shown.page.goto(f"{shown.address}/auditor.html")
    taken = shown.page.evaluate(
        "forms => forms.map(each => hasForm(Uint8Array.from(each)))", [[*each] for each in FORMS]
    )
    assert taken == [check_form(each) == "" for each in FORMS]
    assert taken.count(True) == 4
    store = SqliteLedgerFile(shown.folder / "form.db")
    Log(SIGNER.verifier.name, (SIGNER,), None).append([entry(1), b'{"at_us": 2}'], store)
    shutil.rmtree(shown.folder / "log")
    Publisher(store, shown.folder / "log").publish()
    sound, told = shown.verified(files=True)
    assert not sound
    assert 'FAULT: Entry 1 ({"at_us": 2}) is not canonical JSON' in told


def test_a_browser_without_ed25519_is_told_what_to_do(shown: Shown) -> None:
    shown.page.add_init_script("crypto.subtle.importKey = () => Promise.reject(new Error('NotSupportedError'));")
    sound, told = shown.verified()
    assert not sound
    assert "has no Ed25519. Use a newer one" in told


def verify_in(window: Any, key: str) -> tuple[bool, str]:
    page = window.page
    page.fill("#key", key)
    page.click("#go")
    page.wait_for_selector("#told[data-sound]")
    sound, told = page.get_attribute("#told", "data-sound") == "yes", page.inner_text("#told")
    return sound, told


def test_an_auditor_of_a_served_home_verifies_its_log_from_the_workbench(audited: Any, home: Path) -> None:
    key = (home / "log" / "vkeys").read_text().strip()
    audited.log_in("auditor")
    audited.page.click("text=Verify the log")
    assert audited.page.url.endswith("/audit")
    sound, told = verify_in(audited, key)
    assert sound, told
    size = int((home / "log" / "checkpoint").read_text().splitlines()[1])
    assert 600 < int(told.split()[1]) <= size, "it may have grown since"
    bundle = home / "log" / "tile" / "entries" / "001"
    bundle.write_bytes(bundle.read_bytes().replace(b'"allow"', b'"allot"', 1))
    sound, told = verify_in(audited, key)
    assert not sound
    assert "do not agree: one of them was changed" in told
    assert audited.complaints == [], "nothing that the page needs is refused by its policy"


def test_the_page_for_auditors_is_for_auditors_and_runs_no_script_but_its_own(audited: Any) -> None:
    audited.log_in("analyst")
    assert not audited.page.is_visible("text=Verify the log")
    assert audited.page.goto(f"{audited.address}/audit").status == 403
    audited.page.context.clear_cookies()
    audited.log_in("auditor")
    audited.go("/audit")
    audited.page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'hacked = 1'}))")
    assert audited.page.evaluate("typeof hacked") == "undefined"
