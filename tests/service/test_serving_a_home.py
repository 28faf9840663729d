"""A replayed home is served: from the command line, over a real socket, across a restart."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from bench.load import inside
from headgate.connectors.dataset import Dataset
from headgate.drivers.home import Home
from headgate.drivers.replay import replay
from headgate.drivers.rules import Rules
from headgate.errors import FieldError, NotFoundError, UnavailableError
from headgate.journal.entries import Outcome, Payment
from headgate.journal.order import order_table
from headgate.journal.schema import to_block
from headgate.service import run
from headgate.service.app import make_app
from headgate.service.opening import opened
from headgate.service.people import add_person, make_key
from headgate.service.serving import taken
from headgate.service.wire import OutcomeIn

if TYPE_CHECKING:
    from conftest import Bank

ROW = {"ts": "2025-03-07T00:00:00Z", "payer": "X", "payee": "Y", "amount": "5", "currency": "EUR"}


@pytest.fixture(scope="session")
def replayed(tmp_path_factory: pytest.TempPathFactory, rules: Rules, told_payments: list[Any]) -> Path:
    """A home made of the story by a replay: the quiet days are history, the chains were decided."""
    folder = tmp_path_factory.mktemp("replayed")
    table, _ = order_table(pa.Table.from_batches([to_block([at_its_time(each) for each in told_payments])]))
    replay(Dataset(folder=folder, journal=table, reference_currency="EUR"), folder / "home", rules, from_share=0.5)
    return folder / "home"


def at_its_time(payment: Any) -> Any:
    return msgspec.structs.replace(payment, clock_us=payment.ts_us)


@pytest.fixture
def home(tmp_path: Path, replayed: Path) -> Path:
    shutil.copytree(replayed, tmp_path / "home")
    return tmp_path / "home"


def test_a_home_that_is_served_is_not_served_again(home: Path) -> None:
    with opened(home, "127.0.0.1", lambda entries: None) as parts:
        with pytest.raises(UnavailableError, match="decides in this home already"), opened(home, "", print):
            pass
        assert parts.writer.ready
    with opened(home, "127.0.0.1", lambda entries: None) as parts:
        assert parts.writer.ready


def test_a_home_is_served_where_its_replay_ended(home: Path, bank: Bank) -> None:
    ticks: list[int] = []
    ended = Home(home)
    last_us, last_seq = ended.store.last_clock_us(), ended.store.last_seq()
    ended.close()
    with opened(home, "127.0.0.1", ticks.append, lambda: last_us) as parts:
        end = parts.writer.last_seq
        assert end == parts.store.last_seq() == last_seq
        assert "Layering: one sum handed on through several accounts" in {
            title for case in parts.store.cases() for title in case.typologies
        }
        new = bank.payment(900, "M-3", "M-4", 88_000, last_us)
        (answer,) = parts.writer.decide([new]).result(timeout=60)
        assert answer.decision.seq > end
        assert "layering-chain" in {fired.scenario_id for fired in answer.decision.fired}
    assert ticks == []
    with opened(home, "127.0.0.1", ticks.append) as parts:
        assert sum(ticks) == parts.writer.last_seq - end
        assert parts.writer.decide([new]).result(timeout=60)[0] == (answer.decision, True)


@pytest.mark.parametrize("name", ["facts.snapshot", "decisions.msgpack"])
def test_a_state_of_another_format_is_folded_anew_from_the_journal(
    home: Path, fresh: Iterator[Payment], name: str
) -> None:
    whole = Home(home)
    expected = whole.pipeline()
    whole.close()
    (home / "state" / name).write_bytes(b"of another release")
    said: list[str] = []
    again = Home(home)
    pipeline = again.pipeline(say=said.append)
    again.close()
    assert "the journal is folded from its start" in said[0]
    assert pipeline.next_seq == expected.next_seq
    assert pipeline.decisions.state() == expected.decisions.state()
    assert pipeline.cases.state() == expected.cases.state()
    after = msgspec.structs.replace(next(fresh), clock_us=time.time_ns() // 1000)
    assert pipeline.step(after) == expected.step(after)


def test_an_archived_payment_sent_again_is_known_and_one_that_was_only_learnt_from_says_so(
    home: Path, bank: Bank
) -> None:
    decided, learnt = bank.story()[-1], bank.story()[0]
    with opened(home, "127.0.0.1", lambda entries: None) as parts:
        (answer,) = parts.writer.decide([decided]).result(timeout=60)
        assert answer.repeated
        with pytest.raises(NotFoundError, match="part of the history"):
            parts.writer.decide([learnt]).result(timeout=60)
        assert parts.writer.ready
        add_person(parts.store, "ada", "analyst", "a long enough sentence", 0)
        browser = TestClient(make_app(parts), base_url="http://127.0.0.1")
        csrf = re.findall(r'name="csrf" value="(\w+)"', browser.get("/login").text)[0]
        browser.post("/login", data={"csrf": csrf, "name": "ada", "password": "a long enough sentence"})
        page = browser.get(f"/decisions/{learnt.tx_id}")
        assert (page.status_code, "history that was learnt from" in page.text) == (404, True)


def test_an_outcome_is_still_known_after_a_restart(home: Path) -> None:
    with opened(home, "127.0.0.1", lambda entries: None) as parts:
        given = OutcomeIn(outcome_id="O-1", tx_id="P-0062", outcome="fraud", source="customer")
        assert not parts.writer.learn([given]).result(timeout=60)[0].repeated
    with opened(home, "127.0.0.1", lambda entries: None) as parts:
        assert parts.writer.learn([given]).result(timeout=60)[0].repeated
        assert any(isinstance(entry, Outcome) for entry in parts.store.tail())


@contextmanager
def served(home: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`headgate serve` as a process of its own; yields its address."""
    command = [sys.executable, "-m", "headgate", "serve", "--home", str(home), "--port", "0", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("}"):
                break
        yield json.loads("".join(lines))["address"], process
    finally:
        process.kill()
        process.communicate()


def test_the_command_serves_answers_and_stops_when_it_is_told_to(home: Path) -> None:
    opened_home = Home(home)
    key = make_key(opened_home.store, "bank", "gateway", 0)
    opened_home.close()
    with served(home) as (address, process):
        with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client:
            assert client.get("/readyz").json()["status"] == "ready"
            rows = [
                {
                    "tx_id": f"N-{n}",
                    "ts": "2025-03-07T00:00:00Z",
                    "payer": "X",
                    "payee": "Y",
                    "amount": n + 1,
                    "currency": "EUR",
                }
                for n in range(20)
            ]
            assert [row["tx_id"] for row in client.post("/v1/payments", json=rows).json()] == [r["tx_id"] for r in rows]
            assert client.get("/login").headers["content-security-policy"]
            assert "server" not in client.get("/login").headers
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0
        assert said.splitlines()[-1] == "Stopped; everything that was answered is on disk."
    again = Home(home)
    assert again.store.decision("N-19") is not None
    again.close()


def test_a_killed_service_has_kept_every_decision_that_it_answered(home: Path) -> None:
    opened_home = Home(home)
    key = make_key(opened_home.store, "bank", "gateway", 0)
    opened_home.close()
    answered = {}
    with served(home) as (address, process):
        with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client:
            for n in range(10):
                answered[f"K-{n}"] = client.post("/v1/payments", json={**ROW, "tx_id": f"K-{n}"}).json()
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=60)
    with opened(home, "127.0.0.1", lambda entries: None) as parts:
        for tx_id, answer in answered.items():
            decision = parts.store.decision(tx_id)
            assert decision is not None
            assert (decision.seq, decision.facts_digest) == (answer["seq"], answer["facts_digest"])
        assert parts.writer.last_seq == parts.store.last_seq()


