"""Settings of a service, the matrix of roles, and the errors of the door."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from headgate.errors import FieldError, FileError, HeadgateError
from headgate.service.problems import fallback_of, kinds, problem_of, title_of, type_of
from headgate.service.roles import MATRIX, ROLES, allows, home_of
from headgate.service.serving import address_of, taken
from headgate.settings.document import FILE, Settings, load_settings


def test_a_home_without_settings_has_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {}) == Settings()
    assert fallback_of(load_settings(tmp_path, {}).server).action == "step_up"


def test_settings_are_read_from_the_home_and_the_environment_has_the_last_word(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(
        '[server]\nhosts = ["headgate.bank.example"]\nhttps = false\nfallback_action = "hold"\n'
    )
    named = {"HEADGATE_SERVER__HTTPS": "true", "HEADGATE_SERVER__FALLBACK_SENTENCE": "Ask.", "HEADGATE_FOLD": "kernel"}
    settings = load_settings(tmp_path, named)
    assert settings.server.known_hosts[-1] == "headgate.bank.example"
    assert (settings.server.https, settings.server.fallback_action) == (True, "hold")
    assert settings.server.fallback_sentence == "Ask."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[server]\nfallback = 'hold'", "Did you mean 'fallback_action'.*settings of .server. are hosts"),
        ("[sever]\nhttps = true", "Did you mean 'server'.*sections are .*server"),
        ("[server]\nfallback_action = 'freeze'", "Invalid enum value"),
        ("[server]\nfallback_sentence = ''", "length"),
        ("[server]\nhttps = 'yes'", "bool"),
        ("server = 3", "object"),
        ("[kafka]\ntopic = 'x'", "settings of .kafka. are servers, group"),
        ("[kafka]\npayments = 'a topic'", "regex"),
        ("[kafka]\nbatch = 0", ">= 1"),
        ("[nats]\ndecisions = ''", "length"),
        ("[nats]\npayments = 'payments.*'", "regex"),
        ("https = ", "headgate.toml"),
    ],
)
def test_a_setting_that_is_wrong_says_where_and_what_there_is(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(FieldError, match=words):
        load_settings(tmp_path, {})


def test_a_wrong_setting_of_the_environment_is_named(tmp_path: Path) -> None:
    with pytest.raises(FieldError, match="environment variable HEADGATE_SERVER__HTTPS"):
        load_settings(tmp_path, {"HEADGATE_SERVER__HTTPS": "perhaps"})
    with pytest.raises(FieldError, match="Did you mean 'server'"):
        load_settings(tmp_path, {"HEADGATE_SEVER__HTTPS": "true"})


def test_what_a_broker_is_told_is_passed_on_and_secrets_come_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(
        '[kafka]\nservers = "k:9093"\nsecurity = "SASL_SSL"\nsasl_username = "headgate"\noutcomes = ""\n'
        'options = { "socket.keepalive.enable" = true }\n'
    )
    kafka = load_settings(tmp_path, {"HEADGATE_KAFKA__SASL_PASSWORD": "a secret"}).kafka
    assert kafka.client() == {
        "bootstrap.servers": "k:9093",
        "security.protocol": "SASL_SSL",
        "sasl.username": "headgate",
        "sasl.password": "a secret",
        "socket.keepalive.enable": True,
    }
    assert kafka.taken() == {"payments": "headgate.payments"}
    assert set(kafka.given()) == {"decisions", "announcements", "dead_letters"}


def test_settings_that_cannot_be_read_are_a_file_error(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(FileError, match="cannot be read"):
        load_settings(tmp_path, {})


def test_every_role_is_in_the_matrix_and_every_route_is_for_somebody() -> None:
    assert {role for rule in MATRIX.values() for role in rule.roles} == set(ROLES)
    for rule in MATRIX.values():
        assert (rule.door == "open") == (not rule.roles)


def test_only_deciders_may_change_a_case_and_a_gateway_sees_no_page() -> None:
    for (method, path), rule in MATRIX.items():
        if method == "POST" and "/cases/" in path:
            assert rule.roles <= {"analyst", "supervisor"}
        if rule.door == "session":
            assert "gateway" not in rule.roles
    assert not allows("admin", "GET", "/cases")
    assert not allows(None, "GET", "/cases")
    assert allows(None, "GET", "/boundaries")
    assert not allows("auditor", "POST", "/cases/{case_id}/confirm")


def test_the_first_page_of_a_role_is_one_that_it_may_see() -> None:
    for role in set(ROLES) - {"gateway"}:
        assert allows(role, "GET", home_of(role))


def test_no_route_lists_or_ranks_accounts_or_people() -> None:
    read = [path for method, path in MATRIX if method == "GET"]
    assert not [path for path in read if any(word in path for word in ("account", "person", "part", "customer"))]


def test_every_error_has_a_stable_type_and_a_title_of_its_own() -> None:
    found = list(kinds())
    assert len({type_of(kind) for kind in found}) == len(found)
    assert len({title_of(kind) for kind in found}) == len(found)


def test_a_problem_says_what_where_and_how_to_repair() -> None:
    error = FieldError("The amount is below zero", where="amount", repair="Send a refund the other way.")
    problem = problem_of(error)
    assert problem.type == "urn:headgate:problem:field"
    assert (problem.status, problem.detail, problem.where) == (422, "The amount is below zero.", "amount")
    assert problem.repair == "Send a refund the other way."
    assert isinstance(error, HeadgateError)


def test_a_port_in_use_is_told_in_words() -> None:
    with taken("127.0.0.1", 0) as first:
        first.listen()
        port = first.getsockname()[1]
        assert address_of(first) == f"http://127.0.0.1:{port}"
        with pytest.raises(FieldError, match=f"Port {port} is in use"):
            taken("127.0.0.1", port)


@pytest.mark.parametrize(("host", "port"), [("203.0.113.7", 0), ("127.0.0.1", 70_000), ("no such host", 0)])
def test_an_address_that_cannot_be_had_is_told_in_words(host: str, port: int) -> None:
    with pytest.raises(FieldError, match="--host"):
        taken(host, port)


def test_an_address_of_six_groups_is_written_in_brackets() -> None:
    listening = SimpleNamespace(getsockname=lambda: ("::1", 8321, 0, 0))
    assert address_of(listening) == "http://[::1]:8321"  # type: ignore[arg-type]
