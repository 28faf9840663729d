"""Scatter-gather: one source, many hands, one sink. Twins: a present bought together, contractors of one firm."""

from __future__ import annotations

from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    (source,) = stage.people()
    hands = stage.mules(stage.count(2, 6))
    (sink,) = stage.mules(1)
    hours = stage.between(4, 120) * stage.world.pace
    for hand, when in zip(hands, stage.spread(stage.start_us, hours, len(hands)), strict=True):
        amount = stage.sum(200, 2600)
        stage.pay(when, source, hand, amount)
        stage.pay(stage.paced(when, 0.2, 30), hand, sink, stage.part(amount, 0.9, 0.99))


def _family_present(stage: Stage) -> None:
    parent, *children = stage.neighbours(stage.count(3, 5))
    seller = stage.one(Role.OUT_COMPANY, Role.TRADER, Role.OUT_PERSON, Role.PERSON)
    for child, when in zip(children, stage.spread(stage.start_us, 40, len(children)), strict=True):
        amount = stage.sum(120, 1500)
        stage.pay(when, parent, child, amount)
        if stage.chance(0.7):
            stage.pay(stage.after(when, 3, 150), child, seller, stage.part(amount, 0.4, 1.1))


def _contractors(stage: Stage) -> None:
    firm = stage.one(Role.COMPANY, ours=True)
    contractors = stage.some(Role.TRADER, stage.count(2, 5), ours=True)
    merchant = stage.one(Role.COMPANY, Role.OUT_COMPANY)
    for contractor, when in zip(contractors, stage.spread(stage.start_us, 80, len(contractors)), strict=True):
        amount = stage.sum(300, 3000)
        stage.pay(when, firm, contractor, amount)
        stage.pay(stage.after(when, 2, 150), contractor, merchant, stage.part(amount, 0.2, 0.7))


SCHEME = Scheme(
    name="scatter_gather",
    scenario="scatter-gather",
    sentence="One account pays several, and all of them pay the same one.",
    plan=_plan,
    known_days=(16.0, 0.8),
    twins=(
        Twin("family_present", "A parent gives children money, and they pay one seller.", _family_present),
        Twin("contractors", "A firm pays contractors, and they buy at the same merchant.", _contractors),
    ),
)