def test_a_folder_that_is_no_home_and_a_port_in_use_are_told_at_once(tmp_path: Path, home: Path) -> None:
    with pytest.raises(NotFoundError, match="no home"):
        run(tmp_path / "none", port=0)
    with taken("127.0.0.1", 0) as listening:
        listening.listen()
        with pytest.raises(FieldError, match="in use"):
            run(home, port=listening.getsockname()[1])


def test_the_log_of_a_run_holds_no_account_and_no_word_of_a_body(home: Path) -> None:
    opened_home = Home(home)
    key = make_key(opened_home.store, "bank", "gateway", 0)
    opened_home.close()
    (home / "headgate.toml").write_text("[log]\nrequests = true\n")
    secret = {**ROW, "payer": "SECRET-1", "payee": "SECRET-2"}
    with served(home) as (address, process):
        with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client:
            posts: list[tuple[str, Any]] = [
                ("/v1/payments", {**secret, "tx_id": "N-1"}),
                ("/v1/payments", {**secret, "tx_id": "N-1", "amount": "6"}),
                ("/v1/payments", {**secret, "tx_id": "SECRET", "payee": "SECRET-1"}),
                ("/v1/payments", {**secret, "tx_id": "N-2", "SECRET": "x"}),
                ("/v1/sessions", {"session_id": "S", "account": "SECRET-1", "event": "login"}),
                ("/v1/accounts", {"account": "SECRET-1", "party": "SECRET-9"}),
                ("/v1/SECRET-1", {}),
            ]
            statuses = [client.post(path, json=body).status_code for path, body in posts]
            assert statuses == [201, 409, 422, 422, 201, 201, 404]
            client.get("/v1/decisions/SECRET-1?account=SECRET-2", headers={"User-Agent": "SECRET"})
            client.get("/login?next=/SECRET")
            client.post("/login", data={"name": "SECRET", "password": "SECRET"})
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    lines = said.splitlines()
    assert len(lines) == len(posts) + 3 + 1
    assert "SECRET" not in said
    assert not re.search(r"\bA-[A-Z2-7]{8}\b", said)
    assert {json.loads(line)["event"] for line in lines[:-1]} == {"request"}


