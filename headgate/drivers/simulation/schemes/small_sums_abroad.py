"""Small sums in, one sum abroad. Twins: a holiday flat shared by friends, a charity's project abroad."""

from __future__ import annotations

from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    collector = stage.people(1, fresh=stage.chance(0.3))[0]
    payee = stage.one(Role.ABROAD)
    last, held = stage.collect(collector, 60, 200)
    last = stage.pay(stage.paced(last, 2, 40), collector, payee, stage.part(held, 0.5, 0.7))
    stage.pay(stage.paced(last, 2, 60), collector, payee, stage.part(held, 0.25, 0.35))


def _holiday_flat(stage: Stage) -> None:
    """Friends share a flat abroad: few, and larger sums."""
    organiser, *friends = stage.neighbours(stage.count(4, 6))
    share = stage.sum(90, 500)
    last = stage.start_us
    for friend, when in zip(friends, stage.spread(stage.start_us, 140, len(friends)), strict=True):
        last = stage.pay(when, friend, organiser, share)
    stage.pay(stage.after(last, 5, 120), organiser, stage.one(Role.ABROAD), share * (len(friends) + 1))


def _project(stage: Stage) -> None:
    """A charity collects small gifts and pays for a project abroad."""
    charity = stage.one(Role.CHARITY, ours=True)
    donors = stage.people(stage.count(6, 10))
    for donor, when in zip(donors, stage.spread(stage.start_us, 200, len(donors)), strict=True):
        stage.pay(when, donor, charity, stage.sum(10, 120))
    stage.pay(stage.after(stage.start_us, 200, 320), charity, stage.one(Role.ABROAD), stage.sum(300, 1500))


SCHEME = Scheme(
    name="small_sums_abroad",
    scenario="small-sums-abroad",
    sentence="Small sums from many accounts are put together in a private account and sent abroad.",
    plan=_plan,
    known_days=(30.0, 0.7),
    twins=(
        Twin("holiday_flat", "Friends share a flat abroad.", _holiday_flat),
        Twin("project_abroad", "A charity collects and pays for a project abroad.", _project),
    ),
)
