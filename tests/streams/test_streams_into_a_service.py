"""Payments through real brokers into `headgate serve`, killed and handed over: each has one decision, told once."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from bench.brokers.served import served
from headgate.checks.batches import sample_batches
from headgate.checks.journals import random_journal
from headgate.drivers.home import Home
from headgate.journal.entries import kind_of
from headgate.service.answers import DecisionOut
from headgate.service.opening import opened
from headgate.service.operations import operations
from headgate.service.people import make_key
from headgate.service.streams.desk import Desk
from headgate.service.streams.driver import Driver
from headgate.service.streams.outbox import Outbox
from headgate.service.webhooks.sending import id_of
from headgate.stores.sqlite import SqliteStore

pytestmark = pytest.mark.outside
MANY = 3000


def payment(number: int, prefix: str = "P", **more: Any) -> dict[str, Any]:
    row = {"tx_id": f"{prefix}-{number}", "ts": datetime.now(UTC).isoformat(), "payer": f"A{number % 211}"}
    return {**row, "payee": f"B{number % 97}", "amount": f"{number % 5000}.50", "currency": "EUR", **more}


def bodies(numbers: Iterable[int], prefix: str = "P") -> list[bytes]:
    return [json.dumps(payment(number, prefix)).encode() for number in numbers]


def each_is_decided_once(home: Path, side: Any, tx_ids: list[str]) -> None:
    """Every payment has one decision in the store, and the topic tells exactly that, exactly once."""
    told = [msgspec.json.decode(body) for body, _ in side.seen("decisions", len(tx_ids))]
    counts = Counter(each["tx_id"] for each in told)
    assert {tx_id: n for tx_id, n in counts.items() if n != 1} == {}
    assert set(counts) == set(tx_ids)
    opened_home = Home(home)
    stored = {each.tx_id: each for each in opened_home.store.decisions()}
    for each in told:
        kept = msgspec.to_builtins(DecisionOut.of(stored[each["tx_id"]], opened_home.store))
        assert {**each, "case_id": None} == {**json.loads(json.dumps(kept)), "case_id": None}
    seqs = [each.seq for each in opened_home.store.decisions()]
    assert len(set(seqs)) == len(seqs)
    opened_home.close()


def until(true: Callable[[], object], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.05)


def decided(home: Path) -> int:
    with sqlite3.connect(f"file:{home / 'headgate.db'}?mode=ro", uri=True) as db:
        return int(db.execute("SELECT count(*) FROM decisions").fetchone()[0])


def key_of(home: Path) -> str:
    opened_home = Home(home)
    key = make_key(opened_home.store, "bank", "gateway", 0)
    opened_home.close()
    return key


def test_a_load_of_payments_is_decided_told_once_and_settled_when_the_service_stops(
    side: Any, home: Path, tmp_path: Path
) -> None:
    side.feed("payments", bodies(range(MANY)))
    with served(home, tmp_path / "said") as (address, process):
        assert len(side.seen("decisions", MANY)) == MANY
        until(lambda: httpx.get(f"{address}/readyz", trust_env=False).json()["streams"] == {side.section: "running"})
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    each_is_decided_once(home, side, [f"P-{n}" for n in range(MANY)])
    stream = side.open()
    assert stream.poll(3) == []
    stream.close()


def test_a_broker_that_is_killed_and_comes_back_loses_and_doubles_nothing(
    side: Any, home: Path, tmp_path: Path
) -> None:
    key, before = key_of(home), decided(home)
    side.feed("payments", bodies(range(MANY)))
    with served(home, tmp_path / "said") as (address, process):
        until(lambda: decided(home) > before + 200)
        side.server.process.kill()

        def streams() -> Any:
            return httpx.get(f"{address}/readyz", trust_env=False).json()["streams"][side.section]

        until(lambda: streams() != "running")
        with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client:
            assert client.post("/v1/payments", json=payment(0, "HTTP")).status_code == 201
        side.server.process.start()
        side.feed("payments", bodies(range(MANY, MANY + 500)))
        until(lambda: streams() == "running")
        assert len(side.seen("decisions", MANY + 500)) == MANY + 500
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    each_is_decided_once(home, side, [f"P-{n}" for n in range(MANY + 500)])


def test_a_service_that_is_killed_and_comes_back_tells_each_decision_once(
    side: Any, home: Path, tmp_path: Path
) -> None:
    before = decided(home)
    side.feed("payments", bodies(range(MANY)))
    for enough in (300, 1300):
        with served(home, tmp_path / "said") as (_, process):
            until(lambda: decided(home) > before + enough)  # noqa: B023
            os.kill(process.pid, signal.SIGKILL)
            process.wait(60)
    with served(home, tmp_path / "said") as (_, process):
        assert len(side.seen("decisions", MANY)) == MANY
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    each_is_decided_once(home, side, [f"P-{n}" for n in range(MANY)])


def test_members_that_join_and_leave_under_load_lose_and_double_nothing(side: Any, home: Path) -> None:
    (home / "headgate.toml").unlink()
    with opened(home, "127.0.0.1", lambda entries: None) as parts, ExitStack() as running:
        desk = Desk(parts.intake, parts.writer, parts.store)
        first, second = (Driver(name, lambda: side.open(), desk, None, print) for name in ("first", "second"))
        running.callback(second.stop)
        running.callback(first.stop)
        side.feed("payments", bodies(range(MANY)))
        first.start()
        until(lambda: first.taken > 200)
        second.start()
        fed = MANY
        while second.taken <= 200:  # a member is given its part some seconds after it asked
            assert fed < 60 * 500
            side.feed("payments", bodies(range(fed, fed + 500)))
            fed += 500
            time.sleep(0.2)
        side.feed("payments", bodies(range(fed, fed + MANY)))
        fed += MANY
        first.stop()
        assert len(side.seen("decisions", fed)) == fed
    each_is_decided_once(home, side, [f"P-{n}" for n in range(fed)])


POISON: dict[str, bytes] = {
    "malformed": b"\xff{no json",
    "unknown-field": json.dumps(payment(1, "X", colour="red")).encode(),
    "refused-field": json.dumps(payment(2, "X", religion="none")).encode(),
    "conflict": json.dumps(payment(3, amount="1.00", ts="2025-03-07T00:00:00Z")).encode(),
    "field": json.dumps(payment(4, "X", currency="XQX")).encode(),
    "far-future": json.dumps(payment(5, "X", ts=(datetime.now(UTC) + timedelta(days=1)).isoformat())).encode(),
    "limit": json.dumps(payment(6, "X", channel="x" * 600_000)).encode(),
}


def test_what_is_refused_goes_to_the_dead_letters_with_its_reason_and_the_stream_goes_on(side: Any, home: Path) -> None:
    with opened(home, "127.0.0.1", lambda entries: None) as parts, parts.streams.running():
        side.feed("payments", bodies(range(10)))
        assert len(side.seen("decisions", 10)) == 10
        for number, body in enumerate(POISON.values()):
            side.feed("payments", [*bodies(range(10 + 10 * number, 20 + 10 * number)), body])
        side.feed("outcomes", [b'{"outcome_id":"O-1","tx_id":"nobody","outcome":"fraud","source":"test"}'])
        letters = side.seen("dead_letters", len(POISON) + 1)
        assert len(side.seen("decisions", 80)) == 80
        assert parts.streams.states() == {side.section: "running"}
        until(lambda: parts.streams.drivers[0].refused == len(POISON) + 1)
    codes = {}
    for body, headers in letters:
        problem = json.loads(headers["headgate-problem"])
        codes[problem["type"].rpartition(":")[2]] = body
        assert problem["detail"]
        assert problem["repair"]
        assert headers["headgate-position"]
    whole = {code: body for code, body in POISON.items() if code != "limit"}
    assert {code: codes[code] for code in whole} == whole
    assert codes["limit"] == POISON["limit"][: 512 * 1024]
    assert set(codes) == {*POISON, "not-found"}
    each_is_decided_once(home, side, [f"P-{n}" for n in range(80)])


def test_messages_wait_while_the_store_cannot_be_written_and_none_is_refused_for_it(side: Any, home: Path) -> None:
    with opened(home, "127.0.0.1", lambda entries: None) as parts, parts.streams.running():
        side.feed("payments", bodies(range(50)))
        assert len(side.seen("decisions", 50)) == 50
        lock = sqlite3.connect(home / "headgate.db", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        side.feed("payments", bodies(range(50, 400)))
        until(lambda: "cannot decide" in parts.streams.states()[side.section])
        lock.execute("ROLLBACK")
        lock.close()
        assert len(side.seen("decisions", 400)) == 400
        assert side.seen("dead_letters", 0) == []
    each_is_decided_once(home, side, [f"P-{n}" for n in range(400)])


def test_what_is_told_about_payments_sessions_and_accounts_comes_by_its_own_topic(side: Any, home: Path) -> None:
    report = {"outcome_id": "O-1", "tx_id": "P-1", "outcome": "fraud", "source": "customer"}
    status = {"tx_id": "P-2", "new_status": "returned"}
    with opened(home, "127.0.0.1", lambda entries: None) as parts, parts.streams.running():
        side.feed("payments", bodies(range(3)))
        assert len(side.seen("decisions", 3)) == 3
        before = parts.store.last_seq()
        side.feed("outcomes", [json.dumps(report).encode()])
        side.feed("statuses", [json.dumps(status).encode()])
        side.feed("accounts", [msgspec.json.encode(example("tellAccounts"))])
        side.feed("sessions", [msgspec.json.encode(example("reportSessions"))])
        until(lambda: parts.store.last_seq() >= before + 4)
        assert side.seen("dead_letters", 0) == []
        kinds = {kind_of(entry) for entry in parts.store.tail(before + 1)}
        assert kinds >= {"outcome", "payment_status", "account", "session"}


def example(name: str) -> Any:
    (found,) = [row.example for row in operations() if row.name == name]
    return found


def test_announcements_are_published_in_order_and_once(side: Any, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "headgate.db")
    for batch in sample_batches(random_journal(seed=1, payments=200)):
        store.commit(batch)
    ids = [id_of(each) for each in store.announcements(limit=10_000)]
    outbox, stream = Outbox(store, side.section), side.open()
    while outbox.tell(stream):
        pass
    assert store.heard(side.section) == tuple(int(part) for part in ids[-1].split("-")[1:])
    assert Outbox(store, side.section).tell(stream) == 0
    stream.close()
    told = [msgspec.json.decode(body) for body, _ in side.seen("announcements", len(ids))]
    places = [(each["data"]["seq"], each["data"]["place"]) for each in told]
    assert sorted(f"hg-{seq}-{place}" for seq, place in places) == sorted(ids)
    assert len(ids) > 100
    store.close()
