"""What a service says about itself: lines without personal data, a name for each request, figures for Prometheus."""

from __future__ import annotations

import io
import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from headgate.drivers.home import Home
from headgate.service.app import make_app
from headgate.service.logs import lines_of
from headgate.service.metrics import InsideMetrics, Metrics
from headgate.service.opening import HomeDisk, opened
from headgate.service.people import make_key
from headgate.settings.document import Settings
from headgate.settings.log import LogSettings
from headgate.stores.store import Batch

if TYPE_CHECKING:
    from conftest import Bank

Api = Callable[..., httpx.Response]
FIGURES = Path(__file__).parents[2] / "docs" / "reference" / "figures.md"


def figures_of(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(text)
    return {(row.name, tuple(sorted(row.labels.items()))): row.value for family in families for row in family.samples}


def test_requests_are_counted_by_route_and_status_and_never_by_an_id(api: Api) -> None:
    for tx_id in ("P-0062", "P-0065", "P-0099x"):
        api("GET", f"/v1/decisions/{tx_id}")
    api("GET", "/v1/nothing/here")
    text = api("GET", "/metrics", "engineer").text
    figures = figures_of(text)
    route = ("route", "/v1/decisions/{tx_id:path}")
    assert figures["headgate_requests_total", (route, ("status", "200"))] == 2
    assert figures["headgate_requests_total", (route, ("status", "404"))] == 1
    assert figures["headgate_requests_total", (("route", "other"), ("status", "404"))] == 1
    assert figures["headgate_request_seconds_count", (route,)] == 3
    assert not re.search(r"P-0|A-[A-Z2-7]{8}|M-\d", text)
    labels = {name for _, row in figures for name, _ in row}
    assert labels <= {"route", "status", "action", "subscriber", "kind", "state", "code", "le"}


def test_the_state_and_the_writer_are_in_the_figures(api: Api, bank: Bank) -> None:
    api("POST", "/v1/payments/P-0062/stop", "analyst", json={"reason": "x"})
    figures = figures_of(api("GET", "/metrics", "admin").text)
    assert figures["headgate_ready", ()] == 1
    assert figures["headgate_journal_entries", ()] == bank.store.last_seq() + 1
    assert figures["headgate_waiting_payments", (("state", "stopped"),)] == 1
    assert figures["headgate_waiting_payments", (("state", "held"),)] == 0
    assert figures["headgate_facts_kept", (("kind", "accounts"),)] >= 0


def test_figures_come_while_nothing_can_be_decided_and_refusals_are_counted(api: Api, bank: Bank) -> None:
    bank.writer.stop()
    for _ in range(3):
        api("GET", "/v1/holds")
    figures = figures_of(api("GET", "/metrics", "auditor").text)
    assert (figures["headgate_ready", ()], figures["headgate_refused_total", ()]) == (0, 3)


def test_requests_that_were_refused_are_counted_by_the_code_of_the_error(api: Api) -> None:
    api("GET", "/v1/decisions/P-0099x")
    for _ in range(2):
        api("POST", "/v1/payments", json={"tx_id": "P-1", "pairer": "A"})
        api("GET", "/v1/cases")
    figures = figures_of(api("GET", "/metrics", "admin").text)
    found = {row[0][1]: value for (name, row), value in figures.items() if name == "headgate_problems_total"}
    assert found == {"not-found": 1, "unknown-field": 2, "forbidden": 2}


def test_how_far_the_newest_snapshot_is_behind_is_in_the_figures(home: Path, fresh: Iterator[Any]) -> None:
    (home / "headgate.toml").write_text("[snapshots]\nevery_seconds = 1\nleast_entries = 1\n")
    with opened(home, "127.0.0.1", lambda n: None) as parts:
        key = make_key(parts.store, "prometheus", "engineer", time.time_ns() // 1000)
        client = TestClient(make_app(parts), base_url="http://127.0.0.1")

        def figures() -> dict[str, float]:
            text = client.get("/metrics", headers={"Authorization": f"Bearer {key}"}).text
            return {name: value for (name, row), value in figures_of(text).items() if not row}

        before = figures()
        assert before["headgate_journal_tail_entries"] == before["headgate_journal_entries"]
        ends = time.monotonic() + 60
        while not figures()["headgate_snapshots_written"] and time.monotonic() < ends:
            parts.writer.decide([next(fresh)]).result(timeout=60)
        entries, after = parts.writer.last_seq + 1, figures()
        assert after["headgate_journal_tail_entries"] == entries - max(Home(home).snapshots.seqs())
        assert (after["headgate_snapshots_failed"], after["headgate_rules_wait"]) == (0, 0)
        assert 0 <= after["headgate_snapshot_age_seconds"] < 60
        assert 0 < after["headgate_snapshot_pause_seconds"]


def test_the_figures_need_a_key_of_a_role_that_may_see_them(api: Api, client: TestClient) -> None:
    assert client.get("/metrics").status_code == 401
    assert api("GET", "/metrics", "gateway").status_code == 403


def test_a_commit_is_counted_when_it_is_on_disk(bank: Bank) -> None:
    class Home:
        store = bank.store

    metrics = InsideMetrics()
    decisions = [decision for decision in bank.store.decisions() if decision.alert]
    entries = list(bank.store.tail())
    HomeDisk(Home(), metrics).commit(Batch(entries=entries[-2:], decisions=decisions[:2]))  # type: ignore[arg-type]
    figures = figures_of(metrics.text().decode())
    assert figures["headgate_decisions_total", (("action", "review"),)] == 2
    assert (figures["headgate_commit_entries_count", ()], figures["headgate_commit_entries_sum", ()]) == (1, 2)
    assert figures["headgate_commit_seconds_count", ()] == 1


def test_every_figure_is_documented() -> None:
    text = FIGURES.read_text("utf-8")
    for name, sentence in (*Metrics().names(), *InsideMetrics().names()):
        assert f"| `{name}` | {sentence} |" in text


def logged(bank: Bank, settings: LogSettings, *asked: dict[str, Any]) -> list[str]:
    """What is said while these requests are made."""
    stream = io.StringIO()
    app = make_app(bank.parts(Settings(log=settings)))
    client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
    with lines_of(settings, stream):
        for each in asked:
            client.request(**each)
    return stream.getvalue().splitlines()


def test_each_request_is_one_line_named_by_its_route_and_the_name_goes_back(bank: Bank) -> None:
    asked = {"method": "GET", "url": "/v1/decisions/P-0062?account=M-0", "headers": {"X-Request-Id": "caller-7.1"}}
    (line,) = [json.loads(line) for line in logged(bank, LogSettings(requests=True), asked)]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("time"))
    assert 0 <= line.pop("seconds") < 60
    assert line == {
        "level": "info",
        "event": "request",
        "request_id": "caller-7.1",
        "method": "GET",
        "route": "/v1/decisions/{tx_id:path}",
        "status": 401,
    }


@pytest.mark.parametrize("name", ["a b", "x" * 65, "né", "", 'a"b'])
def test_a_name_that_is_not_plain_is_replaced(client: TestClient, name: str) -> None:
    answer = client.get("/healthz", headers={"X-Request-Id": name.encode()})
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])
    assert client.get("/healthz", headers={"X-Request-Id": "mine"}).headers["x-request-id"] == "mine"


