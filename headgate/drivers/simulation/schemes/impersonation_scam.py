"""Impersonation scam: savings fetched and sent to a "safe account". Twins: a car paid in two parts, a new home."""

from __future__ import annotations

from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _saver(stage: Stage) -> int:
    """Return somebody with a savings account, if there is one among thirty."""
    people = stage.people(min(30, stage.population.people // 2))
    return next((person for person in people if stage.population.savings[person] >= 0), people[0])


def _plan(stage: Stage) -> None:
    victim = _saver(stage)
    mules = stage.mules(stage.count(1, 2))
    remote = stage.chance(0.4)
    now, total = stage.start_us, int(stage.population.income[victim] * stage.between(1.0, 4.0))
    savings = int(stage.population.savings[victim])
    if savings >= 0:
        now = stage.soon(stage.pay(now, savings, victim, stage.write(total)))
    if stage.chance(0.5):
        stage.happen(now, victim, "limit_changed")
        now = stage.soon(now)
    for number, piece in enumerate(stage.split(total, stage.count(2, 4))):
        mule = mules[number % len(mules)]
        now = stage.pay(now, victim, mule, piece, remote=remote)
        stage.forward(now, mule, stage.mules(1), stage.part(piece, 0.88, 0.99), (0.1, 8))
        now += int(stage.between(0.1, 3) * 3_600_000_000) // 1000 * 1000


def _car_in_parts(stage: Stage) -> None:
    """The limit of a day is below the price: a car is paid in two parts, from savings."""
    buyer = _saver(stage)
    seller = stage.one(Role.PERSON, Role.TRADER, Role.OUT_COMPANY)
    price, now = int(stage.population.income[buyer] * stage.between(1.0, 4.0)), stage.start_us
    savings = int(stage.population.savings[buyer])
    if savings >= 0:
        now = stage.after(stage.pay(now, savings, buyer, stage.write(price)), 0.2, 20)
    if stage.chance(0.4):
        stage.happen(now - 1_800_000_000, buyer, "limit_changed")
    for piece in stage.split(price, 2):
        now = stage.after(stage.pay(now, buyer, seller, piece), 0.3, 30)


def _kitchen(stage: Stage) -> None:
    """Savings are fetched for a kitchen: deposit to the joiner at once, the rest weeks later."""
    owner = _saver(stage)
    joiner = stage.one(Role.TRADER, Role.OUT_COMPANY)
    price, now = int(stage.population.income[owner] * stage.between(1.0, 3.0)), stage.start_us
    savings = int(stage.population.savings[owner])
    if savings >= 0:
        now = stage.after(stage.pay(now, savings, owner, stage.write(price)), 1, 40)
    now = stage.pay(now, owner, joiner, stage.part(price, 0.3, 0.5))
    stage.pay(stage.after(now, 200, 700), owner, joiner, stage.part(price, 0.5, 0.7))


SCHEME = Scheme(
    name="impersonation_scam",
    scenario="app-impersonation-scam",
    sentence="A caller makes a customer fetch savings and send them, piece by piece within hours, to a new account.",
    plan=_plan,
    known_days=(2.0, 0.9),
    twins=(
        Twin(
            "car_in_parts", "A car is paid in two parts out of savings, for the limit of a day is lower.", _car_in_parts
        ),
        Twin("kitchen", "Savings are fetched for a kitchen, and the joiner gets a deposit.", _kitchen),
    ),
)
