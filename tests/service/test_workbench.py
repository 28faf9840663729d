"""The workbench over the real store and pipeline: who sees what, forms that are ours, words for everything."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from html import unescape
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from headgate.cases.announcement import Announcement
from headgate.ledger.auditor import auditor_page
from headgate.limits import SESSION_SECONDS
from headgate.service.app import _routes, make_app
from headgate.service.roles import MATRIX, ROLES, allows
from headgate.settings.document import Settings
from headgate.settings.server import Server
from headgate.stores.store import Batch

if TYPE_CHECKING:
    from conftest import Bank

PASSWORD = "a long enough sentence"
PEOPLE = sorted(set(ROLES) - {"gateway"})
Api = Callable[..., httpx.Response]


def token_in(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert found, "the page has no form of ours"
    return found[1]


def log_in(client: TestClient, role: str, **more: str) -> httpx.Response:
    csrf = token_in(client.get("/login").text)
    return client.post("/login", data={"csrf": csrf, "name": role, "password": PASSWORD, "next": "/", **more})


def post(client: TestClient, path: str, **fields: str) -> httpx.Response:
    return client.post(path, data={"csrf": token_in(client.get("/boundaries").text), **fields})


def address(path: str) -> str:
    return path.replace("{case_id}", "C-000001").replace("{tx_id:path}", "P-0062")


def test_every_route_of_the_application_stands_in_the_matrix_and_the_other_way_round() -> None:
    routes = list(_routes())
    made = {(method, route.path) for route in routes if isinstance(route, Route) for method in route.methods - {"HEAD"}}
    assert made == set(MATRIX)
    assert [route.path for route in routes if isinstance(route, Mount)] == ["/static"]


@pytest.mark.parametrize("role", PEOPLE)
def test_each_page_opens_for_the_roles_of_the_matrix_and_for_no_other(client: TestClient, role: str) -> None:
    assert log_in(client, role).status_code == 303
    for (method, path), rule in MATRIX.items():
        if rule.door != "session" or path == "/logout":
            continue
        fields = {"reason": ""}  # an empty reason: who may do it is told so, and nothing changes
        answer = client.get(address(path)) if method == "GET" else post(client, address(path), **fields)
        assert (answer.status_code == 403) == (not allows(role, method, path)), (role, method, path)
        assert answer.status_code in (200, 303, 403, 409, 422)
        if answer.status_code == 403:
            assert "You may not do this" in answer.text


@pytest.mark.parametrize("role", sorted(ROLES))
def test_each_operation_opens_for_the_roles_of_the_matrix_and_for_no_other(api: Api, role: str) -> None:
    for (method, path), rule in MATRIX.items():
        if rule.door == "key":
            answer = api(method, address(path), role, content=b"")
            assert (answer.status_code == 403) == (role not in rule.roles), (role, method, path)
            assert answer.status_code != 401


def test_without_a_login_pages_lead_to_it_and_operations_ask_for_a_key(client: TestClient) -> None:
    for (method, path), rule in MATRIX.items():
        answer = client.request(method, address(path))
        if rule.door == "session":
            assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/login"), path
        elif rule.door == "key":
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), path
    again = client.get("/cases/C-000001", headers={"HX-Request": "true"})
    assert (again.status_code, again.headers["hx-redirect"]) == (204, "/login?next=/cases/C-000001")


def test_a_session_opens_no_operation_and_a_key_opens_no_page(client: TestClient, api: Api) -> None:
    assert api("GET", "/cases", "analyst").status_code == 303
    log_in(client, "supervisor")
    assert client.get("/v1/cases").status_code == 401


def test_a_gateway_cannot_log_in_even_with_a_password(client: TestClient) -> None:
    log_in(client, "gateway")
    for (method, path), rule in MATRIX.items():
        if rule.door == "session" and method == "GET":
            assert client.get(address(path)).status_code == 403


@pytest.mark.parametrize(
    "path", ["/login", "/boundaries", "/cases", "/cases/C-000001", "/nothing", "/v1/cases", "/openapi.json"]
)
def test_every_answer_carries_the_strict_policy_and_is_not_kept(client: TestClient, path: str) -> None:
    log_in(client, "analyst")
    headers = client.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


def test_the_page_for_auditors_is_the_one_that_is_written_and_may_run_its_own_script_only(client: TestClient) -> None:
    log_in(client, "auditor")
    assert 'href="/audit"' in client.get("/cases").text
    answer = client.get("/audit")
    assert answer.text == auditor_page(), "whoever has the file can compare it byte for byte"
    assert len(answer.headers.get_list("content-security-policy")) == 1
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    for part, tag in (("script-src", "script"), ("style-src", "style")):
        (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert policy[part] == f"'sha256-{digest}'"
    assert (policy["default-src"], policy["connect-src"], policy["frame-ancestors"]) == ("'none'", "'self'", "'none'")
    assert answer.headers["cache-control"] == "no-store"


def test_static_files_may_be_kept_and_carry_the_policy_too(client: TestClient) -> None:
    answer = client.get("/static/workbench.css")
    assert answer.status_code == 200
    assert "no-store" not in answer.headers.get("cache-control", "")
    assert answer.headers["content-security-policy"]


def test_the_session_cookie_is_out_of_reach_for_scripts_and_other_sites(client: TestClient, bank: Bank) -> None:
    cookie = log_in(client, "analyst").headers["set-cookie"]
    assert re.search(r"HttpOnly", cookie)
    assert re.search(r"SameSite=strict", cookie, re.I)
    assert f"Max-Age={SESSION_SECONDS}" in cookie
    assert "Secure" not in cookie
    secure = TestClient(
        make_app(bank.parts(Settings(server=Server(https=True)))), base_url="https://127.0.0.1", follow_redirects=False
    )
    cookie = log_in(secure, "analyst").headers["set-cookie"]
    assert cookie.startswith("__Host-headgate_session=")
    assert "Secure" in cookie


FORMS = [(method, path) for (method, path), rule in MATRIX.items() if method == "POST" and rule.door != "key"]


@pytest.mark.parametrize(("method", "path"), FORMS)
@pytest.mark.parametrize("fields", [{}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "\N{SNOWMAN}"}])
def test_no_form_is_taken_without_the_token_of_this_browser(
    client: TestClient, bank: Bank, method: str, path: str, fields: dict[str, str]
) -> None:
    log_in(client, "supervisor" if path == "/login" or allows("supervisor", method, path) else "auditor")
    before = bank.store.last_seq()
    answer = client.request(
        method, address(path), data={"reason": "Checked.", "name": "analyst", "password": PASSWORD, **fields}
    )
    assert answer.status_code == 403
    assert "not made for you" in answer.text
    assert bank.store.last_seq() == before


def test_the_token_of_another_browser_is_not_taken(client: TestClient, bank: Bank) -> None:
    other = TestClient(make_app(bank.parts()), base_url="http://127.0.0.1", follow_redirects=False)
    log_in(other, "analyst")
    log_in(client, "analyst")
    stolen = token_in(other.get("/boundaries").text)
    answer = client.post("/cases/C-000001/dismiss", data={"csrf": stolen, "reason": "Checked."})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_a_form_sent_by_another_site_is_not_taken_even_with_a_good_token(
    client: TestClient, headers: dict[str, str]
) -> None:
    log_in(client, "analyst")
    fields = {"csrf": token_in(client.get("/boundaries").text), "reason": "Checked."}
    answer = client.post("/cases/C-000001/dismiss", data=fields, headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.text


def test_a_login_leads_back_to_the_page_that_was_asked_for_but_never_to_another_site(client: TestClient) -> None:
    assert client.get("/cases/C-000001").headers["location"] == "/login?next=/cases/C-000001"
    assert 'name="next" value="/cases/C-000001"' in client.get("/login?next=/cases/C-000001").text
    for back in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/login", "/a\nb"):
        assert log_in(client, "analyst", next=back).headers["location"] == "/"
        client.cookies.clear()


def test_wrong_credentials_show_the_form_again_with_the_name_and_too_many_are_told_to_wait(client: TestClient) -> None:
    for status in [401] * 5 + [429]:
        answer = log_in(client, "analyst", password="wrong")
        assert answer.status_code == status
        assert 'value="analyst"' in answer.text
    assert "Too many attempts" in answer.text


def test_somebody_who_is_logged_in_is_led_past_the_login_and_out_by_logging_out(client: TestClient) -> None:
    log_in(client, "engineer")
    assert client.get("/login").headers["location"] == "/"
    assert client.get("/").headers["location"] == "/scenarios"
    assert post(client, "/logout").headers["location"] == "/login"
    assert client.get("/scenarios").status_code == 303


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page))).replace("\N{NO-BREAK SPACE}", " ")


def test_the_queue_shows_open_cases_and_finds_them_by_state_typology_and_payment(client: TestClient) -> None:
    log_in(client, "analyst")
    page = client.get("/cases").text
    assert re.findall(r'href="/cases/(C-\d{6})"', page) == ["C-000001", "C-000002", "C-000003"]
    typology = re.findall(r"<option>(Cycle[^<]*)</option>", page)
    by_typology = client.get("/cases", params={"typology": unescape(typology[0])}).text
    assert re.findall(r'href="/cases/(C-\d{6})"', by_typology) == ["C-000003"]
    assert "No case like this" in client.get("/cases?state=confirmed").text
    assert re.findall(r'href="/cases/(C-\d{6})"', client.get("/cases?payment=P-0065").text) == ["C-000002"]
    assert "No case holds this payment" in client.get("/cases?payment=P-0001").text
    assert "was decided: allowed" in text_of(client.get("/cases?payment=P-0001").text)
    assert "Near to it: P-00" in text_of(client.get("/cases?payment=P-00").text)
    for odd in ("page=0", "page=999", "page=x", "state=no", "order=no", "page=²"):
        assert client.get(f"/cases?{odd}").status_code == 200


def test_a_queue_longer_than_a_page_is_turned_over(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headgate.service.web.pages.cases.PAGE_ROWS", 2)
    log_in(client, "analyst")
    assert "Page 1 of 2" in client.get("/cases").text
    assert re.findall(r'href="/cases/(C-\d{6})"', client.get("/cases?page=2").text) == ["C-000003"]


def test_a_case_shows_path_alert_evidence_and_accounts_under_pseudonyms_only(client: TestClient) -> None:
    log_in(client, "analyst")
    page = client.get("/cases/C-000001").text
    words = text_of(page)
    assert words.count("Evidence") >= 2
    for tx_id in ("P-0060", "P-0061", "P-0062"):
        assert f'href="/decisions/{tx_id}"' in page
    assert "line of the day" in words
    assert "EUR 892.00" in words
    assert len(set(re.findall(r"A-[A-Z2-7]{8}", page))) == 4
    assert not re.search(r"\b[MNK]-\d\b", page)
    graph = re.search(r'data-graph="([^"]+)"', page)
    assert graph is not None
    drawn: dict[str, Any] = msgspec.json.decode(unescape(graph[1]).encode())
    assert [edge["alert"] for edge in drawn["edges"]] == [False, False, True]
    assert len({node["x"] for node in drawn["nodes"]}) == 4


def test_a_reason_is_kept_under_the_name_of_who_wrote_it_and_shown_as_text(client: TestClient) -> None:
    log_in(client, "analyst")
    answer = post(client, "/cases/C-000001/dismiss", reason="A payroll <script>alert(1)</script>.", action_id="w-1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases/C-000001?said=dismiss")
    page = client.get(answer.headers["location"]).text
    assert "You dismissed this case." in page
    assert "A payroll &lt;script&gt;alert(1)&lt;/script&gt;." in page
    assert "<script>alert" not in page
    assert "analyst dismissed it" in text_of(page)
    assert "A supervisor can open it again" in page
    again = post(client, "/cases/C-000001/dismiss", reason="A payroll <script>alert(1)</script>.", action_id="w-1")
    assert again.status_code == 303


def test_a_form_that_cannot_be_done_comes_back_with_what_was_written(client: TestClient) -> None:
    log_in(client, "supervisor")
    empty = post(client, "/cases/C-000001/confirm", reason="  ")
    assert empty.status_code == 422
    assert "with a reason" in empty.text
    post(client, "/cases/C-000001/confirm", reason="Fraud.", action_id="w-1")
    late = post(client, "/cases/C-000001/dismiss", reason="An honest sale.", action_id="w-2")
    assert late.status_code == 409
    assert "is confirmed" in late.text
    reopened = post(client, "/cases/C-000001/reopen", reason="New facts.", action_id="w-3")
    assert "Open again." in client.get(reopened.headers["location"]).text


def test_who_only_reads_cases_sees_no_form_and_is_told_why(client: TestClient) -> None:
    log_in(client, "auditor")
    page = client.get("/cases/C-000001").text
    assert "<textarea" not in page
    assert "an analyst or a supervisor decides them" in page


def test_a_decision_shows_why_its_versions_and_the_command_that_checks_it(client: TestClient) -> None:
    log_in(client, "analyst")
    words = text_of(client.get("/decisions/P-0062").text)
    assert "headgate explain P-0062 --home home" in words
    assert "← Case C-000001" in words
    plain = text_of(client.get("/decisions/P-0001").text)
    assert "No scenario fired, and its rank is below the line of the day." in plain
    engineer = TestClient(client.app, base_url="http://127.0.0.1", follow_redirects=False)
    log_in(engineer, "engineer")
    assert "/cases/" not in engineer.get("/decisions/P-0062").text


def test_scenarios_are_told_in_words_with_their_sources(client: TestClient, bank: Bank) -> None:
    log_in(client, "admin")
    words = text_of(client.get("/scenarios").text)
    for scenario in bank.rules.scenarios:
        assert scenario.title in words
        assert scenario.file.references[0].title in words


def test_the_boundaries_are_open_to_everybody_and_name_what_the_charter_refuses(client: TestClient, bank: Bank) -> None:
    page = client.get("/boundaries")
    assert page.status_code == 200
    assert "never scores, labels, lists or ranks people" in text_of(page.text)
    for refusal in bank.rules.charter.refusals:
        assert refusal.why in unescape(page.text)


def test_what_is_not_there_is_told_in_words(client: TestClient) -> None:
    log_in(client, "analyst")
    for path, words in (
        ("/cases/C-000099", "There is no case"),
        ("/decisions/none", "has been decided"),
        ("/no", "Nothing is"),
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "There is nothing here" in answer.text
        assert words in answer.text


def test_a_workbench_without_cases_says_what_will_come(empty_bank: Bank) -> None:
    from headgate.service.people import add_person

    add_person(empty_bank.store, "ada", "analyst", PASSWORD, 0)
    browser = TestClient(make_app(empty_bank.parts()), base_url="http://127.0.0.1", follow_redirects=False)
    log_in(browser, "ada")
    assert "No case yet" in browser.get("/cases").text


def test_a_form_while_the_writer_is_down_says_so_and_loses_nothing(client: TestClient, bank: Bank) -> None:
    log_in(client, "analyst")
    bank.writer.stop()
    answer = post(client, "/cases/C-000001/dismiss", reason="A payroll.")
    assert answer.status_code == 503
    assert "Not possible at the moment" in answer.text


def held(bank: Bank) -> None:
    """Say of a payment of a case that it is held."""
    told = Announcement(seq=62, place=9, clock_us=5, kind="payment.held", subject="P-0062", by="decision", due_us=9)
    bank.store.commit(Batch(announcements=[told]))


def test_a_payment_shows_how_it_stands_now_on_its_page_and_in_its_case(client: TestClient, bank: Bank) -> None:
    log_in(client, "auditor")
    assert "It does not wait" in text_of(client.get("/decisions/P-0062").text)
    held(bank)
    for page in ("/decisions/P-0062", "/cases/C-000001"):
        words = text_of(client.get(page).text)
        assert "It is held since 1970-01-01 00:00:00 , when it was decided. It is released by itself at" in words
    assert "<form" not in client.get("/decisions/P-0062").text.partition('id="standing"')[2].partition("</section>")[0]


def test_a_payment_is_stopped_from_its_page_with_a_reason_and_cleared_by_a_supervisor(
    client: TestClient, bank: Bank
) -> None:
    log_in(client, "analyst")
    assert "Stop by law" in client.get("/decisions/P-0062").text
    refused = post(client, "/decisions/P-0062/stop", reason=" ")
    assert refused.status_code == 422
    assert "needs a reason" in text_of(refused.text)
    done = post(client, "/decisions/P-0062/stop", reason="Named by the police.")
    assert (done.status_code, done.headers["location"]) == (303, "/decisions/P-0062")
    again = post(client, "/decisions/P-0062/release", reason="A mistake.")
    assert again.status_code == 409
    assert "A mistake." in again.text
    assert post(client, "/decisions/P-0062/clear", reason="x").status_code == 403
    client.cookies.clear()
    log_in(client, "supervisor")
    assert post(client, "/decisions/P-0062/clear", reason="A namesake.").status_code == 303


def test_the_buttons_follow_how_a_payment_stands(client: TestClient, bank: Bank) -> None:
    held(bank)
    log_in(client, "analyst")
    page = client.get("/decisions/P-0062").text
    for move in ("release", "confirm-hold", "stop"):
        assert f'formaction="/decisions/P-0062/{move}"' in page
    assert "/clear" not in page
