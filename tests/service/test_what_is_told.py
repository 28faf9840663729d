"""Statuses, sessions, facts of accounts and outcomes: what enters, once, under pseudonyms, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from headgate.journal.entries import Account, Entry, Outcome, PaymentStatusChange, Session

if TYPE_CHECKING:
    from conftest import Bank

Api = Callable[..., httpx.Response]
STATUS = {"tx_id": "P-0062", "new_status": "returned", "reason": "AC04"}
SESSION = {"session_id": "S-1", "account": "M-0", "event": "payee_added", "event_id": "E-1"}
ACCOUNT = {"account": "M-0", "party": "K-1", "joint_parties": ["K-2"], "opened_at": "2019-05-02T00:00:00Z"}
OUTCOME = {"outcome_id": "O-1", "tx_id": "P-0062", "outcome": "fraud", "source": "customer"}


def of_kind(bank: Bank, kind: type[Entry]) -> list[Any]:
    return [entry for entry in bank.store.tail() if isinstance(entry, kind)]


def test_a_status_is_told_once_and_carries_the_accounts_and_amount_of_its_payment(api: Api, bank: Bank) -> None:
    first, again = (api("POST", "/v1/statuses", json=STATUS) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"repeated": True}
    (entry,) = of_kind(bank, PaymentStatusChange)
    payment = bank.store.payment("P-0062")
    assert payment is not None
    assert (entry.payer, entry.amount_minor, entry.reason) == (payment.payer, payment.amount_minor, "AC04")
    assert entry.clock_us == first.json()["clock_us"]


def test_a_status_with_another_reason_is_a_conflict_and_one_of_nothing_is_not_found(api: Api) -> None:
    api("POST", "/v1/statuses", json=STATUS)
    assert api("POST", "/v1/statuses", json=STATUS | {"reason": "other"}).status_code == 409
    unknown = api("POST", "/v1/statuses", json=[STATUS, STATUS | {"tx_id": "none"}])
    assert (unknown.status_code, unknown.json()["where"]) == (404, "[1].tx_id")


def test_another_status_of_the_same_payment_is_another_one(api: Api, bank: Bank) -> None:
    rows = api("POST", "/v1/statuses", json=[STATUS, STATUS | {"new_status": "reversed"}, STATUS]).json()
    assert [row["repeated"] for row in rows] == [False, False, True]
    assert len(of_kind(bank, PaymentStatusChange)) == 2


def test_an_event_of_a_session_counts_once_unless_it_has_an_id_of_its_own(api: Api, bank: Bank) -> None:
    rows = [SESSION, SESSION, SESSION | {"event_id": "E-2"}, {**SESSION, "event_id": None}]
    assert [row["repeated"] for row in api("POST", "/v1/sessions", json=rows).json()] == [False, True, False, False]
    entries = of_kind(bank, Session)
    assert [entry.event_id for entry in entries] == ["E-1", "E-2", None]
    assert {entry.account for entry in entries} == {bank.vault.pseudonym("M-0")}
    assert api("POST", "/v1/sessions", json=SESSION | {"account": "N-0"}).json()["where"] == "event_id"


def test_facts_of_accounts_enter_in_pseudonyms_and_may_come_again(api: Api, bank: Bank) -> None:
    answers = [api("POST", "/v1/accounts", json=ACCOUNT) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    entries = of_kind(bank, Account)
    assert entries[0].account == bank.vault.pseudonym("M-0") == answers[0].json()["account"]
    assert entries[0].party.startswith("P-")
    assert entries[0].joint_parties[0].startswith("P-")
    assert entries[0].opened_us == 1_556_755_200_000_000


def test_own_accounts_are_known_from_then_on(api: Api, bank: Bank) -> None:
    rows = [ACCOUNT | {"account": name, "joint_parties": []} for name in ("OWN-1", "OWN-2")]
    assert api("POST", "/v1/accounts", json=rows).status_code == 200
    one, other = (bank.vault.pseudonym(name) for name in ("OWN-1", "OWN-2"))
    parties = {entry.account: entry.party for entry in of_kind(bank, Account)}
    assert parties[one] == parties[other]


def test_what_was_told_is_still_known_after_a_restart(api: Api, bank: Bank) -> None:
    api("POST", "/v1/statuses", json=STATUS)
    api("POST", "/v1/sessions", json=SESSION)
    bank.writer._rebuild()
    assert api("POST", "/v1/statuses", json=STATUS).json()["repeated"]
    assert api("POST", "/v1/sessions", json=SESSION).json()["repeated"]


@pytest.mark.parametrize(
    ("path", "body", "code", "where"),
    [
        ("statuses", STATUS | {"new_status": "lost"}, "field", "new_status"),
        ("statuses", STATUS | {"new_statu": "returned"}, "unknown-field", "new_statu"),
        ("sessions", SESSION | {"event": "cheered"}, "field", "event"),
        ("sessions", SESSION | {"event": "signal"}, "field", "signal"),
        ("sessions", SESSION | {"signal": "x"}, "field", "signal"),
        ("sessions", SESSION | {"event": "signal", "signal": "religion"}, "refused-field", "signal"),
        ("sessions", SESSION | {"gps_location": "x"}, "refused-field", "gps_location"),
        ("sessions", SESSION | {"account": "a\nb"}, "field", "account"),
        ("accounts", ACCOUNT | {"religion": "any"}, "refused-field", "religion"),
        ("accounts", ACCOUNT | {"account_country": "Germany"}, "field", "account_country"),
        ("accounts", ACCOUNT | {"opened_at": "2019-05-02"}, "field", "opened_at"),
        ("accounts", ACCOUNT | {"opened_at": "2150-05-02T00:00:00Z"}, "field", "opened_at"),
        ("accounts", ACCOUNT | {"joint_parties": ["a\u0007b"]}, "field", "joint_parties"),
        ("accounts", ACCOUNT | {"joint_parties": ["x"] * 17}, "field", "joint_parties"),
        ("outcomes", OUTCOME | {"known_at": "2199-01-01T00:00:00Z"}, "field", "known_at"),
        ("outcomes", OUTCOME | {"known_at": "1999-01-01T00:00:00Z"}, "field", "known_at"),
    ],
)
def test_what_may_not_enter_is_refused_by_its_place(
    api: Api, bank: Bank, path: str, body: Any, code: str, where: str
) -> None:
    before = bank.store.last_seq()
    problem = api("POST", f"/v1/{path}", json=body).json()
    assert (problem["type"], problem["where"]) == (f"urn:headgate:problem:{code}", where)
    assert problem["repair"]
    assert bank.store.last_seq() == before


def test_a_chargeback_is_a_fraud_whose_source_says_so_and_a_recall_is_none(api: Api, bank: Bank) -> None:
    told = OUTCOME | {"outcome": "chargeback", "source": "scheme 10.4", "known_at": "2025-03-06T16:00:00+01:00"}
    first, again = (api("POST", "/v1/outcomes", json=told) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    api("POST", "/v1/outcomes", json=OUTCOME | {"outcome_id": "O-2", "tx_id": "P-0065", "outcome": "recall"})
    charged, recalled = of_kind(bank, Outcome)
    assert (charged.outcome, charged.source) == ("fraud", "chargeback: scheme 10.4")
    assert (charged.known_us, recalled.outcome) == (1_741_273_200_000_000, "recall")
    assert charged.clock_us > charged.known_us
    assert api("POST", "/v1/outcomes", json=told | {"outcome": "fraud"}).status_code == 409


def test_control_totals_of_a_day_add_up_to_what_was_told(api: Api) -> None:
    api("POST", "/v1/statuses", json=STATUS)
    totals = [api("GET", f"/v1/control-totals?day=2025-03-0{day}").json() for day in (4, 5, 6)]
    assert sum(total["payments"][0]["count"] for total in totals) == 69
    assert sum(sum(total["decisions"].values()) for total in totals) == 69
    assert (totals[2]["statuses"], totals[2]["open"], totals[0]["open"]) == ({"returned": 1}, True, False)
    assert api("GET", "/v1/control-totals").json()["where"] == "day"
    assert api("GET", "/v1/control-totals?day=04.03.2025", "auditor").status_code == 422
    assert api("GET", "/v1/control-totals?day=2025-03-04", "admin").status_code == 403


def test_nobody_but_a_payment_system_tells_these_things(api: Api) -> None:
    for path, body in (("statuses", STATUS), ("sessions", SESSION), ("accounts", ACCOUNT)):
        assert api("POST", f"/v1/{path}", "analyst", json=body).status_code == 403
