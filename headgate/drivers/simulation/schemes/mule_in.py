"""Mule account filled: a young account takes its first large sum. Twins: a first grant, the sale of a bicycle."""

from __future__ import annotations

from headgate.drivers.simulation.forms import Form
from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _young(stage: Stage) -> int:
    """Return the account of a customer who came in the last months, if any."""
    return stage.people(1, fresh=True)[0]


def _plan(stage: Stage) -> None:
    mule = _young(stage)
    stage.recruited.append(mule)
    now, held = stage.start_us, 0
    for _ in range(stage.count(1, 3)):
        amount = stage.sum(900, 4500)
        source = stage.one(Role.PERSON, Role.OUT_PERSON)
        now = stage.pay(stage.paced(now, 0.5, 30), source, mule, amount)
        held += amount
    for _ in range(stage.count(2, 4)):
        now = stage.paced(now, 2, 40)
        notes = min(stage.part(held, 0.2, 0.35), 100_000) // 2000 * 2000
        stage.pay(now, mule, stage.machine(), max(2000, notes), Form.WITHDRAWAL)


def _grant(stage: Stage) -> None:
    """A newcomer's first grant, and help from home."""
    student = _young(stage)
    now = stage.pay(stage.start_us, stage.one(Role.OUT_COMPANY, Role.CHARITY), student, stage.sum(600, 2500))
    now = stage.pay(stage.after(now, 5, 120), stage.one(Role.OUT_PERSON, Role.PERSON), student, stage.sum(150, 1200))
    for _ in range(stage.count(1, 3)):
        now = stage.after(now, 5, 120)
        payee = stage.one(Role.OUT_COMPANY, Role.TRADER, Role.OUT_PERSON)
        stage.pay(now, student, payee, stage.sum(60, 600))


def _bicycle(stage: Stage) -> None:
    """Somebody new in town sells what does not fit in, and keeps the money."""
    seller = _young(stage)
    for when in stage.spread(stage.start_us, 100, stage.count(1, 2)):
        stage.pay(when, stage.one(Role.PERSON, Role.OUT_PERSON), seller, stage.sum(150, 1600))
    stage.pay(stage.after(stage.start_us, 20, 200), seller, stage.machine(), 20_000, Form.WITHDRAWAL)


SCHEME = Scheme(
    name="mule_in",
    scenario="mule-first-inflow",
    sentence="A young account takes in its first large sums from strangers and is emptied in cash.",
    plan=_plan,
    known_days=(6.0, 0.8),
    twins=(
        Twin("first_grant", "A newcomer's first grant comes, and help from home.", _grant),
        Twin("bicycle_sold", "A newcomer sells something dear and takes some of it in cash.", _bicycle),
    ),
)
