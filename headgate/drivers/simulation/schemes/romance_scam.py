"""Romance scam: one payment after the other to somebody never paid before, abroad. Twins: a child abroad, a trip."""

from __future__ import annotations

from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    (victim,) = stage.people()
    friend = stage.one(Role.ABROAD)
    now = stage.start_us
    for _ in range(stage.count(4, 8)):
        amount = stage.write(stage.population.income[victim] * stage.between(0.15, 0.9))
        now = stage.paced(stage.pay(now, victim, friend, amount), 20, 110)


def _child_abroad(stage: Stage) -> None:
    """A child studies abroad: a monthly sum, and something between now and then."""
    (parent,) = stage.people()
    child = stage.one(Role.ABROAD)
    monthly = stage.sum(200, 900)
    for when in stage.monthly(stage.start_us, stage.count(2, 4)):
        stage.pay(when, parent, child, monthly)
        if stage.chance(0.4):
            stage.pay(stage.after(when, 60, 300), parent, child, stage.sum(20, 250))


def _trip_abroad(stage: Stage) -> None:
    """A flat abroad for the summer: a deposit and the rest."""
    (guest,) = stage.people()
    host = stage.one(Role.ABROAD)
    price = stage.sum(500, 3000)
    now = stage.pay(stage.start_us, guest, host, stage.part(price, 0.2, 0.4))
    stage.pay(stage.after(now, 60, 500), guest, host, stage.part(price, 0.6, 0.8))


SCHEME = Scheme(
    name="romance_scam",
    scenario="app-romance-scam",
    sentence="A customer sends one large payment after the other abroad, to somebody never paid before.",
    plan=_plan,
    known_days=(35.0, 0.6),
    twins=(
        Twin("child_abroad", "A parent supports a child that studies abroad.", _child_abroad),
        Twin("trip_abroad", "A flat abroad is paid by a deposit and the rest.", _trip_abroad),
    ),
)
