"""Cycle: money comes back to where it started. Twins: a savings circle, friends who settle, own accounts."""

from __future__ import annotations

from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    ring = stage.people(stage.count(3, 5))
    if stage.chance(0.4):
        ring[-1] = stage.one(Role.OUT_PERSON, Role.COMPANY)
    amount, now = stage.sum(500, 4000), stage.start_us
    slow = stage.chance(0.3)
    for payer, payee in zip(ring, [*ring[1:], ring[0]], strict=True):
        now = stage.pay(stage.paced(now, *((16, 120) if slow else (0.3, 20))), payer, payee, amount)
        amount = stage.part(amount, 0.9, 0.99)


def _savings_circle(stage: Stage) -> None:
    """Each round every member pays the one whose turn it is; after all rounds all are even."""
    members = stage.neighbours(stage.count(3, 4))
    share = stage.sum(80, 700)
    days = stage.between(5, 25)
    for round_number, holder in enumerate(members):
        start = stage.start_us + int(round_number * days * 86_400_000_000)
        for member in members:
            if member != holder:
                stage.pay(stage.after(start, 0.3, 30), member, holder, share)


def _settling(stage: Stage) -> None:
    ring = stage.neighbours(stage.count(3, 4))
    now = stage.start_us
    for payer, payee in zip(ring, [*ring[1:], ring[0]], strict=True):
        now = stage.pay(stage.after(now, 0.5, 120), payer, payee, stage.sum(30, 900))


def _own_accounts(stage: Stage) -> None:
    for person in stage.people(30):
        savings, joint = int(stage.population.savings[person]), int(stage.population.joint[person])
        if savings >= 0 and joint >= 0:
            amount = stage.sum(300, 3000)
            now = stage.pay(stage.start_us, savings, person, amount)
            now = stage.pay(stage.after(now, 0.2, 50), person, joint, stage.part(amount, 0.6, 1.0))
            stage.pay(stage.after(now, 5, 200), joint, savings, stage.part(amount, 0.3, 0.8))
            return


SCHEME = Scheme(
    name="cycle",
    scenario="temporal-cycle",
    sentence="Money goes round several accounts and comes back to the first, a little less at each step.",
    plan=_plan,
    known_days=(18.0, 0.8),
    twins=(
        Twin("savings_circle", "Members of a savings circle pay the one whose turn it is.", _savings_circle),
        Twin("settling", "Friends settle what they owe each other around a table.", _settling),
        Twin("own_accounts", "Savings, current and joint account of one person feed each other.", _own_accounts),
    ),
)
