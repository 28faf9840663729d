"""Dormant account woken: a nearly unused account takes money in and pays it out. Twins: seasons, students."""

from __future__ import annotations

from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    sleeper = stage.sleeper()
    payees = stage.mules(stage.count(1, 2))
    now = stage.start_us
    if stage.chance(0.4):
        stage.happen(now, sleeper, "device_changed")
        now = stage.paced(now, 0.3, 20)
    for _ in range(stage.count(1, 2)):
        amount = stage.sum(600, 4500)
        source = stage.one(Role.OUT_COMPANY, Role.OUT_PERSON, Role.ABROAD, Role.PERSON)
        now = stage.pay(stage.paced(now, 0.3, 60), source, sleeper, amount)
        stage.forward(now, sleeper, payees, stage.part(amount, 0.9, 0.99), (0.1, 16))


def _season(stage: Stage) -> None:
    host = stage.sleeper()
    for when in stage.spread(stage.start_us, 500, stage.count(2, 4)):
        rent = stage.sum(300, 2500)
        stage.pay(when, stage.one(Role.OUT_PERSON, Role.PERSON, Role.ABROAD), host, rent)
        if stage.chance(0.6):
            stage.pay(
                stage.after(when, 3, 150), host, stage.one(Role.TRADER, Role.OUT_COMPANY), stage.part(rent, 0.1, 0.7)
            )


def _student(stage: Stage) -> None:
    student = stage.sleeper()
    if stage.chance(0.5):
        stage.happen(stage.start_us, student, "device_changed")
    (parent,) = stage.people()
    grant = stage.sum(500, 3000)
    now = stage.pay(stage.after(stage.start_us, 0.3, 30), parent, student, grant)
    for piece in stage.split(stage.part(grant, 0.5, 1.0), stage.count(1, 3)):
        stage.pay(stage.after(now, 0.5, 120), student, stage.one(Role.OUT_PERSON, Role.OUT_COMPANY, Role.TRADER), piece)


SCHEME = Scheme(
    name="dormant_woken",
    scenario="dormant-account-woken",
    sentence="An account that was nearly unused takes in large sums and pays them out at once.",
    plan=_plan,
    known_days=(10.0, 0.8),
    twins=(
        Twin("season", "A holiday home's account wakes in the season: rents in, repairs out.", _season),
        Twin("student", "A student's account wakes with the term: a grant in, room and fees out.", _student),
    ),
)
