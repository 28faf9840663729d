"""Card testing: stolen cards tried out with small sums. Twins: a mistyped number, a shop whose line is down."""

from __future__ import annotations

from headgate.drivers.simulation.forms import Form
from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    if stage.chance(0.7):
        _one_card(stage)
    else:
        _list_of_cards(stage)


def _one_card(stage: Stage) -> None:
    """One card at two or three shops, declined again and again; what goes through is used once, larger."""
    (victim,) = stage.people()
    shops = stage.some(Role.SHOP, stage.count(2, 3))
    now, last = stage.start_us, stage.count(6, 11) - 1
    for number in range(last + 1):
        declined = number < last - 1 and stage.chance(0.9)
        shop = shops[number % len(shops)]
        stage.pay(now, victim, shop, stage.sum(1, 18), Form.ONLINE_SHOP, declined=declined)
        now = stage.soon(now)


def _list_of_cards(stage: Stage) -> None:
    """A list of cards at one small merchant, within the hour."""
    (merchant,) = stage.some(Role.CHARITY)
    now = stage.start_us
    for victim in stage.people(min(stage.count(22, 30), stage.population.people // 3)):
        stage.pay(now, victim, merchant, stage.sum(1, 5), Form.ONLINE_SHOP, declined=stage.chance(0.93))
        now += int(stage.between(0.005, 0.05) * 3_600_000_000) // 1000 * 1000


def _mistyped(stage: Stage) -> None:
    (buyer,) = stage.people()
    (shop,) = stage.some(Role.SHOP)
    price, now = stage.sum(8, 160), stage.start_us
    for _ in range(stage.count(1, 4)):
        stage.pay(now, buyer, shop, price, Form.ONLINE_SHOP, declined=True)
        now = stage.soon(now)
    stage.pay(now, buyer, shop, price, Form.ONLINE_SHOP)


def _line_down(stage: Stage) -> None:
    """The shop's line fails for half an hour; its buyers are declined, and most try again later."""
    (shop,) = stage.some(Role.SHOP)
    for buyer in stage.people(stage.count(5, 12)):
        price = stage.sum(5, 70)
        now = stage.start_us + int(stage.between(0.01, 0.5) * 3_600_000_000) // 1000 * 1000
        stage.pay(now, buyer, shop, price, Form.SHOP, declined=True)
        if stage.chance(0.7):
            stage.pay(stage.after(now, 0.3, 20), buyer, shop, price, Form.SHOP)


SCHEME = Scheme(
    name="card_testing",
    scenario="card-testing-by-declines",
    sentence="Stolen cards are tried out with small sums until one goes through.",
    plan=_plan,
    known_days=(3.0, 0.8),
    twins=(
        Twin("mistyped", "A buyer mistypes the number of a card a few times.", _mistyped),
        Twin("line_down", "A shop's line fails, its buyers are declined and come again.", _line_down),
    ),
)
