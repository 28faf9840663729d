"""Round-tripping: a firm's money goes abroad and comes back. Twins: a wrong order paid back, a deposit returned."""

from __future__ import annotations

from headgate.drivers.simulation.forms import REMITTANCES, Form
from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage

_INVOICE = REMITTANCES.index("invoice")


def _plan(stage: Stage) -> None:
    firm = stage.one(Role.COMPANY, Role.TRADER, ours=True)
    shell = stage.one(Role.ABROAD)
    now = stage.start_us
    for _ in range(stage.count(1, 3)):
        amount = stage.sum(2500, 12_000)
        now = stage.pay(now, firm, shell, amount, Form.OFFICE, remittance=_INVOICE)
        back = stage.part(amount, 0.88, 0.99)
        now = stage.pay(stage.paced(now, 30, 200), shell, firm, back, Form.OFFICE)
        now = stage.paced(now, 10, 100)


def _wrong_order(stage: Stage) -> None:
    """Goods from abroad go back, and the maker pays a part or all of the price back."""
    firm = stage.one(Role.COMPANY, Role.SHOP, ours=True)
    maker = stage.one(Role.ABROAD)
    amount = stage.sum(500, 8000)
    now = stage.pay(stage.start_us, firm, maker, amount, Form.OFFICE, remittance=_INVOICE)
    back = amount if stage.chance(0.4) else stage.part(amount, 0.2, 0.8)
    stage.pay(stage.after(now, 60, 400), maker, firm, back, Form.OFFICE)


def _two_ways(stage: Stage) -> None:
    """Two firms that buy from each other."""
    firm = stage.one(Role.COMPANY, Role.TRADER, ours=True)
    partner = stage.one(Role.ABROAD, Role.OUT_COMPANY)
    for when in stage.spread(stage.start_us, 500, stage.count(2, 4)):
        one, other = (firm, partner) if stage.chance(0.5) else (partner, firm)
        stage.pay(when, one, other, stage.sum(400, 6000), Form.OFFICE, remittance=_INVOICE)


SCHEME = Scheme(
    name="round_tripping",
    scenario="round-tripping",
    sentence="A firm pays an account abroad, and almost the same sum comes back as if it were new money.",
    plan=_plan,
    known_days=(40.0, 0.6),
    twins=(
        Twin("wrong_order", "Goods go back abroad, and the maker pays back.", _wrong_order),
        Twin("both_ways", "Two firms buy from each other.", _two_ways),
    ),
)
