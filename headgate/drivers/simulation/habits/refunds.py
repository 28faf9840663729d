"""Goods that are sent back: shops pay buyers back on the card. Only where the world has a rate of refunds."""

from __future__ import annotations

import numpy as np

from headgate.drivers.simulation.context import Today
from headgate.drivers.simulation.draws import lognormal_minor
from headgate.drivers.simulation.flow import Flow, empty, flow
from headgate.drivers.simulation.forms import REMITTANCES, Form


def refunds(today: Today) -> Flow:
    """Favourite shops pay back what their buyers return, at most what an order there usually costs."""
    if not today.world.refund_rate:
        return empty()
    people, rng = today.population, today.rng
    buyer = today.chance(today.active, today.world.refund_rate)
    column = np.where(rng.random(len(buyer)) < 0.6, 0, people.favourites.shape[1] - 1)
    amount = lognormal_minor(rng, 19.0 * today.world.price, 0.6, len(buyer))
    times = today.calendar.times(rng, today.day, "office", len(buyer))
    shop = people.favourites[buyer, column]
    return flow(times, shop, buyer, amount, Form.REFUND, remittance=REMITTANCES.index("refund"))


HABITS = (refunds,)
