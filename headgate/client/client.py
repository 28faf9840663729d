"""The client itself: one method for each thing that a payment system or a person's program asks.

Every request may be sent twice without harm, so one that was not answered is sent again, as long as the patience lasts.
"""

from __future__ import annotations

import http.client
import random
import secrets
import ssl
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self, TypeVar, get_args
from urllib.parse import quote, urlencode

import msgspec

from headgate.client.connections import Answer, Connections
from headgate.client.raising import error_of, unreached
from headgate.service.answers import CaseOut, CaseRow, DecisionOut, OutcomeOut
from headgate.service.api.accounts import AccountOut
from headgate.service.api.sessions import SessionOut
from headgate.service.api.statuses import StatusOut
from headgate.service.standing import Standing
from headgate.service.wire import (
    AccountIn,
    CaseMove,
    OutcomeIn,
    PaymentIn,
    PaymentMove,
    ReasonIn,
    SessionIn,
    StatusIn,
)

T = TypeVar("T")
_AGAIN: Final = (429, 502, 503, 504)
_FIRST_WAIT_SECONDS: Final = 0.05


class Client:
    """Asks one service. Threads may share it; it is closed by `with` or `close`.

    url: such as `https://headgate.bank.example`. key: made by `headgate users key`. timeout_seconds: how long one
    attempt may wait for the network. patience_seconds: how long it tries again after 429, 503 or no answer, before it
    raises. context: for TLS with an authority of your own. Every method raises the error that the service names, such
    as ConflictError, and UnavailableError with `fallback_action` and `fallback_sentence` when it cannot decide.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout_seconds: float = 5.0,
        patience_seconds: float = 2.0,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._connections = Connections(url, timeout_seconds, context)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._patience_seconds = patience_seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._connections.close()

    def decide(self, payment: PaymentIn) -> DecisionOut:
        """Return the decision on a payment. It is on disk."""
        return self._post("/v1/payments", payment, DecisionOut)

    def decide_all(self, payments: Sequence[PaymentIn]) -> list[DecisionOut]:
        """Return the decisions on a list, which is decided in its order, whole or not at all."""
        return self._post("/v1/payments", list(payments), list[DecisionOut])

    def report_outcomes(self, outcomes: Sequence[OutcomeIn]) -> list[OutcomeOut]:
        """Tell what payments turned out to be."""
        return self._post("/v1/outcomes", list(outcomes), list[OutcomeOut])

    def report_statuses(self, statuses: Sequence[StatusIn]) -> list[StatusOut]:
        """Tell what became of payments: declined, cancelled, returned, reversed."""
        return self._post("/v1/statuses", list(statuses), list[StatusOut])

    def report_sessions(self, events: Sequence[SessionIn]) -> list[SessionOut]:
        """Tell what happened in sessions."""
        return self._post("/v1/sessions", list(events), list[SessionOut])

    def tell_accounts(self, accounts: Sequence[AccountIn]) -> list[AccountOut]:
        """Tell facts of accounts."""
        return self._post("/v1/accounts", list(accounts), list[AccountOut])

    def decision(self, tx_id: str) -> DecisionOut:
        """Return the decision on a payment as it was made. NotFoundError where there is none."""
        return self._get(f"/v1/decisions/{_quoted(tx_id)}", DecisionOut)

    def receipt(self, tx_id: str) -> bytes:
        """Return the proof that the decision on a payment is in the log, for `headgate verify --receipt`."""
        return self._asked("GET", f"/v1/decisions/{_quoted(tx_id)}/receipt", None)

    def standing(self, tx_id: str) -> Standing:
        """Return how a payment stands now: whether it waits, or why not any more."""
        return self._get(f"/v1/payments/{_quoted(tx_id)}/standing", Standing)

    def holds(self) -> list[Standing]:
        """Return the payments that wait now."""
        return self._get("/v1/holds", list[Standing])

    def act_on_payment(self, tx_id: str, move: PaymentMove, reason: str, action_id: str | None = None) -> Standing:
        """Do to a waiting payment what a person decided: `release`, `confirm-hold`, `stop` or `clear`."""
        assert move in get_args(PaymentMove)
        return self._post(f"/v1/payments/{_quoted(tx_id)}/{move}", _reason(reason, action_id), Standing)

    def cases(self, *, state: str = "", order: str = "risk", limit: int = 50, offset: int = 0) -> list[CaseRow]:
        """Return a part of the list of cases."""
        query = {"order": order, "limit": limit, "offset": offset} | ({"state": state} if state else {})
        return self._get(f"/v1/cases?{urlencode(query)}", list[CaseRow])

    def case(self, case_id: str) -> CaseOut:
        """Return a case. NotFoundError where there is none."""
        return self._get(f"/v1/cases/{_quoted(case_id)}", CaseOut)

    def act_on_case(self, case_id: str, move: CaseMove, reason: str, action_id: str | None = None) -> CaseOut:
        """Do to a case what a person decided: `confirm`, `dismiss` or `reopen`."""
        assert move in get_args(CaseMove)
        return self._post(f"/v1/cases/{_quoted(case_id)}/{move}", _reason(reason, action_id), CaseOut)

    def _get(self, path: str, shape: type[T]) -> T:
        return msgspec.json.decode(self._asked("GET", path, None), type=shape)

    def _post(self, path: str, value: Any, shape: type[T]) -> T:
        return msgspec.json.decode(self._asked("POST", path, msgspec.json.encode(value)), type=shape)

    def _asked(self, method: str, path: str, body: bytes | None) -> bytes:
        """The body of a good answer; the error of a bad one, after trying again as long as the patience lasts."""
        until, attempt = time.monotonic() + self._patience_seconds, 0
        while True:
            try:
                answer = self._connections.ask(method, path, body, self._headers)
                if answer.status < 400:
                    return answer.body
                error: Exception = error_of(answer)
                wait_seconds = _wait(answer, attempt) if answer.status in _AGAIN else None
            except (OSError, http.client.HTTPException) as broken:
                error, wait_seconds = unreached(broken), _wait(None, attempt)
            if wait_seconds is None or time.monotonic() + wait_seconds > until:
                raise error
            time.sleep(wait_seconds)
            attempt += 1


def _wait(answer: Answer | None, attempt: int) -> float:
    """Seconds until the next attempt: as long as the service asks for, or doubling with a share of chance."""
    if answer is not None and answer.retry_after.isdigit():
        return float(answer.retry_after)
    return random.uniform(0.5, 1.0) * _FIRST_WAIT_SECONDS * 2.0**attempt


def _reason(reason: str, action_id: str | None) -> ReasonIn:
    """A reason under an id, drawn where there is none, so that trying again does nothing twice."""
    return ReasonIn(reason=reason, action_id=action_id or f"client-{secrets.token_hex(8)}")


def _quoted(text: str) -> str:
    return quote(text, safe="")