def test_good_requests_can_be_left_out_and_failures_are_always_said(bank: Bank) -> None:
    asked = ({"method": "GET", "url": "/healthz"}, {"method": "GET", "url": "/v1/holds"})
    quiet = logged(bank, LogSettings(), *asked)
    assert [json.loads(line)["status"] for line in quiet] == [401]
    assert logged(bank, LogSettings(level="warning"), *asked) == []


def test_a_failure_is_named_by_its_class_and_its_lines_of_code_not_by_its_text(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object) -> None:
        raise RuntimeError("account SECRET-1")

    monkeypatch.setattr(bank.store, "web_session", broken)
    asked = {"method": "GET", "url": "/cases", "cookies": {"headgate_session": "x"}}
    lines = logged(bank, LogSettings(), asked)
    assert "SECRET" not in "".join(lines)
    failed = json.loads(lines[0])
    assert (failed["level"], failed["failure"]) == ("error", "RuntimeError")
    assert failed["lines"][-1].endswith(" broken")
    assert json.loads(lines[-1])["status"] == 503


def test_lines_for_people_say_the_same() -> None:
    stream = io.StringIO()
    with lines_of(LogSettings(format="text"), stream):
        logging.getLogger("headgate.service").warning("It waits\nfor nothing", extra={"fields": {"seconds": 3}})
    assert re.fullmatch(r"\S+ WARNING It waits seconds=3\n", stream.getvalue())
