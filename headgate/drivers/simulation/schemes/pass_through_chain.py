"""Pass-through chain: one sum handed on and on. Twins: a house purchase, subcontractors, a gift handed down."""

from __future__ import annotations

import itertools

from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    hands = stage.mules(stage.count(3, 6))
    hands[0] = stage.people()[0]
    amount, now = stage.sum(500, 4500), stage.start_us
    for payer, payee in itertools.pairwise(hands):
        now = stage.pay(stage.paced(now, 0.2, 24), payer, payee, amount)
        amount = stage.part(amount, 0.9, 0.99)


def _house(stage: Stage) -> None:
    buyer, seller = stage.people(2)
    notary = stage.one(Role.NOTARY, ours=True)
    price = stage.sum(20_000, 250_000)
    savings = int(stage.population.savings[buyer])
    now = stage.start_us
    stage.happen(now - 1_800_000_000, buyer, "limit_changed")
    if savings >= 0:
        now = stage.after(stage.pay(now, savings, buyer, stage.part(price, 0.1, 0.3)), 0.5, 30)
    now = stage.pay(now, buyer, notary, price)
    now = stage.pay(stage.after(now, 4, 120), notary, seller, stage.part(price, 0.9, 0.99))
    if stage.chance(0.6):
        stage.pay(
            stage.after(now, 4, 150), seller, stage.one(Role.OUT_PERSON, Role.NOTARY), stage.part(price, 0.5, 1.0)
        )


def _subcontractors(stage: Stage) -> None:
    (client,) = stage.people()
    traders = stage.some(Role.TRADER, 2, ours=True)
    amount = stage.sum(500, 4500)
    now = stage.pay(stage.start_us, client, traders[0], amount)
    amount = stage.part(amount, 0.3, 0.8)
    now = stage.pay(stage.after(now, 3, 120), traders[0], traders[-1], amount)
    stage.pay(stage.after(now, 3, 120), traders[-1], stage.people()[0], stage.part(amount, 0.3, 0.8))


def _handed_down(stage: Stage) -> None:
    family = stage.neighbours(3)
    amount = stage.sum(300, 4000)
    now = stage.start_us
    for payer, payee in itertools.pairwise(family):
        now = stage.pay(stage.after(now, 2, 150), payer, payee, amount)
        amount = stage.part(amount, 0.4, 1.0)
    if stage.chance(0.6):
        stage.pay(
            stage.after(now, 1, 120), family[-1], stage.one(Role.OUT_COMPANY, Role.TRADER), stage.part(amount, 0.5, 1.0)
        )


SCHEME = Scheme(
    name="pass_through_chain",
    scenario="layering-chain",
    sentence="One sum is handed from account to account, each keeping a little.",
    plan=_plan,
    known_days=(14.0, 0.8),
    twins=(
        Twin("house_purchase", "A house is paid through a notary, and the seller buys the next.", _house),
        Twin(
            "subcontractors", "A client pays a builder, who pays a subcontractor, who pays a helper.", _subcontractors
        ),
        Twin("handed_down", "Grandparents give money to parents, who give it to a child.", _handed_down),
    ),
)
