"""Idempotency as a property: whatever is sent again, in whichever order and list, stands in the journal once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from headgate.journal.entries import kind_of
from headgate.journal.identity import entry_id
from headgate.service.app import make_app
from headgate.service.people import make_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Bank

Told = dict[tuple[str, str], dict[str, Any]]


class Door:
    """The API of one bank, and what it has acknowledged so far: content and first answer by kind and id."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.told: Told = {}
        self.answers: Told = {}
        key = make_key(bank.store, "gateway", "gateway", 0)
        self._client = TestClient(make_app(bank.parts()), base_url="http://127.0.0.1")
        self._headers = {"Authorization": f"Bearer {key}"}
        self.rounds = 0

    def send(self, kind: str, rows: list[dict[str, Any]]) -> httpx.Response:
        body = rows[0] if len(rows) == 1 else rows
        return self._client.post(f"/v1/{kind}", headers=self._headers, json=body)

    def in_journal(self, kind: str) -> list[str | None]:
        return [entry_id(entry) for entry in self.bank.store.tail() if kind_of(entry) == kind]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, open_told: Callable[[Path], Bank]) -> Iterator[Door]:
    bank = open_told(tmp_path_factory.mktemp("repeated"))
    yield Door(bank)
    bank.close()


# How each kind of request looks: its id, and content that may differ under the same id.
MADE: dict[str, Any] = {
    "payments": lambda name, content: {
        "tx_id": f"R-{name}", "ts": "2025-03-04T16:05:09Z", "payer": "C-1", "payee": "SHOP-1",
        "amount": f"{content + 1}.00", "currency": "EUR",
    },
    "outcomes": lambda name, content: {
        "outcome_id": f"R-{name}", "tx_id": f"P-00{10 + content}", "outcome": "fine", "source": "bank",
    },
    "statuses": lambda name, content: {
        "tx_id": f"P-00{20 + int(name.split('-')[1])}", "new_status": "returned", "reason": f"reason {content}",
    },
    "sessions": lambda name, content: {
        "session_id": f"R-{name}", "account": f"C-{content}", "event": "login", "event_id": "1",
    },
}  # fmt: skip
KEYS = {"payments": "payment", "outcomes": "outcome", "statuses": "payment_status", "sessions": "session"}
STEP = st.tuples(
    st.sampled_from(sorted(MADE)), st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), min_size=1, max_size=5)
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEP, min_size=1, max_size=8))
def test_what_is_sent_again_is_answered_as_before_and_other_content_changes_nothing(
    door: Door, steps: list[tuple[str, list[tuple[int, int]]]]
) -> None:
    door.rounds += 1
    for kind, rows in steps:
        made = [MADE[kind](f"{door.rounds if kind != 'statuses' else 0}-{name}", content) for name, content in rows]
        wanted, known = {}, door.told
        for row in made:
            wanted.setdefault(name_of(kind, row), row)
        agrees = all((known | wanted)[name_of(kind, row)] == row for row in made) and all(
            known.get(name, row) == row for name, row in wanted.items()
        )
        before = door.in_journal(KEYS[kind])
        answer = door.send(kind, made)
        after = door.in_journal(KEYS[kind])
        if not agrees:
            assert (answer.status_code, answer.json()["type"]) == (409, "urn:headgate:problem:conflict")
            assert after == before, "a list is taken whole or not at all"
            continue
        assert answer.status_code in (200, 201), answer.text
        assert len(after) - len(before) == len([name for name in wanted if name not in known])
        found = answer.json() if isinstance(answer.json(), list) else [answer.json()]
        for row, said in zip(made, found, strict=True):
            name = name_of(kind, row)
            first = door.answers.setdefault(name, said)
            assert plain(said) == plain(first), "the first answer comes again"
            if kind != "payments":
                assert said["repeated"] == (name in door.told)
            door.told[name] = row
    for kind in MADE:
        ids = [each for each in door.in_journal(KEYS[kind]) if each is not None]
        assert len(ids) == len(set(ids))


def name_of(kind: str, row: dict[str, Any]) -> tuple[str, str]:
    return kind, str(row.get("outcome_id") or row.get("session_id") or row.get("tx_id"))


def plain(said: dict[str, Any]) -> bytes:
    return msgspec.json.encode({name: value for name, value in said.items() if name != "repeated"}, order="sorted")
