"""The alert budget on a simulated bank whose volume doubles for a fortnight: cases a day stay near the budget."""

from __future__ import annotations

import math
import statistics

import msgspec
import numpy as np
import pytest

from headgate.connectors.dataset import read_dataset
from headgate.decisions.decide import DecisionState
from headgate.decisions.policy import Policy, load_policy
from headgate.decisions.record import Decision
from headgate.decisions.threshold import DayCases
from headgate.drivers.simulation.simulate import Order, simulate
from headgate.drivers.simulation.worlds import world_named
from headgate.journal.entries import Payment
from headgate.journal.order import entries_of
from headgate.limits import US_PER_DAY
from headgate.models.history import ScoreDay

BUDGET = 12
FROM, UNTIL = 40, 54  # the fortnight, in days of the simulation


class Amounts:
    """A model whose margin is the logarithm of the amount: what matters here is the line, not the score."""

    content_hash = "amounts"
    score_days: tuple[ScoreDay, ...] = ()

    def probability_one(self, margin: float) -> float:
        return 1 / (1 + math.exp(-margin))


@pytest.fixture(scope="module")
def payments(tmp_path_factory: pytest.TempPathFactory) -> list[Payment]:
    """Payments of seventy days; in the fortnight each comes twice, the second between other people."""
    folder = tmp_path_factory.mktemp("world") / "world"
    simulate(Order(world_named("harbour"), days=70, seed=5, payments=16_000), folder, lambda days: None)
    known = [entry for entry in entries_of(read_dataset(folder).journal, 8192) if isinstance(entry, Payment)]
    first_us = known[0].clock_us
    every = list[Payment]()
    for payment in known:
        every.append(payment)
        if FROM <= (payment.clock_us - first_us) // US_PER_DAY < UNTIL:
            twin = {name: f"x{getattr(payment, name)}" for name in ("tx_id", "payer", "payee")}
            every.append(msgspec.structs.replace(payment, **twin))
    return [msgspec.structs.replace(payment, seq=seq) for seq, payment in enumerate(every)]


@pytest.fixture(scope="module")
def policy() -> Policy:
    packaged = load_policy()
    budget = msgspec.structs.replace(packaged.budget, cases_per_day=BUDGET, largest_share=1.0)
    control = msgspec.structs.replace(packaged.control, below_share=0.0)
    return msgspec.structs.replace(packaged, budget=budget, control=control)


def decided(payments: list[Payment], policy: Policy) -> list[Decision]:
    """Decide by size and a draw of the payment, so that scores do not come in steps."""
    state, draw = DecisionState(policy, model=Amounts()), np.random.default_rng(2)
    noise = draw.normal(0, 1, len(payments)).tolist()
    return [
        state.decide(payment, {"amount": payment.amount_minor}, (), math.log(payment.amount_minor) / 4 + noise[place])
        for place, payment in enumerate(payments)
    ]


def cases_by_day(payments: list[Payment], decisions: list[Decision]) -> dict[int, int]:
    found: dict[int, tuple[DayCases, dict[str, int]]] = {}
    cases: dict[int, int] = {}
    first_us = payments[0].clock_us
    for payment, decision in zip(payments, decisions, strict=True):
        day = (payment.clock_us - first_us) // US_PER_DAY
        cases.setdefault(day, 0)
        if decision.alert:
            joined, numbers = found.setdefault(day, (DayCases(), {}))
            payer, payee = (numbers.setdefault(name, len(numbers)) for name in (payment.payer, payment.payee))
            cases[day] += joined.add(payer, payee)
    return cases


def test_cases_a_day_stay_near_the_budget_when_the_volume_doubles(payments: list[Payment], policy: Policy) -> None:
    cases = cases_by_day(payments, decided(payments, policy))
    doubled = statistics.mean(cases[day] for day in range(FROM + 3, UNTIL))
    after = statistics.mean(cases[day] for day in range(UNTIL + 3, 69))
    before = statistics.mean(cases[day] for day in range(30, FROM))
    assert statistics.mean(cases[day] for day in range(FROM, FROM + 2)) > 1.25 * BUDGET
    for mean in (before, doubled, after):
        assert abs(mean - BUDGET) <= 0.25 * BUDGET, (before, doubled, after, cases)


def test_nothing_is_chosen_with_hindsight(payments: list[Payment], policy: Policy) -> None:
    """What comes after a payment, the rest of its own day included, changes nothing of its decision."""
    whole = decided(payments, policy)
    cut = next(place for place, each in enumerate(payments) if each.clock_us > payments[0].clock_us + 45.5 * US_PER_DAY)
    larger = [msgspec.structs.replace(each, amount_minor=each.amount_minor * 9) for each in payments[cut:]]
    assert decided(payments[:cut] + larger, policy)[:cut] == whole[:cut]


def test_the_line_of_a_day_is_one_value_and_stands_in_every_decision(payments: list[Payment], policy: Policy) -> None:
    lines: dict[int, set[float]] = {}
    for decision in decided(payments, policy):
        lines.setdefault(decision.clock_us // US_PER_DAY, set()).add(decision.threshold)
        assert decision.alert == (decision.rank_score >= decision.threshold)
    assert all(len(of_day) == 1 for of_day in lines.values())
    assert len(set().union(*lines.values())) > 40
