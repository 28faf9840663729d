"""Purchase scam: goods that never come, sold to many. Twins: a popular private seller, a club's ticket sale."""

from __future__ import annotations

from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    (seller,) = stage.mules(1)
    buyers = stage.people(stage.count(4, 9))
    hours, last, taken = stage.between(24, 130) * stage.world.pace, stage.start_us, 0
    price = stage.sum(70, 450)
    for number, (buyer, when) in enumerate(zip(buyers, stage.spread(last, hours, len(buyers)), strict=True)):
        amount = price if stage.chance(0.6) else stage.part(price, 0.7, 1.3)
        last = stage.pay(when, buyer, seller, amount)
        taken += amount
        if number % 3 == 2:
            last = stage.forward(last, seller, stage.mules(1), stage.part(taken, 0.85, 0.99), (0.3, 20))
            taken = 0


def _popular_seller(stage: Stage) -> None:
    """Somebody clears a household: many buyers, different prices, and the money stays."""
    (seller,) = stage.people()
    for when in stage.spread(stage.start_us, 160, stage.count(3, 6)):
        stage.pay(when, stage.one(Role.PERSON, Role.OUT_PERSON), seller, stage.sum(8, 220))
    if stage.chance(0.5):
        stage.pay(stage.after(stage.start_us, 100, 300), seller, stage.one(Role.TRADER), stage.sum(60, 300))


def _ticket_sale(stage: Stage) -> None:
    """A member collects for tickets and pays the organiser."""
    treasurer, *members = stage.neighbours(stage.count(5, 9))
    price, last = stage.sum(15, 90), stage.start_us
    for member, when in zip(members, stage.spread(stage.start_us, 120, len(members)), strict=True):
        last = stage.pay(when, member, treasurer, price if stage.chance(0.8) else 2 * price)
    organiser = stage.one(Role.OUT_COMPANY, Role.CHARITY)
    stage.pay(stage.after(last, 2, 90), treasurer, organiser, stage.part(price * len(members), 0.8, 1.2))


SCHEME = Scheme(
    name="purchase_scam",
    scenario="app-purchase-scam",
    sentence="Many buyers pay a private account for goods that never come, and it empties at once.",
    plan=_plan,
    known_days=(8.0, 0.7),
    twins=(
        Twin("popular_seller", "A private seller clears a household for many buyers.", _popular_seller),
        Twin("ticket_sale", "A member collects for tickets and pays the organiser.", _ticket_sale),
    ),
)
