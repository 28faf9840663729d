"""The client against a real service over a real socket: values, errors, and what it does while nothing answers."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

import pytest

from headgate.client import AccountIn, Client, ListChangeIn, OutcomeIn, PaymentIn, SessionIn, StatusIn
from headgate.errors import (
    AuthError,
    ConflictError,
    FieldError,
    ForbiddenError,
    HeadgateError,
    NotFoundError,
    RateError,
    UnavailableError,
)
from headgate.service.people import make_key
from headgate.service.roles import MATRIX
from headgate.service.serving import taken
from headgate.service.wire import CaseMove, PaymentMove
from headgate.settings.document import Settings
from headgate.settings.limits import Limits

if TYPE_CHECKING:
    from conftest import Bank

    from headgate.drivers.rules import Rules

PAYMENT = PaymentIn(
    tx_id="P-2025/17",
    ts=datetime(2025, 3, 4, 16, 5, 9, tzinfo=UTC),
    payer="DE-4711",
    payee="DE-0815",
    amount=Decimal("1250.00"),
    currency="EUR",
    rail="instant",
)


@contextmanager
def asking(bank: Bank, role: str = "gateway", settings: Settings | None = None, **more: Any) -> Iterator[Client]:
    with bank.serving(settings) as url, Client(url, make_key(bank.store, "core", role, 0), **more) as client:
        yield client


def test_a_payment_is_decided_and_the_decision_read_again(bank: Bank) -> None:
    with asking(bank) as client:
        decision = client.decide(PAYMENT)
        assert (decision.tx_id, decision.action) == ("P-2025/17", "allow")
        assert client.decide(PAYMENT) == client.decision("P-2025/17") == decision
        assert [each.seq for each in client.decide_all([PAYMENT])] == [decision.seq]
        assert client.standing("P-2025/17").state == "none"
        assert client.holds() == []
        with pytest.raises(UnavailableError, match="publishes no log"):
            client.receipt("P-2025/17")


def test_everything_else_is_told_in_lists(bank: Bank) -> None:
    with asking(bank) as client:
        outcome = OutcomeIn(outcome_id="O-1", tx_id="P-0062", outcome="chargeback", source="scheme")
        assert [client.report_outcomes([outcome])[0].repeated for _ in range(2)] == [False, True]
        status = StatusIn(tx_id="P-0062", new_status="returned", reason="AC04")
        assert client.report_statuses([status])[0].new_status == "returned"
        event = SessionIn(session_id="S-1", account="M-0", event="login")
        assert client.report_sessions([event, event])[1].repeated
        (told,) = client.tell_accounts([AccountIn(account="M-0", party="K-1")])
        assert told.account == bank.vault.pseudonym("M-0")


def test_people_decide_cases_and_payments_by_it(bank: Bank) -> None:
    with asking(bank, "supervisor") as client:
        first, *_ = client.cases(limit=1)
        assert client.case(first.id).alerts
        assert client.act_on_case(first.id, "dismiss", "Payroll.").state == "dismissed"
        assert client.cases(state="dismissed")[0].id == first.id
        assert client.act_on_payment("P-0062", "stop", "Named by the police.").state == "stopped"
        assert client.act_on_payment("P-0062", "clear", "A namesake.").state == "cleared"


def test_lists_are_changed_by_it_with_two_people_for_a_deny_list(bank: Bank) -> None:
    change = ListChangeIn(change_id="L-1", list="deny", change="add", account="M-0", reason="Told by its bank.")
    with bank.serving() as url:
        ana, ben = (Client(url, make_key(bank.store, name, "supervisor", 0)) for name in ("ana", "ben"))
        with ana, ben:
            assert ana.lists() == []
            assert not ana.change_list(change).effective
            with pytest.raises(ForbiddenError):
                ana.approve_list_change("L-1", "I asked for it myself.")
            assert ben.approve_list_change("L-1", "Seen the letter.").approved_by == "ben"
            (listed,) = ana.lists()
            assert (listed.list, listed.account) == ("deny", bank.vault.pseudonym("M-0"))


def test_names_and_reports_of_a_case_are_asked_for_by_it(bank: Bank) -> None:
    with asking(bank, "analyst") as client:
        case = client.case(client.cases(limit=1)[0].id)
        account = case.accounts[0].account
        told = client.reveal(case.id, account, "investigation", "The holder has to be called.")
        assert bank.vault.pseudonym(told.id) == account
        draft = client.draft_report(case.id)
        assert [each.tx_id for each in draft.payments] == [each.tx_id for each in case.alerts]
        with pytest.raises(FieldError, match="purpose"):
            client.reveal(case.id, account, "curiosity", "I know him.")


def test_what_decides_and_what_entered_is_read_by_it(bank: Bank, rules: Rules) -> None:
    with asking(bank, "engineer") as client:
        assert client.rules().in_force == rules.content_hash
        assert [each.id for each in client.scenarios()] == [each.id for each in rules.scenarios]
        assert client.dead_letters() == []
        assert client.control_totals(date(1999, 1, 1)).entries == {}
        with pytest.raises(FieldError, match="day"):
            client._get("/v1/control-totals?day=soon", dict)


class Recording(Client):
    """Notes what it would ask."""

    def _asked(self, method: str, path: str, body: bytes | None) -> bytes:
        self.asked = (method, path)
        raise LookupError


def test_it_has_a_method_for_everything_that_programs_may_ask() -> None:
    client, asked = Recording("http://127.0.0.1", "key"), set()
    calls: list[Callable[[], object]] = [
        lambda: client.decide(PAYMENT), lambda: client.report_outcomes([]), lambda: client.report_statuses([]),
        lambda: client.report_sessions([]), lambda: client.tell_accounts([]), lambda: client.decision("P"),
        lambda: client.receipt("P"), lambda: client.standing("P"), client.holds, client.cases, client.lists,
        lambda: client.case("C"), lambda: client.reveal("C", "A", "p", "r"), lambda: client.draft_report("C"),
        lambda: client.approve_list_change("L", "r"), client.rules, client.scenarios, client.dead_letters,
        lambda: client.change_list(ListChangeIn(change_id="L", list="deny", change="add", account="A", reason="r")),
        lambda: client.control_totals(date(2025, 3, 4)),
        *(lambda move=move: client.act_on_payment("P", move, "r") for move in get_args(PaymentMove)),
        *(lambda move=move: client.act_on_case("C", move, "r") for move in get_args(CaseMove)),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(LookupError):
            call()
        asked.add((client.asked[0], client.asked[1].partition("?")[0]))
    for method, route in (each for each, rule in MATRIX.items() if rule.door == "key" and each[1].startswith("/v1/")):
        pattern = re.compile(re.sub(r"{[^}]*}", "[^/]+", route))
        assert any(each == method and pattern.fullmatch(path) for each, path in asked), (method, route)


def test_each_mistake_is_raised_as_the_error_that_the_service_names(bank: Bank) -> None:
    with asking(bank) as client:
        client.decide(PAYMENT)
        with pytest.raises(ConflictError) as conflict:
            client.decide(
                PaymentIn(**{name: getattr(PAYMENT, name) for name in PAYMENT.__struct_fields__} | {"rail": "x"})
            )
        assert (conflict.value.where, conflict.value.what) == (
            "tx_id",
            "Payment 'P-2025/17' came before with other content",
        )
        with pytest.raises(NotFoundError, match="P-0062"):
            client.decision("P-0062x")
        with pytest.raises(ForbiddenError, match="role 'gateway'"):
            client.cases()
        with pytest.raises(FieldError, match="XXX"):
            client.decide(PaymentIn(tx_id="a", ts=PAYMENT.ts, payer="a", payee="b", amount=Decimal(1), currency="XXX"))
    with bank.serving() as url, Client(url, "wrong") as stranger, pytest.raises(AuthError):
        stranger.decision("P-0062")


def test_a_service_that_cannot_decide_is_waited_for_only_as_long_as_the_patience_lasts(bank: Bank) -> None:
    with asking(bank, patience_seconds=1.0) as client:
        bank.writer.stop()
        began = time.monotonic()
        with pytest.raises(UnavailableError) as down:
            client.decide(PAYMENT)
        assert time.monotonic() - began < 1.0  # the service asks for more than that
        assert down.value.fallback_action == "step_up"
        assert "own limits" in down.value.fallback_sentence


def test_a_service_that_comes_back_in_time_is_asked_again(bank: Bank) -> None:
    held = taken("127.0.0.1", 0)
    url = f"http://127.0.0.1:{held.getsockname()[1]}"
    with Client(url, make_key(bank.store, "core", "gateway", 0), patience_seconds=60) as client:
        answers: list[Any] = []
        asked = threading.Thread(target=lambda: answers.append(client.decide(PAYMENT)))
        asked.start()
        with bank.serving(listening=held):
            asked.join()
    assert answers[0].tx_id == PAYMENT.tx_id


def test_a_connection_that_was_closed_meanwhile_is_opened_again(bank: Bank) -> None:
    with asking(bank) as client:
        first = client.decide(PAYMENT)
        for connection in client._connections._idle:
            assert connection.sock is not None
            connection.sock.shutdown(socket.SHUT_RDWR)
        assert client.decide(PAYMENT) == first


def test_no_answer_at_all_is_unavailable_without_a_fallback() -> None:
    with taken("127.0.0.1", 0) as held:
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        with Client(url, "key", patience_seconds=0.2) as client, pytest.raises(UnavailableError) as down:
            client.holds()
        assert (down.value.where, down.value.fallback_action) == ("connection", "")


def test_a_rate_says_how_long_to_wait(bank: Bank) -> None:
    limits = Settings(limits=Limits(requests_per_second=0.01, requests_burst=1))
    with asking(bank, settings=limits, patience_seconds=0.1) as client:
        client.holds()
        with pytest.raises(RateError) as refused:
            client.holds()
        assert refused.value.retry_after_seconds == 100


@pytest.mark.parametrize("url", ["127.0.0.1:8321", "ftp://x", "http://", "http://x/v1"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(FieldError, match="no address of a service"):
        Client(url, "key")


@pytest.mark.parametrize(("status", "kind"), [("404 Not Found", HeadgateError), ("502 Bad Gateway", UnavailableError)])
def test_an_answer_of_something_on_the_way_is_told_as_such(status: str, kind: type[HeadgateError]) -> None:
    def answer(held: socket.socket) -> None:
        line, _ = held.accept()
        line.recv(65_536)
        line.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno".encode())
        line.close()

    with socket.create_server(("127.0.0.1", 0)) as held:
        threading.Thread(target=answer, args=(held,), daemon=True).start()
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        with Client(url, "key", patience_seconds=0) as client, pytest.raises(kind, match="on the way"):
            client.holds()
