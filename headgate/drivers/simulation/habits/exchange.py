"""People who buy crypto-assets: some do now and then, and sell a part of them again. Only where there are exchanges."""

from __future__ import annotations

import numpy as np

from headgate.drivers.simulation.context import Today
from headgate.drivers.simulation.draws import as_people_write, lognormal_minor
from headgate.drivers.simulation.flow import Flow, empty, flow
from headgate.drivers.simulation.forms import Form
from headgate.drivers.simulation.population import Role


def exchange_orders(today: Today) -> Flow:
    """One person in nine buys about twice a month, most of them at one exchange; every fifth order is a sale."""
    exchanges = today.population.of(Role.EXCHANGE)
    if not len(exchanges):
        return empty()
    rng = today.rng
    who = today.chance(today.active[today.active % 9 == 4], 0.07)
    usual = exchanges[who % len(exchanges)]
    exchange = np.where(rng.random(len(who)) < 0.85, usual, rng.choice(exchanges, len(who)))
    sells = rng.random(len(who)) < 0.2
    amount = as_people_write(rng, lognormal_minor(rng, 140 * today.world.price, 1.0, len(who)))
    times = today.calendar.times(rng, today.day, "online", len(who))
    return flow(times, np.where(sells, exchange, who), np.where(sells, who, exchange), amount, Form.ONLINE)


HABITS = (exchange_orders,)
