"""People, keys, sessions, and how fast a password may be guessed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from headgate.errors import AuthError, ConflictError, FieldError, NotFoundError, TooManyError
from headgate.limits import LOGIN_ATTEMPTS, LOGIN_ATTEMPTS_PER_ADDRESS, LOGIN_WINDOW_SECONDS, SESSION_SECONDS
from headgate.service.auth import Auth
from headgate.service.passwords import hash_password, hash_token, password_matches
from headgate.service.people import add_person, disable_person, make_key, set_password
from headgate.stores.sqlite import SqliteStore

PASSWORD = "a long enough sentence"
T0 = 1_741_104_309_000_000


class Clock:
    def __init__(self) -> None:
        self.now_us = T0

    def __call__(self) -> int:
        return self.now_us

    def pass_seconds(self, seconds: int) -> None:
        self.now_us += seconds * 1_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "headgate.db")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def auth(store: SqliteStore, clock: Clock) -> Auth:
    add_person(store, "ada", "analyst", PASSWORD, T0)
    return Auth(store, clock)


def test_a_good_password_opens_a_session_that_knows_name_and_role(auth: Auth) -> None:
    token = auth.log_in("ada", PASSWORD, "127.0.0.1")
    caller = auth.of_session(token)
    assert caller is not None
    assert (caller.name, caller.role, caller.secret) == ("ada", "analyst", token)


def test_only_hashes_are_kept(auth: Auth, store: SqliteStore, tmp_path: Path) -> None:
    token = auth.log_in("ada", PASSWORD, "127.0.0.1")
    key = make_key(store, "bank", "gateway", T0)
    user = store.user("ada")
    assert user is not None
    assert user.password_hash.startswith("$argon2id$")
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (PASSWORD, token, key):
        assert secret.encode() not in stored
    assert hash_token(key).encode() in stored


@pytest.mark.parametrize(("name", "password"), [("ada", "wrong"), ("eve", PASSWORD), ("", PASSWORD), ("a" * 200, "x")])
def test_wrong_credentials_say_the_same_whatever_is_wrong(auth: Auth, name: str, password: str) -> None:
    with pytest.raises(AuthError, match="The user name or the password is wrong"):
        auth.log_in(name, password, "127.0.0.1")


def test_a_password_without_a_user_never_matches_and_a_damaged_hash_is_no_match() -> None:
    assert not password_matches(PASSWORD, None)
    assert not password_matches(PASSWORD, "no hash at all")
    assert password_matches(PASSWORD, hash_password(PASSWORD))


def test_passwords_are_hashed_at_the_cost_that_the_standard_asks_for() -> None:
    """RFC 9106, second recommended option: argon2id, 64 MiB, three passes, four lanes."""
    code = "from headgate.service.passwords import hash_password; print(hash_password('any'))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_session_ends_by_itself(auth: Auth, clock: Clock) -> None:
    token = auth.log_in("ada", PASSWORD, "127.0.0.1")
    clock.pass_seconds(SESSION_SECONDS - 1)
    assert auth.of_session(token) is not None
    clock.pass_seconds(1)
    assert auth.of_session(token) is None


def test_logging_out_ends_the_session(auth: Auth) -> None:
    token = auth.log_in("ada", PASSWORD, "127.0.0.1")
    auth.log_out(token)
    assert auth.of_session(token) is None
    assert auth.of_session(None) is None


def test_a_disabled_person_is_out_at_once(auth: Auth, store: SqliteStore) -> None:
    token = auth.log_in("ada", PASSWORD, "127.0.0.1")
    disable_person(store, "ada")
    assert auth.of_session(token) is None
    with pytest.raises(AuthError):
        auth.log_in("ada", PASSWORD, "127.0.0.1")


def test_a_new_password_ends_the_sessions_of_the_old_one(auth: Auth, store: SqliteStore) -> None:
    token = auth.log_in("ada", PASSWORD, "127.0.0.1")
    set_password(store, "ada", "another long sentence")
    assert auth.of_session(token) is None
    assert auth.of_session(auth.log_in("ada", "another long sentence", "127.0.0.1")) is not None


def test_a_name_has_few_attempts_in_a_window_even_with_the_right_password(auth: Auth, clock: Clock) -> None:
    for attempt in range(LOGIN_ATTEMPTS):
        with pytest.raises(AuthError):
            auth.log_in("ada", "wrong", f"10.0.0.{attempt}")
    with pytest.raises(TooManyError, match="Wait 5 minutes"):
        auth.log_in("ada", PASSWORD, "10.0.0.99")
    clock.pass_seconds(LOGIN_WINDOW_SECONDS + 1)
    assert auth.log_in("ada", PASSWORD, "10.0.0.99")


def test_attempts_on_a_name_outlive_a_restart(auth: Auth, store: SqliteStore, clock: Clock) -> None:
    for _ in range(LOGIN_ATTEMPTS):
        with pytest.raises(AuthError):
            auth.log_in("ada", "wrong", "10.0.0.1")
    with pytest.raises(TooManyError):
        Auth(store, clock).log_in("ada", PASSWORD, "10.0.0.2")


def test_an_address_has_few_attempts_in_a_window_over_all_names(auth: Auth) -> None:
    for attempt in range(LOGIN_ATTEMPTS_PER_ADDRESS):
        with pytest.raises(AuthError):
            auth.log_in(f"user{attempt}", "wrong", "10.0.0.1")
    with pytest.raises(TooManyError):
        auth.log_in("ada", PASSWORD, "10.0.0.1")
    assert auth.log_in("ada", PASSWORD, "10.0.0.2")


def test_a_good_password_forgives_the_wrong_ones(auth: Auth) -> None:
    for _ in range(3):
        for _ in range(LOGIN_ATTEMPTS - 1):
            with pytest.raises(AuthError):
                auth.log_in("ada", "wrong", "10.0.0.1")
        assert auth.log_in("ada", PASSWORD, "10.0.0.2")


def test_a_key_is_recognised_until_it_is_disabled(auth: Auth, store: SqliteStore) -> None:
    key = make_key(store, "bank", "gateway", T0)
    caller = auth.of_key(f"Bearer {key}")
    assert caller is not None
    assert (caller.name, caller.role) == ("bank", "gateway")
    store.disable_api_key("bank")
    assert auth.of_key(f"Bearer {key}") is None


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer hg_wrong"])
def test_anything_but_a_good_key_is_nobody(auth: Auth, header: str | None) -> None:
    assert auth.of_key(header) is None


@pytest.mark.parametrize("name", ["", "Ada", "a b", "-ada", "a" * 65, "ada\n"])
def test_a_bad_name_is_refused(store: SqliteStore, name: str) -> None:
    with pytest.raises(FieldError, match="no name for a user"):
        add_person(store, name, "analyst", PASSWORD, T0)


@pytest.mark.parametrize(
    ("password", "words"),
    [("short", "characters"), ("x" * 2000, "characters"), ("I am ada, really", "guess"), ("a" * 20, "guess")],
)
def test_a_weak_password_is_refused(store: SqliteStore, password: str, words: str) -> None:
    with pytest.raises(FieldError, match=words):
        add_person(store, "ada", "analyst", password, T0)


def test_a_role_that_is_none_is_named_with_the_nearest_and_a_gateway_cannot_log_in(store: SqliteStore) -> None:
    with pytest.raises(FieldError, match="Did you mean 'analyst'"):
        add_person(store, "ada", "analist", PASSWORD, T0)
    with pytest.raises(FieldError, match="cannot log in"):
        add_person(store, "bank", "gateway", PASSWORD, T0)


def test_a_name_is_taken_once_and_an_unknown_name_suggests_the_nearest(auth: Auth, store: SqliteStore) -> None:
    with pytest.raises(ConflictError):
        add_person(store, "ada", "admin", PASSWORD, T0)
    with pytest.raises(NotFoundError, match="Did you mean 'ada'"):
        disable_person(store, "adda")
