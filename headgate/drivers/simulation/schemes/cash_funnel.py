"""Cash funnel: cash paid in at many machines, gone at once. Twins: tips paid in, a flea-market stall."""

from __future__ import annotations

from headgate.drivers.simulation.forms import Form
from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _notes(stage: Stage, low: float, high: float) -> int:
    return max(500, stage.sum(low, high) // 500 * 500)


def _plan(stage: Stage) -> None:
    mule = stage.people(1, fresh=stage.chance(0.5))[0]
    stage.recruited.append(mule)
    payee = stage.one(Role.OUT_PERSON, Role.ABROAD)
    machines = stage.some(Role.CASH, 3)
    held = 0
    hours = stage.between(40, 140) * stage.world.pace
    for number, when in enumerate(stage.spread(stage.start_us, hours, stage.count(4, 9))):
        amount = _notes(stage, 250, 900)
        stage.pay(when, machines[number % len(machines)], mule, amount, Form.DEPOSIT)
        held += amount
        if number % 2:
            stage.pay(stage.paced(when, 0.2, 6), mule, payee, stage.part(held, 0.9, 0.99))
            held = 0


def _tips(stage: Stage) -> None:
    (waiter,) = stage.people()
    machine = stage.machine()
    for when in stage.spread(stage.start_us, 300, stage.count(2, 5)):
        stage.pay(when, machine, waiter, _notes(stage, 30, 260), Form.DEPOSIT)


def _stall(stage: Stage) -> None:
    """A private stall on a flea market: takings in at the next machine, and its rent out."""
    (seller,) = stage.people()
    for when in stage.spread(stage.start_us, 260, stage.count(2, 5)):
        takings = _notes(stage, 120, 700)
        stage.pay(when, stage.machine(), seller, takings, Form.DEPOSIT)
        if stage.chance(0.5):
            stage.pay(stage.after(when, 2, 60), seller, stage.one(Role.CHARITY, Role.OUT_COMPANY), takings // 5)


SCHEME = Scheme(
    name="cash_funnel",
    scenario="funnel-account-cash",
    sentence="Cash is paid into one account at several machines and sent away within hours.",
    plan=_plan,
    known_days=(12.0, 0.8),
    twins=(
        Twin("tips", "A waiter pays tips in.", _tips),
        Twin("stall", "A private stall on a flea market pays its takings in.", _stall),
    ),
)
