"""What a case is, as values.

A case holds alerts (payments that a person should look at) that share accounts. Accounts appear with the roles they
play and never with a score: the rank of a case is the highest rank of one of its payments. No state, no input, no
output.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

from headgate.decisions.record import Decision
from headgate.facts.values import Witness
from headgate.journal.entries import Payment

CaseStateName: TypeAlias = Literal["open", "confirmed", "dismissed", "merged"]
ChangeName: TypeAlias = Literal["opened", "grew", "merged", "confirmed", "dismissed", "reopened"]
CaseOrder: TypeAlias = Literal["risk", "urgency", "age", "value", "updated"]

STATES: Final[tuple[CaseStateName, ...]] = ("open", "confirmed", "dismissed", "merged")
ORDERS: Final[tuple[CaseOrder, ...]] = ("risk", "urgency", "age", "value", "updated")


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that a person should read, with its payment; `reference_minor` is the amount in reference units."""

    payment: Payment
    decision: Decision
    reference_minor: int

    @property
    def tx_id(self) -> str:
        """The id of the payment, which is the id of the alert too."""
        return self.payment.tx_id

    @property
    def witnesses(self) -> tuple[Witness, ...]:
        """The payments behind it."""
        return self.decision.evidence

    @property
    def typologies(self) -> tuple[str, ...]:
        """The titles of the scenarios that fired."""
        return tuple(fired.title for fired in self.decision.fired if not fired.snoozed)


class CaseAlert(msgspec.Struct, frozen=True, kw_only=True):
    """What a case keeps of an alert: enough for a queue; the store has the alert itself.

    probability: calibrated, None without a model. hold_expires_us: when its hold releases itself, None without one.
    """

    tx_id: str
    seq: int
    clock_us: int
    payer: str
    payee: str
    action: str
    rank_score: float
    reference_minor: int
    probability: float | None = None
    hold_expires_us: int | None = None


class CaseAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account of a case and how often it plays which role: in its alerts, and in the payments behind them."""

    account: str
    as_payer: int = 0
    as_payee: int = 0
    in_evidence: int = 0


class CaseAction(msgspec.Struct, frozen=True, kw_only=True):
    """What a person did to a case, or which merge took place (then the actor is `headgate`)."""

    action_id: str
    clock_us: int
    actor: str
    action: str
    reason: str


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One case. `number` gives the order of opening and the id; clocks are microseconds UTC.

    `related` names closed cases that share an account with it; `merged_into` names the case that took its alerts.
    """

    number: int
    opened_us: int
    updated_us: int
    state: CaseStateName = "open"
    alerts: tuple[CaseAlert, ...] = ()
    accounts: tuple[CaseAccount, ...] = ()
    typologies: tuple[str, ...] = ()
    history: tuple[CaseAction, ...] = ()
    related: tuple[str, ...] = ()
    merged_into: str | None = None

    @property
    def id(self) -> str:
        """The readable id, for instance `C-000042`."""
        return case_id(self.number)

    @property
    def value_minor(self) -> int:
        """The value at stake: the amounts of its alerts, in reference minor units."""
        return sum(alert.reference_minor for alert in self.alerts)

    @property
    def rank_score(self) -> float | None:
        """The highest rank score among its payments, for sorting; null when it has none (it was merged)."""
        return max((alert.rank_score for alert in self.alerts), default=None)

    def age_us(self, clock_us: int) -> int:
        """How long the case has been waiting at a clock, in microseconds."""
        return max(0, clock_us - self.opened_us)


class CaseChange(msgspec.Struct, frozen=True, kw_only=True):
    """A case after a change; whoever keeps cases replaces what it has by it."""

    change: ChangeName
    case: Case


def case_id(number: int) -> str:
    """Return the id of the case with this number."""
    return f"C-{number:06d}"


def case_alert(alert: Alert) -> CaseAlert:
    """Return what a case keeps of an alert."""
    return CaseAlert(
        tx_id=alert.tx_id,
        seq=alert.payment.seq,
        clock_us=alert.payment.clock_us,
        payer=alert.payment.payer,
        payee=alert.payment.payee,
        action=alert.decision.action,
        rank_score=alert.decision.rank_score,
        reference_minor=alert.reference_minor,
        probability=alert.decision.probability,
        hold_expires_us=alert.decision.hold_expires_us,
    )
