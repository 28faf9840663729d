"""Account takeover: a stranger in the account pays it out fast. Twins: a new phone, a move to a new home."""

from __future__ import annotations

from headgate.drivers.simulation.forms import Form
from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    (victim,) = stage.people()
    mules = stage.mules(stage.count(1, 3))
    now = stage.start_us
    if stage.chance(0.8):
        stage.happen(now, victim, "device_changed")
    if stage.chance(0.15):
        stage.happen(now - 3_600_000_000, victim, "sim_swapped")
    now = stage.paced(now, 0.1, 8)
    if stage.chance(0.35):
        stage.happen(stage.soon(now) - 240_000_000, victim, "limit_changed")
    loot = int(stage.population.income[victim] * stage.between(0.5, 2.5))
    if stage.chance(0.5):
        now = stage.soon(stage.pay(now, victim, mules[0], stage.part(loot, 0.6, 1.0), declined=True))
    pieces = stage.split(loot, max(len(mules), stage.count(2, 4)))
    for number, piece in enumerate(pieces):
        mule = mules[number % len(mules)]
        now = stage.pay(stage.paced(now, 0.03, 3), victim, mule, piece)
        if stage.chance(0.5):
            _cash_out(stage, now, mule, piece)


def _cash_out(stage: Stage, now: int, mule: int, amount: int) -> None:
    """The mule takes out cash or pays on to somebody behind it."""
    when = stage.paced(now, 0.2, 14)
    if stage.chance(0.3):
        stage.pay(when, mule, stage.machine(), max(2000, min(amount, 100_000) // 2000 * 2000), Form.WITHDRAWAL)
    else:
        stage.pay(when, mule, stage.mules(1)[0], stage.part(amount, 0.85, 0.99))


def _new_phone(stage: Stage) -> None:
    (owner,) = stage.people()
    stage.happen(stage.start_us, owner, "device_changed")
    now = stage.after(stage.start_us, 1, 100)
    if stage.chance(0.3):
        stage.happen(stage.soon(now) - 240_000_000, owner, "limit_changed")
    payee = stage.one(Role.TRADER, Role.OUT_PERSON, Role.OUT_COMPANY, Role.PERSON)
    amount = int(stage.population.income[owner] * stage.between(0.1, 1.2))
    if stage.chance(0.25):
        now = stage.soon(stage.pay(now, owner, payee, stage.write(amount), declined=True))
    for piece in stage.split(amount, stage.count(1, 3)):
        now = stage.pay(stage.after(now, 0.05, 20), owner, payee, piece)


def _moving_home(stage: Stage) -> None:
    (owner,) = stage.people()
    payees = [stage.one(Role.TRADER, Role.OUT_PERSON, Role.OUT_COMPANY) for _ in range(stage.count(3, 5))]
    if stage.chance(0.4):
        stage.happen(stage.start_us, owner, "limit_changed")
    savings = int(stage.population.savings[owner])
    total = int(stage.population.income[owner] * stage.between(0.5, 2.0))
    now = stage.start_us
    if savings >= 0:
        now = stage.pay(now, savings, owner, stage.write(total))
    for payee, piece in zip(payees, stage.split(total, len(payees)), strict=True):
        now = stage.pay(stage.after(now, 0.1, 15), owner, payee, piece)


SCHEME = Scheme(
    name="account_takeover",
    scenario="account-takeover-drain",
    sentence="Somebody else acts in a customer's account and pays it out to new payees within hours.",
    plan=_plan,
    known_days=(0.6, 0.9),
    twins=(
        Twin("new_phone", "A new phone, and soon after a first payment to somebody new.", _new_phone),
        Twin("moving_home", "Savings fetched and many new payees within two days, for a new home.", _moving_home),
    ),
)
