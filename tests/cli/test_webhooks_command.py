"""`headgate webhooks`: the receivers of announcements, and the letters that nobody took, from the command line."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from headgate.cases.announcement import Announcement, DeadLetter
from headgate.cli import root
from headgate.drivers.home import Paths, Settings
from headgate.errors import NotFoundError, UnavailableError
from headgate.stores.sqlite import SqliteStore

SETTINGS = """
[[webhooks]]
name = "bank"
url = "http://127.0.0.1:9/"
secret_env = "BANK_SECRET"
kinds = ["payment.released"]
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with one webhook and two letters that it did not take."""
    settings = Settings(reference_currency="EUR", time_zone="UTC", facts=("amount",), decided_from_seq=0)
    Paths(tmp_path).settings.write_bytes(msgspec.json.encode(settings))
    (tmp_path / "headgate.toml").write_text(SETTINGS)
    monkeypatch.setenv("BANK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    with closing(SqliteStore(Paths(tmp_path).store)) as store:
        for seq in (3, 5):
            told = Announcement(seq=seq, place=0, clock_us=9, kind="payment.released", subject=f"P-{seq}")
            letter = DeadLetter(subscriber="bank", announcement=told, attempts=12, last_error="refused", clock_us=10)
            store.note_heard("bank", (seq, 0), letter)
    return tmp_path


def webhooks(home: Path, *words: str) -> Result:
    return CliRunner().invoke(
        root, ["webhooks", *words, "--home", str(home)], catch_exceptions=False, standalone_mode=False
    )


def test_webhooks_are_listed_with_how_far_they_have_heard(home: Path) -> None:
    (row,) = json.loads(webhooks(home, "list", "--json").stdout)["webhooks"]
    assert (row["name"], row["heard"], row["dead_letters"]) == ("bank", "5.0", 2)
    assert "http://127.0.0.1:9/" in webhooks(home, "list").stdout


def test_letters_are_listed_with_what_they_are_about_and_why(home: Path) -> None:
    letters = json.loads(webhooks(home, "dead", "--json").stdout)["dead_letters"]
    assert [letter["announcement"]["subject"] for letter in letters] == ["P-3", "P-5"]
    shown = webhooks(home, "dead", "bank").stdout
    assert "refused" in shown
    assert json.loads(webhooks(home, "dead", "other", "--json").stdout) == {"dead_letters": []}


def test_a_letter_is_dropped_and_one_that_is_not_there_is_an_error(home: Path) -> None:
    assert json.loads(webhooks(home, "drop", "bank", "3.0", "--json").stdout) == {"dropped": ["3.0"]}
    with pytest.raises(NotFoundError, match="no dead letter '3"):
        webhooks(home, "drop", "bank", "3.0")
    assert len(json.loads(webhooks(home, "dead", "--json").stdout)["dead_letters"]) == 1


def test_a_letter_that_is_not_taken_again_stays(home: Path) -> None:
    with pytest.raises(UnavailableError, match="stays on the list"):
        webhooks(home, "retry", "bank")
    assert len(json.loads(webhooks(home, "dead", "--json").stdout)["dead_letters"]) == 2
