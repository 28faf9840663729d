"""Payroll fraud: salaries of several people go to one new account. Twins: new hires, a bonus beside the salary."""

from __future__ import annotations

import numpy as np

from headgate.drivers.simulation.forms import REMITTANCES, Form
from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage

_SALARY = REMITTANCES.index("salary")


def _plan(stage: Stage) -> None:
    firm = stage.one(Role.COMPANY, ours=True)
    (mule,) = stage.mules(1)
    held, now = 0, stage.start_us
    for _ in range(stage.count(2, 4)):
        amount = stage.sum(1500, 3600)
        now = stage.pay(now, firm, mule, amount, Form.BATCH, remittance=_SALARY)
        held += amount
    stage.forward(now, mule, stage.mules(1), stage.part(held, 0.85, 0.98), (1, 30))


def _new_hires(stage: Stage) -> None:
    """A firm pays its new people for the first time."""
    firm = stage.one(Role.COMPANY, ours=True)
    for person in stage.people(stage.count(1, 3), fresh=stage.chance(0.5)):
        stage.pay(stage.start_us, firm, person, int(stage.population.income[person]), Form.BATCH, remittance=_SALARY)


def _bonus(stage: Stage) -> None:
    """Somebody gets a bonus beside the salary, from the employer of years; a seasonal hand gets two weeks at once."""
    (person,) = stage.people()
    firm = int(stage.population.employer[person])
    if stage.chance(0.3):
        firm = stage.one(Role.COMPANY, ours=True)
    income = int(stage.population.income[person])
    for share in np.array([1.0, 0.4]):
        stage.pay(stage.start_us, firm, person, stage.write(income * share), Form.BATCH, remittance=_SALARY)


SCHEME = Scheme(
    name="payroll_fraud",
    scenario="payroll-fraud",
    sentence="A payroll is altered: the salaries of several people go to one new account.",
    plan=_plan,
    known_days=(6.0, 0.7),
    twins=(
        Twin("new_hires", "A firm pays new people for the first time.", _new_hires),
        Twin("bonus", "A bonus is paid beside the salary.", _bonus),
    ),
)
