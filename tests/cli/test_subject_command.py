"""`headgate subject`: erasing a key as people do it, what blocks it, and that the log says so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from headgate.cli import root
from headgate.drivers.home import Home
from headgate.errors import FileError, LegalHoldError, NotFoundError
from headgate.ledger.commitments import SubjectKeys
from headgate.ledger.entries import decode_entry
from headgate.ledger.kinds import Entry, Erased, LegalHold

NOW_US = 1_767_614_400_000_000


def ran(command: str, home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(root, ["subject", command, "A-1", "--home", str(home), *arguments], standalone_mode=False)


def keys_of(home: Path) -> SubjectKeys:
    return SubjectKeys(home / "subject-keys", clock_us=lambda: NOW_US)


def told(home: Path) -> list[Entry]:
    opened = Home(home)
    entries = [decode_entry(content) for _, content in opened.store.told_to_ledger()]
    opened.close()
    return entries


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("subject")
    for line in (["simulate", str(folder / "world"), "--payments", "400", "--days", "5", "--seed", "7"],
                 ["replay", str(folder / "world"), "--out", str(folder / "home")]):  # fmt: skip
        assert CliRunner().invoke(root, line, standalone_mode=False).exception is None
    return folder / "home"


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "home"))


def test_a_subject_is_erased_for_good_and_the_log_is_told(home: Path, tmp_path: Path) -> None:
    keys = keys_of(home)
    made = keys.commit("A-1", "2026-01", b"x")
    line = ["subject", "backup", str(tmp_path / "before"), "--home", str(home)]
    assert CliRunner().invoke(root, line, standalone_mode=False).exception is None
    assert json.loads(ran("show", home, "--json").output)["periods"] == ["2026-01"]
    assert ran("erase", home, "--reason", "request 12/26").exception is None
    with pytest.raises(NotFoundError):
        keys.opens(made, "A-1", "2026-01", b"x")
    (entry,) = told(home)
    assert isinstance(entry, Erased)
    assert (entry.periods, entry.reason) == (("2026-01",), "request 12/26")
    assert ran("show", home).return_value == 1
    assert isinstance(ran("erase", home, "--reason", "again").exception, NotFoundError)
    keys.close()
    (home / "subject-keys" / "subject-keys.db").unlink()
    void = CliRunner().invoke(root, ["subject", "restore", *line[2:]], standalone_mode=False).exception
    assert isinstance(void, FileError)
    assert "an erasure came after it" in str(void)


def test_keys_come_back_from_a_backup(home: Path, tmp_path: Path) -> None:
    keys = keys_of(home)
    keys.commit("A-1", "2026-01", b"x")
    keys.close()
    line = ["subject", "backup", str(tmp_path / "kept"), "--home", str(home)]
    assert CliRunner().invoke(root, line, standalone_mode=False).exception is None
    (home / "subject-keys" / "subject-keys.db").unlink()
    assert ran("show", home).return_value == 1
    back = CliRunner().invoke(root, ["subject", "restore", *line[2:]], standalone_mode=False)
    assert back.exception is None
    assert json.loads(ran("show", home, "--json").output)["periods"] == ["2026-01"]


def test_a_hold_blocks_and_its_release_lets_go_and_the_log_is_told_of_both(home: Path) -> None:
    keys_of(home).commit("A-1", "2026-01", b"x")
    by = ("--reason", "court order 7/26", "--person", "dora")
    assert ran("hold", home, "--until", "2030-01-31", *by).exception is None
    assert "Legal hold of dora until 2030-01-31: court order 7/26." in ran("show", home).output
    blocked = ran("erase", home, "--reason", "request").exception
    assert isinstance(blocked, LegalHoldError)
    assert "court order 7/26 (until 2030-01-31)" in str(blocked)
    assert ran("release", home, *by).exception is None
    assert ran("erase", home, "--reason", "request").exception is None
    holds = [entry for entry in told(home) if isinstance(entry, LegalHold)]
    assert [each.until_us for each in holds] == [1_896_048_000_000_000, 0]
    assert {each.person for each in holds} == {"dora"}
    assert isinstance(ran("hold", home, "--until", "2020-01-31", *by).exception, LegalHoldError)
