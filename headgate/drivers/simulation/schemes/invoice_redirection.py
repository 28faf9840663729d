"""Invoice redirection: a firm pays the bill of a known supplier to a new account. Twins: freelancers, new suppliers."""

from __future__ import annotations

from headgate.drivers.simulation.forms import REMITTANCES, Form
from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage

_INVOICE = REMITTANCES.index("invoice")


def _plan(stage: Stage) -> None:
    firm = stage.one(Role.COMPANY, Role.SHOP, Role.TRADER, ours=True)
    mule = stage.people(1, fresh=stage.chance(0.6))[0] if stage.chance(0.75) else stage.mules(1)[0]
    stage.recruited.append(mule)
    now = stage.start_us
    for _ in range(stage.count(1, 3)):
        amount = stage.sum(1500, 9000)
        now = stage.pay(now, firm, mule, amount, Form.OFFICE, remittance=_INVOICE)
        stage.forward(now, mule, stage.mules(1), stage.part(amount, 0.85, 0.98), (0.5, 20))
        now = stage.paced(now, 20, 120)


def _freelancer(stage: Stage) -> None:
    """A freelancer's first bills, paid to a private account."""
    firm = stage.one(Role.COMPANY, Role.SHOP, Role.TRADER, ours=True)
    (freelancer,) = stage.people()
    fee = stage.sum(150, 1800)
    now = stage.pay(stage.start_us, firm, freelancer, fee, Form.OFFICE, remittance=_INVOICE)
    if stage.chance(0.5):
        stage.pay(
            stage.after(now, 100, 500), firm, freelancer, stage.part(fee, 0.5, 1.5), Form.OFFICE, remittance=_INVOICE
        )


def _new_supplier(stage: Stage) -> None:
    firm = stage.one(Role.COMPANY, Role.SHOP, ours=True)
    supplier = stage.one(Role.OUT_COMPANY, Role.COMPANY, Role.TRADER)
    for when in stage.spread(stage.start_us, 500, stage.count(1, 3)):
        stage.pay(when, firm, supplier, stage.sum(400, 8000), Form.OFFICE, remittance=_INVOICE)


SCHEME = Scheme(
    name="invoice_redirection",
    scenario="invoice-redirection",
    sentence="A firm is made to pay the bill of a known supplier to an account that it never paid.",
    plan=_plan,
    known_days=(12.0, 0.8),
    twins=(
        Twin("freelancer", "A freelancer's first bills are paid to a private account.", _freelancer),
        Twin("new_supplier", "A firm pays a new supplier.", _new_supplier),
    ),
)
