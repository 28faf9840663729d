from __future__ import annotations

from typing import Any

import pytest

from headgate.decisions.decide import DecisionState
from headgate.decisions.policy import Policy, parse_policy
from headgate.journal.entries import Action, ListEntry, Payment
from headgate.limits import US_PER_DAY
from headgate.models.history import DayScore, ScoreDay
from headgate.scenarios.firing import Fired

NOON = US_PER_DAY // 2
ROOMY = "[budget]\ncases_per_day = 7\nlargest_share = 1.0\n[control]\nbelow_share = 0.0\n"


class FakeModel:
    """A model of which one day is known: a case at each of its margins; from 8 on a fraud is likely."""

    def __init__(self, score_days: tuple[ScoreDay, ...] = (), content_hash: str = "fake") -> None:
        self.score_days = score_days
        self.content_hash = content_hash

    def probability_one(self, margin: float) -> float:
        return 0.9 if margin >= 8 else 0.1


class Kit:
    """What the tests of this folder build their situations from."""

    NOON = NOON
    FakeModel = FakeModel

    @staticmethod
    def policy(text: str = "") -> Policy:
        return parse_policy(text, "test")

    @staticmethod
    def seeded(*margins: float) -> tuple[ScoreDay, ...]:
        scores = tuple(DayScore(margin, 2 * row, 2 * row + 1) for row, margin in enumerate(margins))
        return (ScoreDay(day=0, payments=len(margins), complete=True, scores=scores),)

    @classmethod
    def state(cls, text: str = ROOMY, *, with_model: bool = True) -> DecisionState:
        """With ROOMY and the model: margins of 4 and more are above the line; nothing is drawn at random."""
        model = FakeModel(cls.seeded(*range(10, -11, -1))) if with_model else None
        return DecisionState(cls.policy(text), model=model)

    @classmethod
    def roomy(cls, more: str) -> DecisionState:
        return cls.state(ROOMY + more)

    @staticmethod
    def payment(number: int = 1, **changes: Any) -> Payment:
        values: dict[str, Any] = {
            "seq": number,
            "clock_us": NOON + number * 1_000_000,
            "tx_id": f"t{number}",
            "ts_us": 0,
            "payer": f"payer{number}",
            "payee": f"payee{number}",
            "amount_minor": 10_000,
            "currency": "EUR",
            "rail": "transfer",
        }
        return Payment(**(values | changes))

    @staticmethod
    def fired(scenario_id: str = "ring", severity: Any = "high", action: Any = "review") -> Fired:
        return Fired(scenario_id=scenario_id, title="A ring", severity=severity, action=action, reason="Why.", facts={})

    @staticmethod
    def act(
        action: str, subject: str, *, clock_us: int = 2 * NOON, kind: str = "payment", actor: str = "ada"
    ) -> Action:
        return Action(
            seq=9,
            clock_us=clock_us,
            action_id="a",
            actor=actor,
            action=action,
            subject_kind=kind,
            subject=subject,
            reason="Seen.",
        )

    @staticmethod
    def listed(list_name: str, account: str, **changes: Any) -> ListEntry:
        values: dict[str, Any] = {
            "seq": 0,
            "clock_us": 0,
            "list_name": list_name,
            "change": "add",
            "account": account,
            "reason": "Known.",
            "actor": "ada",
        }
        return ListEntry(**(values | changes))


@pytest.fixture(scope="session")
def kit() -> type[Kit]:
    return Kit
