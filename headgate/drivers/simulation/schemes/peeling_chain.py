"""Peeling chain: a sum moves on and a part is peeled off at each account. Twins: subcontractors, an estate shared."""

from __future__ import annotations

import itertools

from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    hands = stage.mules(stage.count(3, 5))
    amount = stage.sum(2000, 6000)
    now = stage.pay(stage.start_us, stage.one(Role.OUT_COMPANY, Role.PERSON), hands[0], amount)
    for payer, payee in itertools.pairwise([*hands, stage.one(Role.ABROAD, Role.OUT_PERSON)]):
        peel = stage.part(amount, 0.08, 0.22)
        now = stage.pay(stage.paced(now, 0.2, 14), payer, stage.one(Role.OUT_PERSON, Role.PERSON), peel)
        amount = stage.write((amount - peel) * stage.rng.uniform(0.95, 1.0))
        now = stage.pay(stage.paced(now, 0.2, 14), payer, payee, amount)


def _contractors(stage: Stage) -> None:
    """A client pays a builder, who pays material and a joiner, who pays material and a helper."""
    traders = stage.some(Role.TRADER, 2, ours=True)
    (client,) = stage.people()
    amount, payer, now = stage.sum(2000, 7000), client, stage.start_us
    for trader in traders:
        now = stage.pay(stage.after(now, 4, 80), payer, trader, amount)
        now = stage.pay(stage.after(now, 4, 60), trader, stage.one(Role.OUT_COMPANY), stage.part(amount, 0.15, 0.35))
        amount, payer = stage.part(amount, 0.3, 0.6), trader
    stage.pay(stage.after(now, 4, 80), payer, stage.people()[0], amount)


def _estate(stage: Stage) -> None:
    """An estate is paid out to one heir, who shares it with the others."""
    heir, *others = stage.neighbours(stage.count(3, 4))
    estate = stage.sum(2000, 9000)
    now = stage.pay(stage.start_us, stage.one(Role.NOTARY, Role.OUT_COMPANY), heir, estate)
    for other in others:
        now = stage.pay(stage.after(now, 2, 90), heir, other, estate // (len(others) + 1))


SCHEME = Scheme(
    name="peeling_chain",
    scenario="peeling-chain",
    sentence="A large sum moves from account to account, and each peels a part off to others.",
    plan=_plan,
    known_days=(15.0, 0.8),
    twins=(
        Twin("contractors_and_material", "A builder pays material and a joiner, who does the same.", _contractors),
        Twin("estate", "An heir shares an estate with the others.", _estate),
    ),
)
