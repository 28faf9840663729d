"""Refund abuse: a shop pays back what was never bought. Twins: parcels sent back, a concert called off."""

from __future__ import annotations

from headgate.drivers.simulation.forms import REMITTANCES, Form
from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage

_REFUND = REMITTANCES.index("refund")


def _plan(stage: Stage) -> None:
    shop = stage.one(Role.SHOP, ours=True)
    friends = stage.people(stage.count(1, 2))
    now = stage.start_us
    for number in range(stage.count(3, 6)):
        stage.pay(now, shop, friends[number % len(friends)], stage.sum(90, 480), Form.REFUND, remittance=_REFUND)
        now = stage.paced(now, 3, 60)


def _parcels(stage: Stage) -> None:
    """Several sizes are ordered, and what does not fit goes back."""
    (buyer,) = stage.people()
    shop = stage.one(Role.SHOP)
    orders = [stage.sum(40, 260) for _ in range(stage.count(2, 4))]
    for amount, when in zip(orders, stage.spread(stage.start_us, 60, len(orders)), strict=True):
        stage.pay(when, buyer, shop, amount, Form.ONLINE_SHOP)
    for amount in orders[: stage.count(1, 3)]:
        stage.pay(stage.after(stage.start_us, 90, 300), shop, buyer, amount, Form.REFUND, remittance=_REFUND)


def _called_off(stage: Stage) -> None:
    """A concert is called off, and all who bought a ticket are paid back."""
    shop = stage.one(Role.SHOP)
    price = stage.sum(30, 120)
    for buyer in stage.people(stage.count(4, 8)):
        now = stage.pay(stage.after(stage.start_us, 1, 90), buyer, shop, price, Form.ONLINE_SHOP)
        stage.pay(stage.after(now, 100, 400), shop, buyer, price, Form.REFUND, remittance=_REFUND)


SCHEME = Scheme(
    name="refund_abuse",
    scenario="refund-abuse",
    sentence="Somebody in a shop has it pay back to cards what was never bought.",
    plan=_plan,
    known_days=(20.0, 0.7),
    twins=(
        Twin("parcels_sent_back", "Several sizes are ordered, and most go back.", _parcels),
        Twin("called_off", "A concert is called off, and all are paid back.", _called_off),
    ),
)
