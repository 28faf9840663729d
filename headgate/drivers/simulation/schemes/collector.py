"""Collector: several accounts that were just paid feed one private account. Twins: a class trip, a wedding fund."""

from __future__ import annotations

from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    feeders = stage.mules(stage.count(3, 7))
    (collector,) = stage.mules(1)
    hours = stage.between(20, 140) * stage.world.pace
    for feeder, when in zip(feeders, stage.spread(stage.start_us, hours, len(feeders)), strict=True):
        amount = stage.sum(300, 2600)
        stage.pay(when, stage.one(Role.PERSON, Role.OUT_PERSON, Role.OUT_COMPANY), feeder, amount)
        stage.pay(stage.paced(when, 0.3, 40), feeder, collector, stage.part(amount, 0.55, 0.98))


def _class_trip(stage: Stage) -> None:
    teacher, *parents = stage.neighbours(stage.count(5, 9))
    fee = stage.sum(60, 320)
    for parent, when in zip(parents, stage.spread(stage.start_us, 150, len(parents)), strict=True):
        stage.pay(when, parent, teacher, fee)
    stage.pay(stage.after(stage.start_us, 150, 300), teacher, stage.one(Role.OUT_COMPANY), fee * len(parents))


def _after_payday(stage: Stage) -> None:
    """Brothers and sisters, just paid, give to a common fund that one of them keeps."""
    keeper, *others = stage.neighbours(stage.count(3, 5))
    for other, when in zip(others, stage.spread(stage.start_us, 90, len(others)), strict=True):
        stage.pay(when, stage.one(Role.OUT_COMPANY, Role.COMPANY), other, stage.sum(400, 2200))
        stage.pay(stage.after(when, 2, 60), other, keeper, stage.sum(80, 600))


SCHEME = Scheme(
    name="collector",
    scenario="fan-in-funnel",
    sentence="Several accounts that were just paid by strangers feed one private account.",
    plan=_plan,
    known_days=(14.0, 0.8),
    twins=(
        Twin("class_trip", "Parents pay a teacher for a class trip.", _class_trip),
        Twin("common_fund", "A family pays into a common fund after payday.", _after_payday),
    ),
)
