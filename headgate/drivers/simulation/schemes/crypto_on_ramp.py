"""Crypto on-ramp: sums of several strangers leave for an exchange. Twins: a club of savers, a sale put into crypto."""

from __future__ import annotations

from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _exchange(stage: Stage) -> int:
    """Return an exchange, or a company elsewhere in a world without any."""
    return stage.one(Role.EXCHANGE if len(stage.population.of(Role.EXCHANGE)) else Role.OUT_COMPANY)


def _plan(stage: Stage) -> None:
    (mule,) = stage.mules(1)
    exchange = _exchange(stage)
    sources = stage.people(stage.count(3, 6))
    hours, held = stage.between(24, 120) * stage.world.pace, 0
    for number, (source, when) in enumerate(
        zip(sources, stage.spread(stage.start_us, hours, len(sources)), strict=True)
    ):
        amount = stage.sum(300, 2200)
        stage.pay(when, source if stage.chance(0.7) else stage.one(Role.OUT_PERSON), mule, amount)
        held += amount
        if number:
            stage.pay(stage.paced(when, 0.1, 8), mule, exchange, stage.part(held, 0.88, 0.99))
            held = 0


def _club_of_savers(stage: Stage) -> None:
    """Friends put small sums together every month, and one of them buys."""
    buyer, *friends = stage.neighbours(stage.count(3, 5))
    share = stage.sum(20, 150)
    last = stage.start_us
    for friend, when in zip(friends, stage.spread(stage.start_us, 90, len(friends)), strict=True):
        last = stage.pay(when, friend, buyer, share)
    stage.pay(stage.after(last, 2, 60), buyer, _exchange(stage), share * (len(friends) + 1))


def _sold_and_bought(stage: Stage) -> None:
    """Somebody sells a motorbike and buys crypto-assets with a part of it."""
    (seller,) = stage.people()
    price = stage.sum(500, 4000)
    now = stage.pay(stage.start_us, stage.one(Role.PERSON, Role.OUT_PERSON), seller, price)
    stage.pay(stage.after(now, 2, 60), seller, _exchange(stage), stage.part(price, 0.2, 0.9))


SCHEME = Scheme(
    name="crypto_on_ramp",
    scenario="crypto-on-ramp-fan-in",
    sentence="An account takes sums from several strangers and sends them to an exchange within hours.",
    plan=_plan,
    known_days=(9.0, 0.8),
    twins=(
        Twin("club_of_savers", "Friends put money together, and one of them buys crypto-assets.", _club_of_savers),
        Twin("sold_and_bought", "The price of a motorbike is put into crypto-assets.", _sold_and_bought),
    ),
)
