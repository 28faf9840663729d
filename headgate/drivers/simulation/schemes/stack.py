"""Stack: layers of accounts, each paying the next across. Twins: a supply chain, a family that pools money."""

from __future__ import annotations

from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    top, middle = stage.mules(2), stage.mules(stage.count(2, 3))
    bottom = stage.mules(stage.count(1, 2))
    amounts = {mule: stage.sum(700, 3500) for mule in top}
    last = stage.start_us
    held = dict.fromkeys(middle, 0)
    for payer in top:
        for payee, piece in zip(middle, stage.split(amounts[payer], len(middle)), strict=True):
            last = max(last, stage.pay(stage.paced(stage.start_us, 0.2, 24), payer, payee, piece))
            held[payee] += piece
    for payer in middle:
        stage.forward(last, payer, bottom, stage.part(held[payer], 0.9, 0.99), (0.2, 24))


def _supply_chain(stage: Stage) -> None:
    shops = stage.some(Role.SHOP, 2, ours=True)
    wholesalers = stage.some(Role.COMPANY, 2, ours=True)
    makers = stage.some(Role.OUT_COMPANY, stage.count(1, 2))
    for shop in shops:
        for wholesaler in wholesalers:
            invoice = stage.sum(300, 3000)
            now = stage.pay(stage.after(stage.start_us, 0.3, 60), shop, wholesaler, invoice)
            for maker in makers:
                if stage.chance(0.7):
                    stage.pay(stage.after(now, 2, 150), wholesaler, maker, stage.part(invoice, 0.3, 0.8))


def _family_pool(stage: Stage) -> None:
    givers, parents = stage.neighbours(2), stage.neighbours(2)
    home = stage.one(Role.OUT_COMPANY, Role.OUT_PERSON, Role.TRADER)
    for giver in givers:
        for parent in parents:
            amount = stage.sum(150, 1800)
            now = stage.pay(stage.after(stage.start_us, 0.3, 90), giver, parent, amount)
            if stage.chance(0.75):
                stage.pay(stage.after(now, 4, 160), parent, home, stage.part(amount, 0.3, 1.1))


SCHEME = Scheme(
    name="stack",
    scenario="stack-layers",
    sentence="Accounts stand in layers; each pays several of the next layer, and those pay on.",
    plan=_plan,
    known_days=(18.0, 0.8),
    twins=(
        Twin("supply_chain", "Shops pay wholesalers, and wholesalers pay makers.", _supply_chain),
        Twin("family_pool", "A family pools money by way of the parents for one large bill.", _family_pool),
    ),
)
