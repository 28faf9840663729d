"""Authorised push payment scam with its mule. Twins: a tradesman's first bill, a used car, a rental deposit."""

from __future__ import annotations

from headgate.drivers.simulation.forms import Form
from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    (victim,) = stage.people()
    (mule,) = stage.mules(1)
    behind = stage.mules(stage.count(1, 2))
    remote = stage.chance(0.15)
    now = stage.start_us
    for _ in range(stage.count(1, 4)):
        amount = stage.write(stage.population.income[victim] * stage.between(0.3, 2.0))
        now = stage.pay(stage.paced(now, 0.2, 60), victim, mule, amount, remote=remote)
        if stage.chance(0.2):
            cash = max(2000, min(amount, 100_000) // 2000 * 2000)
            stage.pay(stage.paced(now, 0.1, 8), mule, stage.machine(), cash, Form.WITHDRAWAL)
        else:
            stage.forward(now, mule, behind, stage.part(amount, 0.88, 0.99), (0.1, 14))


def _tradesman(stage: Stage) -> None:
    (owner,) = stage.people()
    trader = stage.one(Role.TRADER, ours=True)
    total = int(stage.population.income[owner] * stage.between(0.25, 1.8))
    now = stage.pay(stage.start_us, owner, trader, stage.part(total, 0.3, 0.5))
    material = stage.one(Role.OUT_COMPANY, Role.COMPANY)
    stage.pay(stage.after(now, 2, 90), trader, material, stage.part(total, 0.15, 0.45))
    stage.pay(stage.after(now, 20, 400), owner, trader, stage.part(total, 0.5, 0.7))


def _used_car(stage: Stage) -> None:
    buyer, seller = stage.people(2)
    price = stage.write(stage.population.income[buyer] * stage.between(0.4, 2.5))
    now = stage.start_us
    savings = int(stage.population.savings[buyer])
    if savings >= 0 and stage.chance(0.6):
        now = stage.after(stage.pay(now, savings, buyer, price), 0.1, 30)
    stage.pay(now, buyer, seller, price)
    if stage.chance(0.6):
        dealer = stage.one(Role.OUT_COMPANY, Role.OUT_PERSON, Role.TRADER)
        stage.pay(stage.after(now, 3, 150), seller, dealer, stage.part(price, 0.5, 1.6))


def _rental(stage: Stage) -> None:
    tenant, landlord = stage.people(2)
    rent = stage.sum(400, 1300)
    now = stage.pay(stage.start_us, tenant, landlord, stage.part(rent, 1.8, 3.0))
    stage.pay(stage.after(now, 1, 200), tenant, landlord, rent)
    agent = stage.one(Role.OUT_COMPANY, Role.TRADER, Role.COMPANY)
    stage.pay(stage.after(now, 1, 80), landlord, agent, stage.part(rent, 0.4, 1.1))


SCHEME = Scheme(
    name="authorised_push_payment",
    scenario="app-scam-new-payee",
    sentence="A deceived customer pays a new payee, and that account moves the money on.",
    plan=_plan,
    known_days=(5.0, 0.9),
    twins=(
        Twin("tradesman", "A first bill of a tradesman, who buys material with the deposit.", _tradesman),
        Twin("used_car", "A used car bought from a private seller, who buys another.", _used_car),
        Twin("rental_deposit", "Deposit and first rent to a new landlord, who pays the agent.", _rental),
    ),
)
