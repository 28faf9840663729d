"""Mule ring: money comes to several mules, who pass it to a collector. Twins: marketplace sellers, payroll."""

from __future__ import annotations

from headgate.drivers.simulation.forms import REMITTANCES, Form
from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    members = stage.mules(stage.count(2, 7))
    (collector,) = stage.mules(1)
    one_source = stage.chance(0.5)
    source = stage.one(Role.OUT_COMPANY, Role.OUT_PERSON, Role.ABROAD)
    gathered, last = 0, stage.start_us
    for mule, when in zip(members, stage.spread(stage.start_us, 60 * stage.world.pace, len(members)), strict=True):
        amount = stage.sum(250, 2500)
        stage.pay(when, source if one_source else stage.people()[0], mule, amount)
        passed = stage.part(amount, 0.9, 0.99)
        last = max(last, stage.pay(stage.paced(when, 0.2, 20), mule, collector, passed))
        gathered += passed
    stage.forward(
        last, collector, [stage.one(Role.ABROAD, Role.OUT_PERSON)], stage.part(gathered, 0.8, 0.98), (0.3, 24)
    )


def _marketplace_sellers(stage: Stage) -> None:
    market = stage.one(Role.MARKETPLACE, ours=True)
    sellers = stage.people(stage.count(2, 7))
    wholesaler = stage.one(Role.OUT_COMPANY, Role.COMPANY)
    for seller, when in zip(sellers, stage.spread(stage.start_us, 10, len(sellers)), strict=True):
        payout = stage.sum(150, 1800)
        stage.pay(when, market, seller, payout, Form.BATCH, remittance=REMITTANCES.index("payout"))
        if stage.chance(0.8):
            stage.pay(stage.after(when, 3, 120), seller, wholesaler, stage.part(payout, 0.3, 1.0))


def _payroll_and_lodging(stage: Stage) -> None:
    firm = stage.one(Role.COMPANY, ours=True)
    team = stage.people(stage.count(3, 7))
    lodging = stage.one(Role.OUT_COMPANY, Role.OUT_PERSON, Role.PERSON)
    for worker, when in zip(team, stage.spread(stage.start_us, 5, len(team)), strict=True):
        pay = stage.sum(500, 2200)
        stage.pay(when, firm, worker, pay, Form.BATCH, remittance=REMITTANCES.index("salary"))
        if stage.chance(0.7):
            stage.pay(stage.after(when, 1, 100), worker, lodging, stage.part(pay, 0.2, 0.6))


SCHEME = Scheme(
    name="mule_ring",
    scenario="mule-ring-collector",
    sentence="One source pays several recruited accounts, which pass the money to one collector.",
    plan=_plan,
    known_days=(12.0, 0.8),
    twins=(
        Twin(
            "marketplace_sellers", "A marketplace pays sellers out, and they pay one wholesaler.", _marketplace_sellers
        ),
        Twin("payroll_and_lodging", "A firm pays its team, and the team pays one landlord.", _payroll_and_lodging),
    ),
)
