"""Small sums in, cash out. Twins: a birthday present, a jumble sale."""

from __future__ import annotations

from headgate.drivers.simulation.forms import Form
from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _notes(amount: int) -> int:
    return max(1000, amount // 1000 * 1000)


def _plan(stage: Stage) -> None:
    collector = stage.people(1, fresh=stage.chance(0.3))[0]
    last, held = stage.collect(collector, 50, 150)
    for share in (0.45, 0.35):
        last = stage.pay(
            stage.paced(last, 1, 20), collector, stage.machine(), _notes(int(held * share)), Form.WITHDRAWAL
        )


def _birthday(stage: Stage) -> None:
    """Colleagues give to one of them, who buys a present, partly in cash."""
    keeper, *others = stage.neighbours(stage.count(4, 7))
    last, held = stage.start_us, 0
    for other, when in zip(others, stage.spread(stage.start_us, 90, len(others)), strict=True):
        amount = stage.sum(5, 40)
        last = stage.pay(when, other, keeper, amount)
        held += amount
    stage.pay(stage.after(last, 2, 60), keeper, stage.machine(), _notes(held // 2), Form.WITHDRAWAL)


def _jumble_sale(stage: Stage) -> None:
    """A private seller is paid small sums and takes cash out as always."""
    (seller,) = stage.people()
    for when in stage.spread(stage.start_us, 120, stage.count(3, 6)):
        stage.pay(when, stage.one(Role.PERSON, Role.OUT_PERSON), seller, stage.sum(5, 60))
    stage.pay(stage.after(stage.start_us, 60, 160), seller, stage.machine(), 5_000, Form.WITHDRAWAL)


SCHEME = Scheme(
    name="small_sums_cash",
    scenario="small-sums-cash",
    sentence="Small sums from many accounts are put together in a private account and taken out in cash.",
    plan=_plan,
    known_days=(30.0, 0.7),
    twins=(
        Twin("birthday", "Colleagues collect for a present, bought in cash.", _birthday),
        Twin("jumble_sale", "A private seller is paid small sums.", _jumble_sale),
    ),
)
