"""Smurfing: sums kept below a limit come in through several hands. Twins: club dues, a wedding gift, takings."""

from __future__ import annotations

from headgate.drivers.simulation.forms import Form
from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    smurfs = stage.people(stage.count(2, 6), fresh=stage.chance(0.4))
    (head,) = stage.mules(1)
    limit = 1000 if stage.chance(0.7) else 3000
    hours = stage.between(20, 200) * stage.world.pace
    for smurf, when in zip(smurfs, stage.spread(stage.start_us, hours, len(smurfs)), strict=True):
        amount = max(500, int(stage.rng.uniform(0.72, 0.995) * limit * stage.world.price * 100) // 500 * 500)
        stage.pay(when, stage.machine(), smurf, amount, Form.DEPOSIT)
        stage.pay(stage.paced(when, 0.2, 18), smurf, head, stage.part(amount, 0.92, 1.0))


def _club_dues(stage: Stage) -> None:
    members = stage.neighbours(stage.count(4, 9))
    club = stage.one(Role.CHARITY, Role.PERSON, Role.OUT_PERSON)
    dues = stage.sum(60, 900)
    for member, when in zip(members, stage.spread(stage.start_us, 150, len(members)), strict=True):
        stage.pay(when, member, club, dues if stage.chance(0.7) else stage.part(dues, 0.5, 1.0))


def _wedding_gift(stage: Stage) -> None:
    guests = stage.neighbours(stage.count(3, 7))
    couple = stage.people()[0]
    for guest, when in zip(guests, stage.spread(stage.start_us, 120, len(guests)), strict=True):
        gift = stage.sum(100, 950)
        if stage.chance(0.4):
            stage.pay(when, stage.machine(), guest, max(500, gift // 500 * 500), Form.DEPOSIT)
            when = stage.after(when, 0.5, 40)
        stage.pay(when, guest, couple, gift)


def _takings(stage: Stage) -> None:
    trader = stage.one(Role.TRADER, ours=True)
    market = stage.one(Role.OUT_COMPANY, Role.COMPANY)
    for when in stage.spread(stage.start_us, 150, stage.count(2, 5)):
        takings = stage.sum(300, 990)
        stage.pay(when, stage.machine(), trader, max(500, takings // 500 * 500), Form.DEPOSIT)
        if stage.chance(0.6):
            stage.pay(stage.after(when, 2, 60), trader, market, stage.part(takings, 0.4, 0.95))


SCHEME = Scheme(
    name="smurfing",
    scenario="structuring-below-threshold",
    sentence="Several hands pay cash in below a limit and pass it to one account.",
    plan=_plan,
    known_days=(14.0, 0.8),
    twins=(
        Twin("club_dues", "Members pay a club the same dues within a week.", _club_dues),
        Twin("wedding_gift", "Guests give a couple money, some of it paid in as cash before.", _wedding_gift),
        Twin("takings", "A market trader pays in takings and pays for goods.", _takings),
    ),
)
