"""The API over the real store and pipeline: decisions, outcomes, cases, problems, and its description."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest
from starlette.testclient import TestClient

from headgate.errors import UnavailableError
from headgate.limits import MAX_REQUEST_BYTES
from headgate.service.answers import CaseOut, CaseRow, DecisionOut
from headgate.service.app import make_app
from headgate.service.openapi import description, errors_of
from headgate.service.operations import operations
from headgate.service.problem_examples import example_of
from headgate.service.problems import kinds, type_of
from headgate.service.reference import pages
from headgate.service.roles import MATRIX
from headgate.stores.users import ApiKey

if TYPE_CHECKING:
    from conftest import Bank

Api = Callable[..., httpx.Response]

PAYMENT = {
    "tx_id": "P-2025/17",
    "ts": "2025-03-04T16:05:09Z",
    "payer": "DE-4711",
    "payee": "DE-0815",
    "amount": "1250.00",
    "currency": "EUR",
    "rail": "instant",
}
KEY = ApiKey(key_hash="", name="x", role="auditor", created_us=0)
REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def test_a_payment_is_answered_with_its_decision_and_found_again(api: Api) -> None:
    first = api("POST", "/v1/payments", json=PAYMENT)
    assert first.status_code == 201
    decision = msgspec.json.decode(first.content, type=DecisionOut)
    assert (decision.tx_id, decision.action) == ("P-2025/17", "allow")
    again = api("POST", "/v1/payments", json=PAYMENT)
    assert (again.status_code, again.content) == (200, first.content)
    assert api("GET", "/v1/decisions/P-2025%2F17").content == first.content


def test_an_alert_comes_with_reason_evidence_versions_and_its_case(api: Api) -> None:
    found = msgspec.json.decode(api("GET", "/v1/decisions/P-0062").content, type=DecisionOut)
    assert (found.action, found.case_id) == ("review", "C-000001")
    assert "EUR" in found.fired[0].reason
    assert {"P-0060", "P-0061", "P-0062"} <= {paid.tx_id for witness in found.evidence for paid in witness.payments}
    assert len(found.facts_digest) == 64


def test_a_list_is_answered_in_its_order_and_refused_whole(api: Api) -> None:
    rows = [PAYMENT | {"tx_id": f"L-{n}"} for n in range(3)]
    answers = api("POST", "/v1/payments", json=rows)
    assert answers.status_code == 200
    assert [row["tx_id"] for row in answers.json()] == ["L-0", "L-1", "L-2"]
    refused = api("POST", "/v1/payments", json=[PAYMENT | {"tx_id": "L-9"}, PAYMENT | {"tx_id": "L-0", "amount": "1"}])
    assert refused.status_code == 409
    assert api("GET", "/v1/decisions/L-9").status_code == 404


def test_no_answer_holds_the_id_of_an_account(api: Api) -> None:
    rows = [PAYMENT | {"tx_id": f"S-{n}", "payer": f"SECRET-{n}", "payee": f"SECRET-{n + 1}"} for n in range(4)]
    texts = [api("POST", "/v1/payments", json=rows).text, api("GET", "/v1/cases", "auditor").text]
    texts += [api("GET", f"/v1/cases/{row['id']}", "auditor").text for row in api("GET", "/v1/cases", "auditor").json()]
    for text in texts:
        assert "SECRET" not in text
        assert not re.search(r'"[MNK]-\d"', text)


PROBLEMS = [
    ({"amount": "NaN"}, 422, "field", "amount"),
    ({"amount": "-5"}, 422, "field", "amount"),
    ({"amount": "1e300"}, 422, "field", "amount"),
    ({"amount": "9999999999999.00"}, 422, "field", "amount_minor"),
    ({"currency": "EUX"}, 422, "field", "currency"),
    ({"payee": "DE-4711"}, 422, "field", "payee"),
    ({"payer": "x" * 129}, 422, "field", "payer"),
    ({"ts": "2025-03-04"}, 422, "field", "ts"),
    ({"ts": "2099-01-01T00:00:00Z"}, 422, "far-future", "ts"),
    ({"amont": "5"}, 422, "unknown-field", "amont"),
    ({"religion": "any"}, 422, "refused-field", "religion"),
    ({"tx_id": "P-0001"}, 409, "conflict", "tx_id"),
]


@pytest.mark.parametrize(("change", "status", "code", "where"), PROBLEMS)
def test_each_mistake_is_a_problem_with_a_stable_type_and_its_repair(
    api: Api, change: dict[str, str], status: int, code: str, where: str
) -> None:
    answer = api("POST", "/v1/payments", json=PAYMENT | change)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert (problem["type"], problem["status"]) == (f"urn:headgate:problem:{code}", status)
    assert where in problem["where"]
    assert problem["title"]
    assert problem["detail"].endswith(".")
    assert problem["repair"]


def test_a_body_that_is_no_json_or_too_long_is_a_problem(api: Api) -> None:
    assert api("POST", "/v1/payments", content=b"{").json()["type"].endswith(":malformed")
    long = api("POST", "/v1/payments", content=b" " * (MAX_REQUEST_BYTES + 1))
    assert (long.status_code, long.json()["type"]) == (413, "urn:headgate:problem:limit")


def test_an_unknown_address_and_a_wrong_method_are_problems(api: Api) -> None:
    assert api("GET", "/v1/nothing").json()["type"].endswith(":not-found")
    assert api("DELETE", "/v1/payments").json()["type"].endswith(":method")


def test_a_mistyped_payment_id_suggests_those_near_to_it(api: Api) -> None:
    problem = api("GET", "/v1/decisions/P-0062x").json()
    assert problem["type"].endswith(":not-found")
    assert "P-0062" in problem["repair"]


def test_when_it_cannot_decide_it_says_what_the_adopter_wants_done(api: Api, bank: Bank) -> None:
    bank.writer.stop()
    for answer in (api("POST", "/v1/payments", json=PAYMENT), api("GET", "/readyz")):
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json()["fallback"]["action"] == "step_up"
    assert api("GET", "/healthz").json() == {"status": "alive"}


def test_what_nobody_foresaw_is_a_503_without_a_trace(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(bank.store, "decision", broken)
    monkeypatch.setattr(bank.store, "api_key", lambda digest: msgspec.structs.replace(KEY, key_hash=digest))
    browser = TestClient(make_app(bank.parts()), base_url="http://127.0.0.1", raise_server_exceptions=False)
    answer = browser.get("/v1/decisions/P-0001", headers={"Authorization": "Bearer x"})
    assert answer.status_code == 503
    assert "secret" not in answer.text
    assert answer.headers["content-security-policy"]


def test_health_and_readiness_need_no_key(client: TestClient, bank: Bank) -> None:
    assert client.get("/healthz").status_code == 200
    ready = {"status": "ready", "last_seq": bank.store.last_seq(), "queued": 0, "streams": {}}
    assert client.get("/readyz").json() == ready


def test_an_outcome_is_taken_once(api: Api) -> None:
    told = {"outcome_id": "O-1", "tx_id": "P-0062", "outcome": "fraud", "source": "customer"}
    first, again = (api("POST", "/v1/outcomes", json=told) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
    assert api("POST", "/v1/outcomes", json=told | {"outcome": "fine"}).status_code == 409
    assert api("POST", "/v1/outcomes", json=told | {"outcome_id": "O-2", "tx_id": "none"}).status_code == 404
    both = [told | {"outcome_id": "O-2", "tx_id": "P-0065"}, told]
    assert [row["repeated"] for row in api("POST", "/v1/outcomes", json=both).json()] == [False, True]


def test_cases_are_listed_by_the_rank_of_their_payments(api: Api) -> None:
    rows = msgspec.json.decode(api("GET", "/v1/cases", "analyst").content, type=list[CaseRow])
    assert [row.rank_score for row in rows] == sorted((row.rank_score for row in rows), reverse=True)  # type: ignore[type-var]
    assert {row.state for row in rows} == {"open"}
    assert len(api("GET", "/v1/cases?limit=1&offset=1", "analyst").json()) == 1
    assert api("GET", "/v1/cases?state=dismissed", "analyst").json() == []


@pytest.mark.parametrize("query", ["state=opne", "order=person", "limit=-1", "limit=1e3", "offset=x", "limit=99999"])
def test_a_wrong_query_is_a_problem_that_names_it(api: Api, query: str) -> None:
    answer = api("GET", f"/v1/cases?{query}", "analyst")
    assert answer.status_code == 422
    assert answer.json()["where"] == f"query {query.partition('=')[0]}"


def test_a_case_is_decided_by_key_with_a_reason_and_its_name_stays(api: Api) -> None:
    reason = {"reason": "Payroll of a\nnew company.", "action_id": "mine-1"}
    first = api("POST", "/v1/cases/C-000001/dismiss", "analyst", json=reason)
    found = msgspec.json.decode(first.content, type=CaseOut)
    assert (found.state, found.history[0].actor) == ("dismissed", "analyst-key")
    assert found.history[0].reason == "Payroll of a new company."
    assert api("POST", "/v1/cases/C-000001/dismiss", "analyst", json=reason).content == first.content
    assert api("POST", "/v1/cases/C-000001/confirm", "analyst", json={"reason": "No."}).status_code == 409
    assert api("POST", "/v1/cases/C-000001/reopen", "supervisor", json={"reason": "Again."}).json()["state"] == "open"
    assert api("POST", "/v1/cases/C-000001/confirm", "analyst", json={"reason": " "}).status_code == 422
    assert api("GET", "/v1/cases/C-000099", "analyst").status_code == 404


def test_a_host_that_nobody_named_is_not_answered(bank: Bank) -> None:
    stranger = TestClient(make_app(bank.parts()), base_url="http://evil.example")
    assert stranger.get("/healthz").status_code == 400


def test_every_route_of_the_api_is_in_its_description_and_the_other_way_round(client: TestClient) -> None:
    served = client.get("/openapi.json").json()
    listed = {(method.upper(), path) for path, methods in served["paths"].items() for method in methods}
    for_machines = {
        (method, path.replace(":path", ""))
        for method, path in MATRIX
        if path.startswith("/v1/") or path in ("/healthz", "/readyz", "/metrics")
    }
    assert listed == for_machines
    assert served["openapi"] == "3.1.0"


def refs_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if "$ref" in value else set()
        return own.union(*(refs_in(each) for each in value.values()))
    return set().union(*(refs_in(each) for each in value)) if isinstance(value, list) else set()


def test_the_description_is_whole_and_its_examples_have_the_shapes_it_states() -> None:
    whole = msgspec.json.decode(msgspec.json.encode(description(operations())))
    known = {f"#/components/schemas/{name}" for name in whole["components"]["schemas"]}
    assert refs_in(whole) <= known
    for row in operations():
        if row.takes is not None:
            msgspec.convert(row.example, row.takes, strict=False)
        msgspec.convert(
            msgspec.to_builtins(row.answer),
            row.gives[min(row.gives)] if row.takes is None else row.gives[max(row.gives)],
        )
    names = [operation["operationId"] for methods in whole["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names)) == len(operations())


def test_the_reference_pages_are_what_the_service_says_of_itself() -> None:
    for name, text in pages().items():
        assert (REFERENCE / name).read_text("utf-8") == text, f"run `make docs` and commit docs/reference/{name}"


def test_every_problem_that_an_operation_names_exists() -> None:
    named = {kind for row in operations() for kind in errors_of(row)}
    assert named <= set(kinds())
    for kind in named:
        example = example_of(kind)
        assert (example.type, bool(example.repair)) == (type_of(kind), True)
    assert example_of(UnavailableError).fallback is not None


def test_a_query_parameter_that_nobody_knows_is_refused_with_the_nearest_name(api: Api) -> None:
    answer = api("GET", "/v1/cases?stat=open", "analyst")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:headgate:problem:unknown-field")
    assert "Did you mean 'state'" in answer.json()["repair"]
    assert "takes none" in api("POST", "/v1/payments?dry=1", json=PAYMENT).json()["repair"]
