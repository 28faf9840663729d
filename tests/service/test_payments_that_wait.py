"""Holds and legal stops by API: what waits, how a payment stands, and what people do to one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

from headgate.cases.announcement import Announcement, AnnouncementKind
from headgate.errors import ConflictError
from headgate.service.commands.act import Act
from headgate.service.commands.person import case_action
from headgate.service.standing import standing_of
from headgate.stores.store import Batch

if TYPE_CHECKING:
    from conftest import Bank

Api = Callable[..., httpx.Response]
REASON = {"reason": "Named by the\npolice.", "action_id": "mine-1"}


def act(api: Api, move: str, role: str = "analyst", **more: str) -> httpx.Response:
    return api("POST", f"/v1/payments/P-0062/{move}", role, json=REASON | more)


def test_a_legal_stop_is_placed_listed_and_cleared_by_a_supervisor_only(api: Api) -> None:
    assert api("GET", "/v1/holds").json() == []
    stopped = act(api, "stop")
    assert (stopped.status_code, stopped.json()["state"], stopped.json()["by"]) == (200, "stopped", "person")
    (waiting,) = api("GET", "/v1/holds").json()
    assert (waiting["tx_id"], waiting["state"]) == ("P-0062", "stopped")
    assert waiting["due_us"] == stopped.json()["due_us"] > waiting["since_us"]
    assert act(api, "clear", action_id="mine-2").status_code == 403
    assert act(api, "clear", "supervisor", action_id="mine-2").json()["state"] == "cleared"
    assert api("GET", "/v1/holds").json() == []


def test_the_same_action_again_does_nothing_twice_and_other_content_is_a_conflict(api: Api, bank: Bank) -> None:
    first = act(api, "stop")
    before = bank.store.last_seq()
    assert act(api, "stop").json() == first.json()
    assert act(api, "stop", reason="Another.").json()["where"] == "action_id"
    assert bank.store.last_seq() == before
    with pytest.raises(ConflictError):
        bank.writer.tell(Act(case_action("mine-1", "ada", "confirm", "C-000001", "x"))).result(timeout=60)
    assert bank.writer.ready


def test_what_does_not_wait_cannot_be_released_and_what_is_not_there_cannot_be_stopped(api: Api) -> None:
    assert act(api, "release").status_code == 404
    assert api("POST", "/v1/payments/none/stop", "analyst", json=REASON).json()["where"] == "tx_id"
    act(api, "stop")
    assert act(api, "release", action_id="mine-2").status_code == 409
    assert act(api, "confirm-hold", action_id="mine-3").status_code == 409


def test_a_payment_that_never_waited_says_so(api: Api) -> None:
    standing = api("GET", "/v1/payments/P-0001/standing").json()
    assert (standing["state"], standing["by"]) == ("none", "decision")
    assert api("GET", "/v1/payments/none/standing").status_code == 404


STORY: list[tuple[AnnouncementKind, str, str]] = [
    ("payment.held", "decision", "held"),
    ("payment.stopped", "person", "stopped"),
    ("payment.escalated", "timer", "stopped"),
    ("payment.cleared", "person", "cleared"),
    ("payment.released", "timer", "released"),
    ("payment.confirmed", "person", "confirmed"),
    ("payment.withdrawn", "payer", "withdrawn"),
]


@pytest.mark.parametrize(("kind", "by", "state"), STORY)
def test_the_newest_transition_says_how_a_payment_stands(
    api: Api, bank: Bank, kind: AnnouncementKind, by: str, state: str
) -> None:
    first = Announcement(seq=62, place=9, clock_us=5, kind="payment.held", subject="P-0062", by="decision", due_us=9)
    last = Announcement(seq=900, place=0, clock_us=7, kind=kind, subject="P-0062", by=by)
    bank.store.commit(Batch(announcements=[first, last]))
    decision = bank.store.decision("P-0062")
    assert decision is not None
    standing = standing_of(bank.store, decision)
    assert (standing.state, standing.since_us, standing.by) == (state, 7, by)
    assert api("GET", "/v1/payments/P-0062/standing").json()["state"] == state
