"""Keys: scopes, expiry, revocation within seconds; rates by key; bodies that say themselves that they are too long."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from headgate.errors import FieldError, RateError
from headgate.limits import KEY_SECONDS, KEYS_AT_HAND, MAX_REQUEST_BYTES, US_PER_DAY
from headgate.service.app import make_app
from headgate.service.buckets import Bucket, Buckets
from headgate.service.keys import Keys
from headgate.service.people import make_key, scopes_of
from headgate.settings.document import Settings
from headgate.settings.limits import Limits

if TYPE_CHECKING:
    from conftest import Bank

Ask = Callable[..., httpx.Response]
STATUS = {"tx_id": "P-0062", "new_status": "returned"}


def asking(bank: Bank, key: str, settings: Settings | None = None) -> Ask:
    client = TestClient(make_app(bank.parts(settings)), base_url="http://127.0.0.1")

    def ask(method: str, path: str, **more: object) -> httpx.Response:
        return client.request(method, path, headers={"Authorization": f"Bearer {key}"}, **more)  # type: ignore[arg-type]

    return ask


def test_a_key_with_scopes_may_call_those_operations_and_no_other(bank: Bank) -> None:
    ask = asking(bank, make_key(bank.store, "k", "gateway", 0, scopes=("readDecision", "listHolds")))
    assert ask("GET", "/v1/decisions/P-0062").status_code == 200
    refused = ask("POST", "/v1/statuses", json=STATUS)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:headgate:problem:scope")
    assert "'reportStatuses'" in refused.json()["detail"]
    assert "readDecision, listHolds" in refused.json()["repair"]


def test_a_scope_outside_the_role_is_refused_with_the_nearest_name(bank: Bank) -> None:
    with pytest.raises(FieldError, match="Did you mean 'decidePayments'"):
        make_key(bank.store, "k", "gateway", 0, scopes=("decidePayment",))
    with pytest.raises(FieldError, match="has no operation 'confirmCase'"):
        make_key(bank.store, "k", "gateway", 0, scopes=("confirmCase",))
    assert "confirmCase" in scopes_of("analyst")


@pytest.mark.parametrize("days", [0, -1, 100_000])
def test_a_key_is_good_for_a_sensible_number_of_days(bank: Bank, days: int) -> None:
    with pytest.raises(FieldError, match="from 1 to"):
        make_key(bank.store, "k", "gateway", 0, days=days)


def test_an_expired_key_says_so_at_the_moment_it_expires(bank: Bank) -> None:
    ask = asking(bank, make_key(bank.store, "k", "gateway", bank.now_us, days=1))
    bank.now_us += US_PER_DAY - 1
    assert ask("GET", "/v1/decisions/P-0062").status_code == 200
    bank.now_us += 1
    refused = ask("GET", "/v1/decisions/P-0062")
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:headgate:problem:expired-key")
    assert "'k' has expired" in refused.json()["detail"]
    bank.now_us += KEY_SECONDS * 1_000_000
    assert ask("GET", "/v1/decisions/P-0062").json()["type"].endswith("expired-key")


def test_a_disabled_key_is_refused_within_the_seconds_that_are_documented(bank: Bank) -> None:
    ask = asking(bank, make_key(bank.store, "k", "gateway", 0))
    assert ask("GET", "/v1/decisions/P-0062").status_code == 200
    bank.store.disable_api_key("k")
    assert ask("GET", "/v1/decisions/P-0062").status_code == 200
    bank.now_us += KEY_SECONDS * 1_000_000
    assert ask("GET", "/v1/decisions/P-0062").status_code == 401


def test_a_key_at_hand_is_found_without_the_store_and_few_are_kept(bank: Bank) -> None:
    keys = Keys(bank.store, lambda: bank.now_us)
    first = f"Bearer {make_key(bank.store, 'first', 'gateway', 0)}"
    assert keys.at_hand(first) is None
    assert keys.look_up(first) is not None
    bank.store.disable_api_key("first")
    assert keys.at_hand(first) is not None
    digest, kept = next(iter(keys._at_hand.items()))
    for n in range(KEYS_AT_HAND - 1):
        keys._at_hand[f"{digest}{n}"] = kept
    assert keys.look_up(f"Bearer {make_key(bank.store, 'next', 'gateway', 0)}") is not None
    assert len(keys._at_hand) == KEYS_AT_HAND
    assert keys.at_hand(first) is None
    assert keys.at_hand(None) is keys.look_up("Basic x") is keys.look_up("Bearer ") is None


def test_a_key_that_sends_too_many_requests_waits_and_others_do_not(bank: Bank) -> None:
    settings = Settings(limits=Limits(requests_per_second=0.5, requests_burst=3))
    ask, other = (asking(bank, make_key(bank.store, name, "gateway", 0), settings) for name in ("k", "l"))
    assert [ask("GET", "/v1/decisions/P-0062").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = ask("GET", "/v1/decisions/P-0062")
    assert (refused.json()["type"], refused.headers["retry-after"]) == ("urn:headgate:problem:rate", "2")
    assert other("GET", "/v1/decisions/P-0062").status_code == 200
    bank.now_us += 2_000_000
    assert [ask("GET", "/v1/decisions/P-0062").status_code for _ in range(2)] == [200, 429]


def test_a_list_counts_what_it_holds_and_the_next_one_waits_for_the_debt(bank: Bank) -> None:
    ask = asking(
        bank, make_key(bank.store, "k", "gateway", 0), Settings(limits=Limits(entries_per_second=2, entries_burst=4))
    )
    before = bank.store.last_seq()
    assert ask("POST", "/v1/statuses", json=[STATUS] * 10).status_code == 200
    refused = ask("POST", "/v1/statuses", json=STATUS)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "4")
    assert "2 payments or reports a second" in refused.json()["detail"]
    bank.now_us += 3_500_000
    assert ask("POST", "/v1/statuses", json=STATUS).status_code == 200
    assert bank.store.last_seq() == before + 1


@given(st.floats(0.1, 1000), st.floats(1, 1000), st.lists(st.tuples(st.floats(0, 5), st.integers(1, 50)), max_size=60))
def test_no_more_passes_than_the_rate_the_burst_and_the_last_request(
    rate: float, burst: float, asked: list[tuple[float, int]]
) -> None:
    bucket, now, passed = Bucket(rate, burst), 100.0, 0
    for pause, tokens in asked:
        now += pause
        waited = bucket.take(tokens, now)
        passed += tokens if waited == 0 else 0
        assert waited >= 0
        assert passed <= burst + (now - 100.0) * rate + 50 + 1e-6
        if waited:
            assert bucket.take(1, now + waited * (1 + 1e-9) + 1e-9) == 0
            now += waited * (1 + 1e-9) + 1e-9
            passed += 1


def test_a_wait_is_told_in_whole_seconds() -> None:
    clock = [0.0]
    buckets = Buckets(Limits(requests_per_second=0.1, requests_burst=1), lambda: clock[0])
    buckets.request("k")
    with pytest.raises(RateError, match="requests a second") as refused:
        buckets.request("k")
    assert refused.value.retry_after_seconds == 10
    buckets.entries("k", 100_000)
    with pytest.raises(RateError) as refused:
        buckets.entries("k", 1)
    assert refused.value.retry_after_seconds == 4


def test_a_body_that_says_it_is_too_long_is_refused_before_it_is_read(bank: Bank) -> None:
    ask = asking(bank, make_key(bank.store, "k", "gateway", 0))
    client = TestClient(make_app(bank.parts()), base_url="http://127.0.0.1")
    answer = client.post("/v1/statuses", content=b"{}", headers={"Content-Length": str(MAX_REQUEST_BYTES + 1)})
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:headgate:problem:limit")
    assert ask("POST", "/v1/statuses", content=b"{}").status_code == 422
