"""Bipartite: several accounts each pay the same others. Twins: parents of one school, colleagues at lunch."""

from __future__ import annotations

from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    senders, takers = stage.mules(stage.count(2, 4)), stage.mules(stage.count(2, 3))
    for sender in senders:
        amount = stage.sum(900, 4000)
        now = stage.pay(stage.paced(stage.start_us, 0.2, 40), stage.one(Role.OUT_COMPANY, Role.PERSON), sender, amount)
        for taker, piece in zip(takers, stage.split(stage.part(amount, 0.88, 0.99), len(takers)), strict=True):
            stage.pay(stage.paced(now, 0.2, 40), sender, taker, piece)


def _school(stage: Stage) -> None:
    """Parents pay the class fund, kept by one of them, and the football club."""
    keeper, *parents = stage.neighbours(stage.count(4, 7))
    club = stage.one(Role.CHARITY, Role.OUT_PERSON)
    fee, dues = stage.sum(15, 60), stage.sum(60, 260)
    for parent in parents:
        stage.pay(stage.after(stage.start_us, 1, 130), parent, keeper, fee)
        stage.pay(stage.after(stage.start_us, 1, 130), parent, club, dues)


def _colleagues(stage: Stage) -> None:
    """Friends who take turns to pay: everybody owes two of them."""
    one, other, *rest = stage.neighbours(stage.count(4, 6))
    for friend in rest:
        stage.pay(stage.after(stage.start_us, 1, 120), friend, one, stage.sum(10, 220))
        stage.pay(stage.after(stage.start_us, 1, 120), friend, other, stage.sum(10, 220))


SCHEME = Scheme(
    name="bipartite",
    scenario="bipartite-layers",
    sentence="Several accounts that were just paid each pay the same others.",
    plan=_plan,
    known_days=(16.0, 0.8),
    twins=(
        Twin("school", "Parents pay the class fund and the club.", _school),
        Twin("taking_turns", "Friends who took turns to pay are paid back.", _colleagues),
    ),
)