def test_a_service_that_is_told_to_stop_under_load_answers_what_it_took_and_keeps_it(home: Path) -> None:
    opened_home = Home(home)
    key = make_key(opened_home.store, "bank", "gateway", 0)
    opened_home.close()
    answered: list[dict[str, Any]] = []
    refused: list[str] = []
    under_load = threading.Barrier(9)

    def send(sender: int) -> None:
        with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client:
            for n in range(100_000):
                try:
                    answer = client.post("/v1/payments", json={**ROW, "tx_id": f"T-{sender}-{n}"}, timeout=60)
                except httpx.TransportError:
                    return  # nobody listens any more
                if answer.status_code != 201:
                    refused.append(answer.json()["type"])
                    return
                answered.append(answer.json())
                if n == 5:
                    under_load.wait(timeout=60)

    with served(home) as (address, process):
        senders = [threading.Thread(target=send, args=(n,)) for n in range(8)]
        for sender in senders:
            sender.start()
        under_load.wait(timeout=60)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
        for sender in senders:
            sender.join(timeout=60)
        assert process.returncode == 0
        assert said.splitlines()[-1] == "Stopped; everything that was answered is on disk."
    assert len(answered) >= 48
    assert set(refused) <= {"urn:headgate:problem:unavailable"}
    again = Home(home)
    for answer in answered:
        decision = again.store.decision(answer["tx_id"])
        assert decision is not None
        assert decision.seq == answer["seq"]
    again.close()


def test_the_steps_that_the_benchmark_times_decide_payments(home: Path) -> None:
    taken = inside.steps(home, of=5, payments=20, first=0)
    assert set(taken) == {
        "read and check the request",
        "pseudonyms",
        "is it known, may it enter",
        "facts, scenarios, model, decision",
        "commit",
        "answer",
    }
    opened_again = Home(home)
    assert all(opened_again.store.decision(f"L-{number}") for number in range(20))
    opened_again.close()
