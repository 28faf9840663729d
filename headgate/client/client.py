"""The client itself: one method for each thing that a payment system or a person's program asks."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date
from typing import get_args
from urllib.parse import quote, urlencode

import msgspec

from headgate.cases.report import ReportDraft
from headgate.client.asking import Asking
from headgate.drivers.control_totals import ControlTotals
from headgate.service.answers import CaseOut, CaseRow, DecisionOut, OutcomeOut
from headgate.service.api.accounts import AccountOut
from headgate.service.api.lists import ListChangeOut, ListedOut
from headgate.service.api.reveals import NameOut
from headgate.service.api.rules import RulesOut
from headgate.service.api.scenarios import ScenarioOut
from headgate.service.api.sessions import SessionOut
from headgate.service.api.statuses import StatusOut
from headgate.service.api.webhooks import DeadLetterOut
from headgate.service.standing import Standing
from headgate.service.wire import (
    AccountIn,
    CaseMove,
    ListChangeIn,
    OutcomeIn,
    PaymentIn,
    PaymentMove,
    ReasonIn,
    RevealIn,
    SessionIn,
    StatusIn,
)


class Client(Asking):
    """Asks one service; see `Asking` for how.

    Every method raises the error that the service names, such as ConflictError, and UnavailableError with
    `fallback_action` and `fallback_sentence` when it cannot decide.
    """

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

    def control_totals(self, day: date) -> ControlTotals:
        """Return exact counts and sums of a UTC day, to compare with your own books."""
        return self._get(f"/v1/control-totals?{urlencode({'day': day.isoformat()})}", ControlTotals)

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

    def reveal(self, case_id: str, account: str, purpose: str, reason: str) -> NameOut:
        """Return the id behind an account of a case, for a purpose of the charter. It is logged before it is told."""
        asked = RevealIn(account=account, purpose=purpose, reason=reason)
        return self._post(f"/v1/cases/{_quoted(case_id)}/reveal", asked, NameOut)

    def draft_report(self, case_id: str) -> ReportDraft:
        """Return the draft of a report about a case. Nothing is sent to anybody."""
        return msgspec.json.decode(self._asked("POST", f"/v1/cases/{_quoted(case_id)}/report", None), type=ReportDraft)

    def lists(self) -> list[ListedOut]:
        """Return every account that stands on a list, by its pseudonym."""
        return self._get("/v1/lists", list[ListedOut])

    def change_list(self, change: ListChangeIn) -> ListChangeOut:
        """Put an account on a list, or take it off. On a deny list that waits until another person approves it."""
        return self._post("/v1/lists", change, ListChangeOut)

    def approve_list_change(self, change_id: str, reason: str) -> ListChangeOut:
        """Let a change take effect that another person asked for."""
        return self._post(f"/v1/lists/{_quoted(change_id)}/approve", ReasonIn(reason=reason), ListChangeOut)

    def rules(self) -> RulesOut:
        """Return the hashes of what decides now, and why rules that were asked for do not decide yet."""
        return self._get("/v1/rules", RulesOut)

    def scenarios(self) -> list[ScenarioOut]:
        """Return every scenario in force, in words and as a condition."""
        return self._get("/v1/scenarios", list[ScenarioOut])

    def dead_letters(self) -> list[DeadLetterOut]:
        """Return the announcements that subscribers of webhooks did not take."""
        return self._get("/v1/webhooks/dead-letters", list[DeadLetterOut])


def _reason(reason: str, action_id: str | None) -> ReasonIn:
    """A reason under an id, drawn where there is none, so that trying again does nothing twice."""
    return ReasonIn(reason=reason, action_id=action_id or f"client-{secrets.token_hex(8)}")


def _quoted(text: str) -> str:
    return quote(text, safe="")
