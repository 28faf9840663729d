"""Structuring: one account sends sum after sum just below a limit. Twins: day rates, a rent just below it."""

from __future__ import annotations

from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    (sender,) = stage.mules(1)
    payees = stage.mules(stage.count(1, 3))
    limit = 100_000 if stage.chance(0.75) else 300_000
    pieces = stage.count(3, 6)
    now = stage.pay(stage.start_us, stage.one(Role.OUT_COMPANY, Role.OUT_PERSON), sender, pieces * limit)
    for number in range(pieces):
        now = stage.paced(now, 1, 34)
        amount = int(stage.rng.uniform(0.91, 0.998) * limit) // 500 * 500
        stage.pay(now, sender, payees[number % len(payees)], amount)


def _day_rates(stage: Stage) -> None:
    """A builder pays helpers the same day rate, week after week, out of what the client pays."""
    builder = stage.one(Role.TRADER, ours=True)
    rate = stage.sum(500, 1200)
    for when in stage.monthly(stage.start_us, 2):
        stage.pay(when, stage.one(Role.OUT_COMPANY, Role.PERSON), builder, stage.part(rate, 3.0, 6.0))
        for helper in stage.people(stage.count(2, 4)):
            stage.pay(stage.after(when, 4, 90), builder, helper, rate)


def _rent_and_deposit(stage: Stage) -> None:
    """A rent of 950 and a deposit of the same, in one week."""
    (tenant,) = stage.people()
    landlord = stage.one(Role.PERSON, Role.OUT_PERSON)
    rent = int(stage.rng.uniform(0.85, 1.0) * 100_000) // 500 * 500
    now = stage.pay(stage.start_us, tenant, landlord, rent)
    now = stage.pay(stage.after(now, 1, 100), tenant, landlord, rent)
    if stage.chance(0.5):
        stage.pay(stage.after(now, 5, 100), tenant, stage.one(Role.TRADER), stage.sum(700, 1100))


SCHEME = Scheme(
    name="structuring",
    scenario="structuring-repeated",
    sentence="One account sends a large sum on in pieces that are all just below a limit.",
    plan=_plan,
    known_days=(18.0, 0.8),
    twins=(
        Twin("day_rates", "A builder pays helpers the same day rate.", _day_rates),
        Twin("rent_and_deposit", "A rent and a deposit just below a limit.", _rent_and_deposit),
    ),
)
