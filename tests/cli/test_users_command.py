"""`headgate users`: people and keys of a home, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from headgate.cli import root
from headgate.drivers.home import Paths, Settings
from headgate.errors import ConflictError, FieldError, NotFoundError
from headgate.service.auth import Auth
from headgate.stores.sqlite import SqliteStore

PASSWORD = "a long enough sentence"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home in which nothing has been decided yet."""
    settings = Settings(reference_currency="EUR", time_zone="UTC", facts=("amount",), decided_from_seq=0)
    Paths(tmp_path).settings.write_bytes(msgspec.json.encode(settings))
    SqliteStore(Paths(tmp_path).store).close()
    return tmp_path


def users(home: Path, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(
        root, ["users", *words, "--home", str(home)], input=typed, catch_exceptions=False, standalone_mode=False
    )


def logged_in(home: Path, name: str, password: str) -> bool:
    store = SqliteStore(Paths(home).store)
    try:
        return Auth(store, lambda: 1).of_session(Auth(store, lambda: 1).log_in(name, password, "here")) is not None
    finally:
        store.close()


def test_a_person_is_added_with_a_password_from_standard_input(home: Path) -> None:
    users(home, "add", "ada", "--role", "analyst", "--password-stdin", typed=f"{PASSWORD}\n")
    assert logged_in(home, "ada", PASSWORD)


def test_a_password_is_asked_twice_and_not_shown(home: Path) -> None:
    result = users(home, "add", "ada", "--role", "analyst", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert PASSWORD not in result.output
    assert logged_in(home, "ada", PASSWORD)


def test_a_new_password_takes_the_place_of_the_old_one(home: Path) -> None:
    users(home, "add", "ada", "--role", "analyst", "--password-stdin", typed=f"{PASSWORD}\n")
    users(home, "password", "ada", "--password-stdin", typed="another long sentence\n")
    assert logged_in(home, "ada", "another long sentence")


def test_people_and_keys_are_listed_without_their_secrets(home: Path) -> None:
    users(home, "add", "ada", "--role", "dpo", "--password-stdin", typed=f"{PASSWORD}\n")
    key = json.loads(users(home, "key", "core-banking", "--json").stdout)["key"]
    users(home, "disable", "ada")
    listed = users(home, "list", "--json").stdout
    assert key not in listed
    assert json.loads(listed)["users"] == [
        {"kind": "person", "name": "ada", "role": "dpo", "disabled": True},
        {"kind": "key", "name": "core-banking", "role": "gateway", "disabled": False, "scopes": [], "expires_us": None},
    ]
    assert "core-banking" in users(home, "list").stdout


def test_a_key_is_printed_alone_so_that_it_can_be_piped_and_taken_out_of_use(home: Path) -> None:
    key = users(home, "key", "core-banking").stdout.strip()
    assert key.startswith("hg_")
    store = SqliteStore(Paths(home).store)
    assert Auth(store, lambda: 1).of_key(f"Bearer {key}") is not None
    users(home, "disable", "core-banking", "--key")
    assert Auth(store, lambda: 1).of_key(f"Bearer {key}") is None
    store.close()


def test_what_cannot_be_done_is_told_in_words(home: Path, tmp_path: Path) -> None:
    with pytest.raises(FieldError, match="from 12"):
        users(home, "add", "ada", "--role", "analyst", "--password-stdin", typed="short\n")
    with pytest.raises(NotFoundError, match="no user"):
        users(home, "disable", "nobody")
    users(home, "key", "bank")
    with pytest.raises(ConflictError):
        users(home, "key", "bank")
    with pytest.raises(NotFoundError, match="no home"):
        users(tmp_path / "none", "list")


def test_a_key_may_be_bound_to_operations_and_to_days(home: Path) -> None:
    made = json.loads(users(home, "key", "core", "--scope", "decidePayments", "--days", "90", "--json").output)
    assert (made["scopes"], made["days"]) == (["decidePayments"], 90)
    (row,) = json.loads(users(home, "list", "--json").output)["users"]
    assert row["scopes"] == ["decidePayments"]
    assert row["expires_us"] > 90 * 86_400_000_000
    shown = users(home, "list").output
    assert "decidePayments" in shown
    with pytest.raises(FieldError, match="Did you mean 'decidePayments'"):
        users(home, "key", "other", "--scope", "decidePayment")
