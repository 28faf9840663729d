"""Between people: friends, family abroad, strangers who sell something, tradesmen, money that is passed on."""

from __future__ import annotations

import numpy as np

from headgate.drivers.simulation.context import Today
from headgate.drivers.simulation.draws import Ints, as_people_write, lognormal_minor
from headgate.drivers.simulation.flow import Flow, flow, joined
from headgate.drivers.simulation.forms import REMITTANCES, Form
from headgate.drivers.simulation.population import FRIENDS, Role
from headgate.limits import US_PER_HOUR

_INVOICE = REMITTANCES.index("invoice")


def between_friends(today: Today) -> Flow:
    """Friends settle small sums, both ways; a few of their payments are large."""
    people, rng, world = today.population, today.rng, today.world
    who = today.chance(today.active, world.friend_rate * people.sociable[today.active])
    friend = people.friends[who, np.minimum(rng.geometric(0.35, len(who)) - 1, FRIENDS - 1)]
    median = np.where(rng.random(len(who)) < 0.1, 320.0, 19.0) * world.price
    amount = as_people_write(rng, lognormal_minor(rng, median, 0.8, len(who)))
    gets = rng.random(len(who)) < 0.4
    times = today.calendar.times(rng, today.day, "online", len(who), people.shift_hours[who])
    return flow(times, np.where(gets, friend, who), np.where(gets, who, friend), amount, Form.ONLINE)


def new_payees(today: Today) -> Flow:
    """A first payment to somebody: a tradesman, a private seller, a club, a firm; often a large one."""
    people, rng, world = today.population, today.rng, today.world
    who = today.chance(today.active, world.new_payee_rate)
    kinds = (Role.TRADER, Role.PERSON, Role.OUT_PERSON, Role.OUT_COMPANY, Role.COMPANY)
    kind = rng.choice(len(kinds), p=[0.3, 0.2, 0.3, 0.15, 0.05], size=len(who))
    payee = np.zeros(len(who), dtype=np.int64)
    for number, role in enumerate(kinds):
        payee = np.where(kind == number, rng.choice(people.of(role), len(who)), payee)
    median = np.where(rng.random(len(who)) < 0.45, 850.0, 75.0) * world.price
    amount = as_people_write(rng, lognormal_minor(rng, median, 0.9, len(who)))
    times = today.calendar.times(rng, today.day, "online", len(who), people.shift_hours[who])
    remittance = np.where(rng.random(len(who)) < 0.5, _INVOICE, 0)
    return _with_instalments(today, flow(times, who, payee, amount, Form.ONLINE, remittance=remittance))


def _with_instalments(today: Today, first: Flow) -> Flow:
    """One in four first payments is followed by a second within the day, as a deposit is by the rest."""
    again = first.take(today.rng.random(len(first)) < 0.25)
    later = again.ts_us + (today.rng.exponential(3.0, len(again)) * US_PER_HOUR).astype(np.int64)
    amount = as_people_write(
        today.rng, np.maximum((again.amount * today.rng.uniform(0.5, 2.5, len(again))).astype(np.int64), 100)
    )
    within = later < today.calendar.day_start_us(today.day + 1)
    return joined([first, again.replaced(ts_us=later, amount=amount).take(within)])


def family_abroad(today: Today) -> Flow:
    """Some send money to family in another country, some get it from there."""
    people, rng, world = today.population, today.rng, today.world
    senders = today.active[today.active % 9 == 0]
    who = today.chance(senders, 0.05)
    abroad = people.of(Role.ABROAD)
    there = abroad[(who + rng.integers(0, 2, len(who))) % len(abroad)]
    amount = as_people_write(rng, lognormal_minor(rng, 230 * world.price, 0.7, len(who)))
    gets = rng.random(len(who)) < 0.25
    currency = np.where(rng.random(len(who)) < 0.3, 1 + there % len(world.foreign), 0)
    times = today.calendar.times(rng, today.day, "online", len(who))
    payer, payee = np.where(gets, there, who), np.where(gets, who, there)
    return flow(times, payer, payee, amount, Form.ONLINE, currency=currency)


def passed_on(today: Today) -> Flow:
    """Somebody gets money and passes most of it on: a flatmate who pays for all, a parent, a treasurer."""
    people, rng, world = today.population, today.rng, today.world
    who = today.chance(today.active, 0.004)
    source = people.friends[who, rng.integers(0, FRIENDS, len(who))]
    target: Ints = np.where(
        rng.random(len(who)) < 0.5,
        people.friends[who, rng.integers(0, FRIENDS, len(who))],
        rng.choice(np.concatenate([people.of(Role.TRADER), people.of(Role.OUT_PERSON)]), len(who)),
    )
    amount = as_people_write(rng, lognormal_minor(rng, 240 * world.price, 1.0, len(who)))
    first = today.calendar.times(rng, today.day, "online", len(who))
    second = first + (rng.exponential(7.0, len(who)) * US_PER_HOUR).astype(np.int64) + 300_000_000
    keep = second < today.calendar.day_start_us(today.day + 1)
    rest = as_people_write(rng, np.maximum((amount * rng.uniform(0.3, 1.2, len(who))).astype(np.int64), 100))
    return flow(
        np.concatenate([first, second[keep]]),
        np.concatenate([source, who[keep]]),
        np.concatenate([who, target[keep]]),
        np.concatenate([amount, rest[keep]]),
        Form.ONLINE,
    )


HABITS = (between_friends, new_payees, family_abroad, passed_on)
