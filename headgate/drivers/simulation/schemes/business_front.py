"""Business front: a small firm takes in more than its trade and pays it away. Twin: cash-heavy honest shops."""

from __future__ import annotations

from headgate.drivers.simulation.forms import REMITTANCES, Form
from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage

_INVOICE = REMITTANCES.index("invoice")


def _plan(stage: Stage) -> None:
    front = stage.one(Role.SHOP, Role.TRADER, ours=True)
    partners = [stage.one(Role.OUT_COMPANY, Role.ABROAD, Role.OUT_PERSON) for _ in range(stage.count(1, 2))]
    (owner,) = stage.mules(1)
    for when in stage.spread(stage.start_us, stage.between(40, 400) * stage.world.pace, stage.count(2, 5)):
        takings = stage.sum(700, 3500)
        if stage.chance(0.6):
            stage.pay(when, stage.machine(), front, max(500, takings // 500 * 500), Form.DEPOSIT)
        else:
            stage.pay(when, stage.one(Role.OUT_COMPANY, Role.PERSON), front, takings, remittance=_INVOICE)
        payee = owner if stage.chance(0.3) else partners[int(stage.rng.integers(len(partners)))]
        stage.pay(stage.paced(when, 0.3, 26), front, payee, stage.part(takings, 0.9, 0.99), remittance=_INVOICE)


def _cash_shop(stage: Stage) -> None:
    shop = stage.one(Role.SHOP, Role.TRADER, ours=True)
    supplier = stage.one(Role.COMPANY, Role.OUT_COMPANY)
    for when in stage.spread(stage.start_us, 300, stage.count(2, 5)):
        takings = stage.sum(500, 3500)
        stage.pay(when, stage.machine(), shop, max(500, takings // 500 * 500), Form.DEPOSIT)
        if stage.chance(0.6):
            stage.pay(stage.after(when, 2, 130), shop, supplier, stage.part(takings, 0.3, 0.8), remittance=_INVOICE)


def _large_order(stage: Stage) -> None:
    firm = stage.one(Role.TRADER, Role.SHOP, ours=True)
    client = stage.one(Role.OUT_COMPANY, Role.COMPANY, Role.PERSON)
    order = stage.sum(800, 5000)
    now = stage.pay(stage.start_us, client, firm, order, remittance=_INVOICE)
    for piece in stage.split(stage.part(order, 0.4, 0.9), stage.count(1, 3)):
        supplier = stage.one(Role.OUT_COMPANY, Role.COMPANY, Role.ABROAD)
        stage.pay(stage.after(now, 2, 120), firm, supplier, piece, remittance=_INVOICE)


SCHEME = Scheme(
    name="business_front",
    scenario="front-business",
    sentence="A small firm takes in cash and invoices beyond its trade and pays them away to partners.",
    plan=_plan,
    known_days=(24.0, 0.7),
    twins=(
        Twin("cash_shop", "A shop with much cash pays in its takings and pays its supplier.", _cash_shop),
        Twin("large_order", "A small firm gets one large order and buys what it needs.", _large_order),
    ),
)
