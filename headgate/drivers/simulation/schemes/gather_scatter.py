"""Gather-scatter: many pay one account, which pays many. Twins: costs of a trip split, a club's outing."""

from __future__ import annotations

from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    sources = stage.people(stage.count(2, 5)) if stage.chance(0.6) else stage.mules(stage.count(2, 5))
    (hub,) = stage.people(1, fresh=stage.chance(stage.world.fresh_mule_share))
    sinks = stage.mules(stage.count(2, 5))
    hours = stage.between(4, 90) * stage.world.pace
    gathered, last = 0, stage.start_us
    for source, when in zip(sources, stage.spread(stage.start_us, hours, len(sources)), strict=True):
        amount = stage.sum(250, 2600)
        last = stage.pay(when, source, hub, amount)
        gathered += amount
    stage.forward(last, hub, sinks, stage.part(gathered, 0.88, 0.99), (0.2, 30))


def _split_costs(stage: Stage) -> None:
    organiser, *friends = stage.neighbours(stage.count(4, 7))
    vendors = [stage.one(Role.OUT_COMPANY, Role.TRADER, Role.SHOP, Role.OUT_PERSON) for _ in range(stage.count(2, 4))]
    share = stage.sum(60, 900)
    last = stage.start_us
    for friend, when in zip(friends, stage.spread(stage.start_us, 110, len(friends)), strict=True):
        last = stage.pay(when, friend, organiser, share if stage.chance(0.8) else stage.part(share, 0.5, 1.0))
    total = share * (len(friends) + 1)
    for vendor, piece in zip(vendors, stage.split(total, len(vendors)), strict=True):
        stage.pay(stage.after(last, 3, 200), organiser, vendor, piece)


def _outing(stage: Stage) -> None:
    treasurer = stage.one(Role.CHARITY, ours=True)
    parents = stage.neighbours(stage.count(3, 7))
    fee = stage.sum(40, 450)
    last = stage.start_us
    for parent, when in zip(parents, stage.spread(stage.start_us, 160, len(parents)), strict=True):
        last = stage.pay(when, parent, treasurer, fee)
    for _ in range(stage.count(2, 3)):
        stage.pay(
            stage.after(last, 1, 150),
            treasurer,
            stage.one(Role.OUT_COMPANY, Role.TRADER),
            stage.part(fee * len(parents), 0.2, 0.5),
        )


SCHEME = Scheme(
    name="gather_scatter",
    scenario="gather-scatter",
    sentence="Several accounts pay one, and it pays the money out to several others.",
    plan=_plan,
    known_days=(16.0, 0.8),
    twins=(
        Twin("split_costs", "Friends pay the organiser of a trip, who pays hotel and tickets.", _split_costs),
        Twin("club_outing", "Parents pay a club for an outing, and the club pays the bus and the inn.", _outing),
    ),
)
