"""What the API gives out: decisions and cases as JSON, and examples of them for the documentation.

Values of the rooms below come in; nothing is computed here.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from headgate.cases.case import Case, CaseAccount, CaseAction, CaseAlert, CaseStateName
from headgate.decisions.record import Decision, FiredScenario, Versions
from headgate.facts.values import Witness, WitnessPayment
from headgate.stores.store import Store


class DecisionOut(Decision, frozen=True, kw_only=True):
    """A decision record, with the case that holds the payment where there is one."""

    case_id: str | None = None

    @classmethod
    def of(cls, decision: Decision, store: Store) -> DecisionOut:
        """Return the answer for a decision; one without an alert has no case, and may be an answer already."""
        if isinstance(decision, cls) and not decision.alert:
            return decision
        case = store.case_of(decision.tx_id) if decision.alert else None
        known = msgspec.structs.asdict(decision) | {"case_id": case.id if case else None}
        return cls(**known)


class CaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """A case in a list. Amounts are in minor units of the reference currency; times are microseconds UTC.

    `rank_score` is the highest rank of one of its payments; no account has one.
    """

    id: str
    state: CaseStateName
    opened_us: int
    updated_us: int
    value_minor: int
    reference_currency: str
    rank_score: float | None
    typologies: tuple[str, ...]
    payments: int

    @classmethod
    def of(cls, case: Case, currency: str) -> CaseRow:
        """Return the row of a case."""
        return cls(**_row(case, currency))


class CaseOut(CaseRow, frozen=True, kw_only=True):
    """A whole case: its alerts, the accounts and how often they play which role, and what people did."""

    alerts: tuple[CaseAlert, ...]
    accounts: tuple[CaseAccount, ...]
    history: tuple[CaseAction, ...]
    related: tuple[str, ...]
    merged_into: str | None

    @classmethod
    def of(cls, case: Case, currency: str) -> CaseOut:
        """Return the answer for a case."""
        rest = {name: getattr(case, name) for name in ("alerts", "accounts", "history", "related", "merged_into")}
        return cls(**_row(case, currency), **rest)


class OutcomeOut(msgspec.Struct, frozen=True, kw_only=True):
    """An outcome that counts from `clock_us` on; `repeated` when it was known already."""

    outcome_id: str
    tx_id: str
    clock_us: int
    repeated: bool = False


def _row(case: Case, currency: str) -> dict[str, Any]:
    same = {name: getattr(case, name) for name in ("id", "state", "opened_us", "updated_us", "value_minor")}
    more = {"rank_score": case.rank_score, "typologies": case.typologies, "payments": len(case.alerts)}
    return {**same, **more, "reference_currency": currency}


_PAID: Final = WitnessPayment(
    tx_id="P-2025-000009",
    seq=120_011,
    clock_us=1_741_096_800_000_000,
    payer="A-7QK2M4ZD",
    payee="A-K3J5Q2XZ",
    reference_minor=128_000,
    role="received",
)

EXAMPLE_DECISION: Final = DecisionOut(
    tx_id="P-2025-000017",
    seq=120_034,
    clock_us=1_741_104_309_412_006,
    action="review",
    alert=True,
    score=2.31,
    probability=0.42,
    rank_score=2.31,
    threshold=1.87,
    fired=(
        FiredScenario(
            scenario_id="mule-pass-through",
            title="Money passes through",
            severity="high",
            action="review",
            reason="2 payments were received and sent on within 24 hours; EUR 1,250.00 leave now.",
        ),
    ),
    reasons=("The payer sent more than usual in 24 hours: 3 times its mean.",),
    evidence=(Witness(fact="pass_through_24h", payments=(_PAID,), share_retained=0.02),),
    facts_digest="5d41402abc4b2a76b9719d911017c592",
    versions=Versions(engine="0.1.0", scenarios="9b3f0c", model="71c2aa", policy="04be11", charter="c0ffee"),
    case_id="C-000042",
)

EXAMPLE_CASE: Final = CaseOut(
    id="C-000042",
    state="open",
    opened_us=1_741_104_309_412_006,
    updated_us=1_741_104_309_412_006,
    value_minor=125_000,
    reference_currency="EUR",
    rank_score=2.31,
    typologies=("Money passes through",),
    payments=1,
    alerts=(
        CaseAlert(
            tx_id="P-2025-000017",
            seq=120_034,
            clock_us=1_741_104_309_412_006,
            payer="A-K3J5Q2XZ",
            payee="A-PX4V22LN",
            action="review",
            rank_score=2.31,
            reference_minor=125_000,
        ),
    ),
    accounts=(CaseAccount(account="A-K3J5Q2XZ", as_payer=1), CaseAccount(account="A-PX4V22LN", as_payee=1)),
    history=(),
    related=(),
    merged_into=None,
)

EXAMPLE_ROW: Final = CaseRow(**{name: getattr(EXAMPLE_CASE, name) for name in CaseRow.__struct_fields__})
