"""The short way of a request gives the answers of the long one: the same status, body and headers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from starlette.testclient import TestClient

from headgate.errors import UnavailableError
from headgate.limits import MAX_REQUEST_BYTES
from headgate.service import app
from headgate.service.people import make_key

if TYPE_CHECKING:
    from conftest import Bank

PAYMENT = {
    "tx_id": "P-1", "ts": "2025-03-04T16:05:09Z", "payer": "DE-1", "payee": "DE-2", "amount": "12.50", "currency": "EUR"
}  # fmt: skip
ASKED: dict[str, dict[str, Any]] = {
    "a payment": {"json": PAYMENT},
    "a list": {"json": [PAYMENT, PAYMENT]},
    "no JSON": {"content": b"{"},
    "an unknown field": {"json": {**PAYMENT, "payeee": "x"}},
    "a conflict": {"json": {**PAYMENT, "amount": "13.50"}},
    "too long": {"content": b" " * (MAX_REQUEST_BYTES + 1)},
    "a parameter that is not there": {"json": PAYMENT, "params": {"dry": "1"}},
    "no key": {"json": PAYMENT, "headers": {"Authorization": ""}},
    "a wrong key": {"json": PAYMENT, "headers": {"Authorization": "Bearer nobody"}},
    "a stranger's host": {"json": PAYMENT, "headers": {"Host": "evil.example"}},
    "a host with a port": {"json": PAYMENT, "headers": {"Host": "127.0.0.1:8321"}},
    "another method": {"method": "PUT", "json": PAYMENT},
    "a scope of another operation": {"json": PAYMENT, "key": "narrow"},
    "another role": {"json": PAYMENT, "key": "auditor"},
}


def ways(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> tuple[TestClient, TestClient]:
    """The application as it is, and one whose table is empty."""
    short = TestClient(app.make_app(bank.parts()), base_url="http://127.0.0.1", raise_server_exceptions=False)
    monkeypatch.setattr(app, "_table", dict)
    long = TestClient(app.make_app(bank.parts()), base_url="http://127.0.0.1", raise_server_exceptions=False)
    return short, long


def keys(bank: Bank) -> dict[str, str]:
    return {
        "gateway": make_key(bank.store, "gate", "gateway", 1),
        "narrow": make_key(bank.store, "narrow", "gateway", 1, scopes=("reportOutcomes",)),
        "auditor": make_key(bank.store, "reader", "auditor", 1),
    }


def asked(client: TestClient, keys: dict[str, str], asked: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
    more = {"method": "POST", "key": "gateway", **asked}
    key, method = more.pop("key"), more.pop("method")
    headers = {"Authorization": f"Bearer {keys[key]}", "X-Request-Id": "one", **more.pop("headers", {})}
    answer: httpx.Response = client.request(method, "/v1/payments", headers=headers, **more)
    return answer.status_code, answer.content, dict(answer.headers)


def test_every_answer_is_the_same_on_both_ways(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    short, long = ways(bank, monkeypatch)
    known = keys(bank)
    assert asked(short, known, {"json": PAYMENT})[0] == 201
    statuses = set()
    for name, each in ASKED.items():
        first, second = asked(short, known, each), asked(long, known, each)
        assert first == second, name
        statuses.add(first[0])
    assert statuses >= {200, 400, 401, 403, 405, 409, 413, 422}


def test_what_is_refused_or_was_not_foreseen_is_said_the_same(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    short, long = ways(bank, monkeypatch)
    known = keys(bank)
    for error, status in ((UnavailableError("full", repair="Later."), 503), (RuntimeError("secret"), 503)):

        def broken(*given: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(bank.writer, "put", broken)
        first, second = asked(short, known, {"json": PAYMENT}), asked(long, known, {"json": PAYMENT})
        assert first == second
        assert first[0] == status
        assert b"secret" not in first[1]
