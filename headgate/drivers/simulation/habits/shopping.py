"""Shops and cash: card payments with favourites and a heavy tail of merchants, machines, takings of shops."""

from __future__ import annotations

import numpy as np

from headgate.drivers.simulation.context import Today
from headgate.drivers.simulation.draws import Ints, as_people_write, lognormal_minor, zipf_weights
from headgate.drivers.simulation.flow import Flow, flow
from headgate.drivers.simulation.forms import Form
from headgate.drivers.simulation.population import FAVOURITES, Role

_WEEKDAY = (0.9, 0.88, 0.92, 1.0, 1.2, 1.3, 0.8)
_MEDIAN = np.array([26, 21, 42, 48, 110, 160, 14, 7, 24, 38], dtype=np.float64)
_SPREAD = np.array([0.8, 0.6, 0.35, 0.7, 0.9, 0.9, 0.6, 0.8, 0.8, 0.9])
_MARKET_MEDIAN = 31.0
_ONLINE_CATEGORIES = (4, 5, 9)


def card_payments(today: Today) -> Flow:
    """People pay by card: three of four times at a favourite, else anywhere."""
    people, rng, world = today.population, today.rng, today.world
    active = today.active
    weekday = today.calendar.date_of(today.day).weekday()
    payer = today.chance(active, world.card_rate * _WEEKDAY[weekday] * people.spending[active])
    size = len(payer)
    column = rng.choice(FAVOURITES, p=zipf_weights(FAVOURITES, 1.0), size=size)
    anywhere = rng.choice(people.of(Role.SHOP), p=people.shop_weight, size=size)
    payee = np.where(rng.random(size) < 0.75, people.favourites[payer, column], anywhere)
    category = people.shop_category[payee]
    median = np.where(category < 0, _MARKET_MEDIAN, _MEDIAN[category]) * world.price
    amount = lognormal_minor(rng, median, 1.0, size)
    calm = np.where(category < 0, 0.8, _SPREAD[category])
    amount = np.maximum(np.rint(median * 100 * (amount / (median * 100)) ** calm), 50).astype(np.int64)
    online = np.isin(category, _ONLINE_CATEGORIES) | (category < 0) | (rng.random(size) < 0.06)
    foreign = np.where(rng.random(size) < 0.03, rng.integers(1, len(world.foreign) + 1, size), 0)
    times = today.calendar.times(rng, today.day, "shop", size, people.shift_hours[payer])
    form = np.where(online, int(Form.ONLINE_SHOP), int(Form.SHOP))
    return flow(times, payer, payee, amount, form, currency=foreign)


def withdrawals(today: Today) -> Flow:
    """People take cash from a machine near them, in notes."""
    people, rng = today.population, today.rng
    payer = today.chance(today.active, 0.045)
    notes = rng.choice(
        [2, 4, 5, 6, 10, 15, 20, 30, 50], p=[0.14, 0.2, 0.16, 0.14, 0.14, 0.06, 0.1, 0.04, 0.02], size=len(payer)
    )
    times = today.calendar.times(rng, today.day, "shop", len(payer), people.shift_hours[payer])
    return flow(times, payer, _machine(today, payer), notes.astype(np.int64) * 1000, Form.WITHDRAWAL)


def deposits(today: Today) -> Flow:
    """People pay cash in now and then; shops and traders bring their takings on working days."""
    people, rng, world = today.population, today.rng, today.world
    person = today.chance(today.active, 0.006)
    ours = people.firms[people.ours[people.firms] & (people.role[people.firms] != Role.COMPANY)]
    cash_heavy = ours[ours % 3 == 0]
    firm = today.chance(cash_heavy, 0.3) if today.calendar.is_working_day(today.day) else cash_heavy[:0]
    amount = np.concatenate(
        [
            lognormal_minor(rng, 210 * world.price, 0.8, len(person)),
            lognormal_minor(rng, 620 * world.price, 0.7, len(firm)),
        ]
    )
    payee = np.concatenate([person, firm])
    times = today.calendar.times(rng, today.day, "shop", len(payee))
    return flow(
        times, _machine(today, payee), payee, np.maximum(as_people_write(rng, amount) // 500 * 500, 500), Form.DEPOSIT
    )


def _machine(today: Today, account: Ints) -> Ints:
    machines = today.population.of(Role.CASH)
    elsewhere = today.rng.integers(0, len(machines), len(account))
    near = np.where(today.rng.random(len(account)) < 0.8, account, elsewhere)
    return np.asarray(machines[near % len(machines)])


HABITS = (card_payments, withdrawals, deposits)
