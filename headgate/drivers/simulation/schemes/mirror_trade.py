"""Mirror payments: what a firm gets from abroad goes abroad again as an invoice. Twins: an import agent, freight."""

from __future__ import annotations

from headgate.drivers.simulation.forms import REMITTANCES, Form
from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage

_INVOICE = REMITTANCES.index("invoice")


def _plan(stage: Stage) -> None:
    firm = stage.one(Role.COMPANY, Role.TRADER, ours=True)
    source, sink = stage.some(Role.ABROAD, 2)
    now = stage.start_us
    for _ in range(stage.count(2, 4)):
        amount = stage.sum(1500, 9000)
        now = stage.pay(now, source, firm, amount, Form.OFFICE, remittance=_INVOICE)
        now = stage.pay(
            stage.paced(now, 2, 60), firm, sink, stage.part(amount, 0.95, 1.0), Form.OFFICE, remittance=_INVOICE
        )
        now = stage.paced(now, 10, 90)


def _import_agent(stage: Stage) -> None:
    """An agent orders abroad what clients here have paid for, and keeps a margin."""
    agent = stage.one(Role.TRADER, Role.COMPANY, ours=True)
    maker = stage.one(Role.ABROAD)
    for when in stage.spread(stage.start_us, 300, stage.count(1, 3)):
        order = stage.sum(600, 5000)
        stage.pay(when, stage.one(Role.OUT_COMPANY, Role.COMPANY), agent, order, Form.OFFICE, remittance=_INVOICE)
        stage.pay(
            stage.after(when, 5, 120), agent, maker, stage.part(order, 0.55, 0.9), Form.OFFICE, remittance=_INVOICE
        )


def _freight(stage: Stage) -> None:
    """An exporter is paid from abroad and pays freight and customs abroad out of it."""
    exporter = stage.one(Role.COMPANY, ours=True)
    buyer, carrier = stage.some(Role.ABROAD, 2)
    price = stage.sum(1500, 9000)
    now = stage.pay(stage.start_us, buyer, exporter, price, Form.OFFICE, remittance=_INVOICE)
    stage.pay(
        stage.after(now, 5, 120), exporter, carrier, stage.part(price, 0.1, 0.4), Form.OFFICE, remittance=_INVOICE
    )


SCHEME = Scheme(
    name="mirror_trade",
    scenario="trade-mirror-payments",
    sentence="What a firm gets from abroad leaves for somebody else abroad, almost to the cent, as an invoice.",
    plan=_plan,
    known_days=(40.0, 0.6),
    twins=(
        Twin("import_agent", "An agent orders abroad what clients here paid for.", _import_agent),
        Twin("freight", "An exporter pays freight out of what a buyer abroad paid.", _freight),
    ),
)
