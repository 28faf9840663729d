"""Rapid movement: sum after sum in and out within a day. Twins: a market weekend, a treasurer before a trip."""

from __future__ import annotations

from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    (hub,) = stage.people(1, fresh=stage.chance(0.4))
    stage.recruited.append(hub)
    now = stage.start_us
    for _ in range(stage.count(3, 6)):
        amount = stage.sum(500, 2800)
        now = stage.pay(now, stage.one(Role.OUT_PERSON, Role.PERSON, Role.OUT_COMPANY), hub, amount)
        now += int(stage.between(0.1, 2.5) * stage.world.pace * 3_600_000_000) // 1000 * 1000
        stage.pay(now, hub, stage.one(Role.OUT_PERSON, Role.ABROAD), stage.part(amount, 0.93, 1.0))
        now += int(stage.between(0.2, 3) * stage.world.pace * 3_600_000_000) // 1000 * 1000


def _market_weekend(stage: Stage) -> None:
    """A private seller's good weekend, and what was bought for it before."""
    (seller,) = stage.people()
    supplier = stage.one(Role.OUT_COMPANY, Role.TRADER)
    taken = 0
    for when in stage.spread(stage.start_us, 40, stage.count(3, 7)):
        amount = stage.sum(15, 300)
        stage.pay(when, stage.one(Role.PERSON, Role.OUT_PERSON), seller, amount)
        taken += amount
    stage.pay(stage.after(stage.start_us, 30, 90), seller, supplier, stage.part(max(taken, 1000), 0.3, 0.7))


def _treasurer(stage: Stage) -> None:
    """Friends pay for a trip tomorrow, and hotel and train are booked the same day."""
    treasurer, *friends = stage.neighbours(stage.count(4, 6))
    share = stage.sum(80, 420)
    for friend, when in zip(friends, stage.spread(stage.start_us, 20, len(friends)), strict=True):
        stage.pay(when, friend, treasurer, share)
    for _ in range(2):
        hotel = stage.one(Role.OUT_COMPANY, Role.ABROAD)
        stage.pay(stage.after(stage.start_us, 8, 40), treasurer, hotel, stage.part(share * len(friends), 0.4, 0.6))


SCHEME = Scheme(
    name="rapid_movement",
    scenario="rapid-movement",
    sentence="Sum after sum comes in and is gone within hours, all in a day or two.",
    plan=_plan,
    known_days=(9.0, 0.8),
    twins=(
        Twin("market_weekend", "A private seller's good weekend.", _market_weekend),
        Twin("trip_tomorrow", "A treasurer collects and books a trip on the same day.", _treasurer),
    ),
)
