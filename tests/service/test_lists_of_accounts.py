"""Lists of accounts are changed by people while payments flow: at one place of the journal, a deny list by two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from headgate.drivers.home import Home
from headgate.journal.entries import Action, ListEntry
from headgate.ledger import kinds
from headgate.ledger.entries import decode_entry
from headgate.service.app import make_app
from headgate.service.opening import opened
from headgate.service.people import make_key

if TYPE_CHECKING:
    from conftest import Bank

DENY = {"change_id": "L-1", "list": "deny", "change": "add", "account": "SHOP-9", "reason": "A mule, says its bank."}
Ask = Callable[..., Any]


@pytest.fixture
def ask(bank: Bank) -> Ask:
    """Call the API in the name of a person."""
    names = {"ana": "supervisor", "ben": "supervisor", "cleo": "analyst", "core": "gateway"}
    keys = {name: make_key(bank.store, name, role, 0) for name, role in names.items()}
    client = TestClient(make_app(bank.parts()), base_url="http://127.0.0.1")

    def call(name: str, method: str, path: str, **more: Any) -> Any:
        return client.request(method, path, headers={"Authorization": f"Bearer {keys[name]}"}, **more)

    return call


@pytest.fixture
def pay(ask: Ask) -> Callable[[], str]:
    numbers = iter(range(1000))

    def paid(payee: str = "SHOP-9") -> str:
        body = {"tx_id": f"L-{next(numbers)}", "ts": "2025-03-04T16:05:09Z", "payer": "C-1", "payee": payee,
                "amount": "20.00", "currency": "EUR", "rail": "transfer"}  # fmt: skip
        return str(ask("core", "POST", "/v1/payments", json=body).json()["action"])

    return paid


def test_a_deny_list_needs_two_people_and_then_decides_the_next_payment(ask: Ask, pay: Any, bank: Bank) -> None:
    before = pay()
    waits = ask("ana", "POST", "/v1/lists", json=DENY).json()
    assert (waits["effective"], waits["by"], waits["approved_by"]) == (False, "ana", "")
    assert pay() == before == "allow"
    assert ask("ana", "POST", "/v1/lists/L-1/approve", json={"reason": "Sure."}).status_code == 403
    assert ask("cleo", "POST", "/v1/lists/L-1/approve", json={"reason": "Sure."}).status_code == 403
    assert pay() == "allow"
    done = ask("ben", "POST", "/v1/lists/L-1/approve", json={"reason": "Seen the letter."}).json()
    assert (done["effective"], done["by"], done["approved_by"]) == (True, "ana", "ben")
    assert pay() == "hold"
    (listed,) = ask("cleo", "GET", "/v1/lists").json()
    assert listed == {"list": "deny", "account": done["account"], "expires_us": None}
    assert "SHOP-9" not in str(done)
    (entry,) = [each for each in bank.store.tail() if isinstance(each, ListEntry)]
    assert (entry.actor, entry.second_actor, entry.reason) == ("ana", "ben", "A mule, says its bank.")
    off = DENY | {"change_id": "L-2", "change": "remove", "reason": "It was another account."}
    assert ask("ben", "POST", "/v1/lists", json=off).json()["effective"]
    assert pay() == "allow"
    assert ask("cleo", "GET", "/v1/lists").json() == []


def test_a_stop_list_stops_and_an_allow_list_ends_by_itself(ask: Ask, pay: Any, bank: Bank) -> None:
    ask("ana", "POST", "/v1/lists", json=DENY | {"list": "sanctions", "change_id": "L-3"})
    assert pay() == "legal_stop"
    ends = "2025-03-20T00:00:00Z"
    allow = DENY | {"list": "allow", "change_id": "L-4", "account": "SHOP-8", "expires_at": ends}
    assert ask("ana", "POST", "/v1/lists", json=allow).json()["effective"]
    assert {each["list"] for each in ask("ana", "GET", "/v1/lists").json()} == {"sanctions", "allow"}
    bank.now_us += 30 * 86_400_000_000
    assert {each["list"] for each in ask("ana", "GET", "/v1/lists").json()} == {"sanctions"}


def test_the_same_change_again_does_nothing_twice_and_another_one_meets_a_conflict(ask: Ask, bank: Bank) -> None:
    first = ask("ana", "POST", "/v1/lists", json=DENY)
    assert ask("ana", "POST", "/v1/lists", json=DENY).json() == first.json()
    assert ask("ana", "POST", "/v1/lists", json=DENY | {"reason": "Another."}).status_code == 409
    assert ask("ben", "POST", "/v1/lists", json=DENY).status_code == 409, "it is another person"
    done = ask("ben", "POST", "/v1/lists/L-1/approve", json={"reason": "Seen."})
    assert ask("ben", "POST", "/v1/lists/L-1/approve", json={"reason": "Seen."}).json() == done.json()
    assert ask("ben", "POST", "/v1/lists/L-1/approve", json={"reason": "Not seen."}).status_code == 409
    assert ask("ana", "POST", "/v1/lists", json=DENY).json() == done.json()
    told = [each for each in bank.store.tail() if isinstance(each, ListEntry | Action)]
    assert [type(each).__name__ for each in told] == ["Action", "Action", "ListEntry"]


@pytest.mark.parametrize(
    ("change", "status", "code", "words"),
    [
        ({"list": "denny"}, 404, "not-found", "Did you mean 'deny'"),
        ({"change": "drop"}, 422, "field", "Invalid enum value"),
        ({"account": ""}, 422, "field", "length"),
        ({"reason": ""}, 422, "field", "length"),
        ({"list": "allow", "expires_at": "2020-01-01T00:00:00Z"}, 422, "field", "time to come"),
        ({"person": "x"}, 422, "unknown-field", "no field 'person'"),
    ],
)
def test_bad_input_is_refused_and_changes_nothing(
    ask: Ask, bank: Bank, change: dict[str, str], status: int, code: str, words: str
) -> None:
    before = bank.store.last_seq()
    answer = ask("ana", "POST", "/v1/lists", json=DENY | change)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:headgate:problem:{code}")
    assert words in answer.text
    assert ask("ben", "POST", "/v1/lists/L-1/approve", json={"reason": "x"}).status_code == 404
    assert bank.store.last_seq() == before


def test_a_change_that_needs_nobody_else_is_not_approved(ask: Ask) -> None:
    ask("ana", "POST", "/v1/lists", json=DENY | {"list": "allow"})
    assert ask("ben", "POST", "/v1/lists/L-1/approve", json={"reason": "x"}).status_code == 409


def test_a_restart_stands_where_it_stood_and_the_ledger_names_both_people(home: Path, fresh: Iterator[Any]) -> None:
    with opened(home, "127.0.0.1", lambda n: None) as parts:
        keys = {name: make_key(parts.store, name, "supervisor", 0) for name in ("ana", "ben")}
        client = TestClient(make_app(parts), base_url="http://127.0.0.1")
        for name, path, body in (("ana", "/v1/lists", DENY), ("ben", "/v1/lists/L-1/approve", {"reason": "Seen."})):
            assert client.post(path, headers={"Authorization": f"Bearer {keys[name]}"}, json=body).status_code == 200
        parts.writer.decide([next(fresh)]).result(timeout=60)
    of = Home(home)
    again = of.pipeline()
    (stands,) = again.decisions.listed(again.last_clock_us)
    leaves = [decode_entry(each) for each in of.store.ledger_leaves(0, of.store.ledger_head().size)]
    of.close()
    assert stands[0] == "deny"
    (changed,) = [each for each in leaves if isinstance(each, kinds.ListChanged)]
    assert (changed.name, changed.person, changed.approved_by) == ("deny", "ana", "ben")
