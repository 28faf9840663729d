"""`headgate approve` and `--approved-by`: a second person with their own password, and both names in the log."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from headgate.cli import root
from headgate.drivers.home import Home
from headgate.errors import AuthError, ConflictError, FieldError
from headgate.ledger import kinds
from headgate.ledger.entries import decode_entry
from headgate.ledger.kinds import Entry
from headgate.service.opening import opened

PASSWORD = "a long enough sentence"


def ran(*arguments: str, typed: str = PASSWORD) -> Result:
    return CliRunner().invoke(root, arguments, input=f"{typed}\n{PASSWORD}\n", standalone_mode=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("approve")
    for line in (["simulate", str(folder / "world"), "--payments", "400", "--days", "5", "--seed", "7"],
                 ["replay", str(folder / "world"), "--out", str(folder / "home")]):  # fmt: skip
        assert CliRunner().invoke(root, line, standalone_mode=False).exception is None
    for name in ("sam", "ana"):
        role = "supervisor" if name == "sam" else "analyst"
        done = ran("users", "add", name, "--role", role, "--password-stdin", "--home", str(folder / "home"))
        assert done.exception is None
    return folder / "home"


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "home")
    return tmp_path / "home"


def served(home: Path) -> list[Entry]:
    """Serve a home for a moment, and return its log."""
    with opened(home, "127.0.0.1", lambda entries: None):
        pass
    again = Home(home)
    head = again.store.ledger_head()
    assert head is not None
    leaves = again.store.ledger_leaves(0, head.size)
    again.close()
    return [decode_entry(leaf) for leaf in leaves]


def change_policy(home: Path) -> None:
    (home / "policy.toml").write_text("[budget]\ncases_per_day = 7\nlargest_share = 1.0\n")


def approve(home: Path, *more: str, typed: str = PASSWORD) -> Result:
    given = ("--by", "sam", "--person", "eve", "--password-stdin", "--home", str(home))
    return ran("approve", *given, *more, typed=typed)


def test_a_change_that_was_approved_takes_effect_under_both_names(home: Path) -> None:
    change_policy(home)
    told = json.loads(approve(home, "--json").stdout)
    assert (told["changes"], told["approved_by"]) == ([["policy", "policy"]], "sam")
    changed = [each for each in served(home) if isinstance(each, kinds.PolicyChanged)]
    assert [each.name for each in changed] == ["policy", "rules"]
    assert {(each.person, each.approved_by) for each in changed} == {("eve", "sam")}
    assert approve(home).return_value == 1, "there is nothing more to approve"


def test_an_approval_counts_for_the_files_that_were_there(home: Path) -> None:
    change_policy(home)
    approve(home)
    (home / "policy.toml").write_text("[budget]\ncases_per_day = 70\nlargest_share = 1.0\n")
    changed = [each for each in served(home) if isinstance(each, kinds.PolicyChanged)]
    assert {(each.person, each.approved_by) for each in changed} == {("headgate", "")}


@pytest.mark.parametrize(
    ("more", "typed", "error", "words"),
    [
        ((), "not the password", AuthError, "is no supervisor of this home, or the password is wrong"),
        (("--by", "ana"), PASSWORD, AuthError, "'ana' is no supervisor"),
        (("--by", "nobody"), PASSWORD, AuthError, "'nobody' is no supervisor"),
        (("--person", "sam"), PASSWORD, FieldError, "cannot approve what they changed themselves"),
    ],
)
def test_nobody_else_approves_and_nobody_approves_alone(
    home: Path, more: tuple[str, ...], typed: str, error: type[Exception], words: str
) -> None:
    change_policy(home)
    done = approve(home, *more, typed=typed)
    assert isinstance(done.exception, error)
    assert words in str(done.exception)
    assert not (home / "approval.json").exists()


def test_where_the_settings_ask_for_approval_nothing_takes_effect_without_it(home: Path) -> None:
    (home / "headgate.toml").write_text("[ledger]\napprovals = true\n")
    served(home)  # nothing has changed
    change_policy(home)
    with pytest.raises(ConflictError, match="2 changes of what decides wait, and nobody has approved them"):
        served(home)
    approve(home)
    assert any(isinstance(each, kinds.PolicyChanged) and each.approved_by == "sam" for each in served(home))


def test_a_running_service_takes_up_what_was_approved_and_nothing_else(home: Path) -> None:
    (home / "headgate.toml").write_text("[ledger]\napprovals = true\n")
    with opened(home, "127.0.0.1", lambda entries: None) as parts:
        before = parts.writer.rules_hash
        change_policy(home)
        assert parts.taking is not None
        ran("rules", "apply", "--why", "Seven", "--home", str(home))
        until(lambda: "nobody has approved" in parts.taking.trouble)
        assert parts.writer.rules_hash == before
        approve(home)
        until(lambda: parts.writer.rules_hash not in ("", before))
        until(lambda: parts.taking.trouble == "")
    changed = [each for each in served(home) if isinstance(each, kinds.PolicyChanged)]
    assert {(each.person, each.approved_by) for each in changed} == {("eve", "sam")}


def until(met: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not met():
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_who_is_let_in_stands_in_the_log_with_who_approved_it(home: Path) -> None:
    given = ("--approved-by", "sam", "--password-stdin", "--home", str(home))
    assert ran("users", "add", "eve", "--role", "analyst", *given, typed="correct horse battery").exception is None
    assert ran("users", "key", "core", *given).exception is None
    assert ran("users", "disable", "core", "--key", *given).exception is None
    refused = ran("users", "disable", "ana", *given, typed="wrong")
    assert isinstance(refused.exception, AuthError)
    changes = [each for each in served(home) if isinstance(each, kinds.RoleChanged | kinds.KeyChanged)]
    told = [(each.name, each.approved_by, each.reason) for each in changes]
    assert told[-3:] == [("eve", "sam", "added"), ("core", "sam", "added"), ("core", "sam", "disabled")]
