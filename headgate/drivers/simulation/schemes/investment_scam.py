"""Investment scam: ever larger sums to one new account, small profits back. Twins: building works, a loan repaid."""

from __future__ import annotations

from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    (victim,) = stage.people()
    (mule,) = stage.mules(1)
    amount, now = stage.sum(150, 350), stage.start_us
    for number in range(stage.count(3, 6)):
        now = stage.pay(now, victim, mule, amount)
        stage.forward(now, mule, stage.mules(1), stage.part(amount, 0.85, 0.98), (1, 30))
        if number == 0 and stage.chance(0.6):
            stage.pay(stage.paced(now, 10, 60), mule, victim, stage.part(amount, 0.1, 0.3))
        amount = stage.part(amount, 1.6, 2.8)
        now = stage.paced(now, 30, 130)


def _building(stage: Stage) -> None:
    """Works on a house: deposit, stages of different size, the rest."""
    (owner,) = stage.people()
    builder = stage.one(Role.TRADER, Role.OUT_COMPANY, Role.PERSON)
    total, now = stage.sum(2500, 9000), stage.start_us
    for piece in stage.split(total, stage.count(3, 5)):
        now = stage.after(stage.pay(now, owner, builder, piece), 60, 260)


def _lent(stage: Stage) -> None:
    """A friend is lent money twice, the second time more, and pays some of it back."""
    lender, friend = stage.neighbours(2)
    amount = stage.sum(80, 500)
    now = stage.after(stage.pay(stage.start_us, lender, friend, amount), 60, 240)
    now = stage.after(stage.pay(now, lender, friend, stage.part(amount, 1.2, 3.0)), 60, 240)
    stage.pay(now, friend, lender, stage.part(amount, 0.5, 1.5))


SCHEME = Scheme(
    name="investment_scam",
    scenario="app-investment-scam",
    sentence="A customer sends ever larger sums to a new account and sees a small profit at first.",
    plan=_plan,
    known_days=(25.0, 0.7),
    twins=(
        Twin("building", "A builder is paid in stages.", _building),
        Twin("lent_twice", "A friend is lent money twice and pays some of it back.", _lent),
    ),
)
