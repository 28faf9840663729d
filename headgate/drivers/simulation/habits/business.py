"""Firms: payroll, suppliers, taxes, owners, incoming invoices, marketplaces that pay their sellers out."""

from __future__ import annotations

import numpy as np

from headgate.drivers.simulation.context import Today
from headgate.drivers.simulation.draws import as_people_write, lognormal_minor
from headgate.drivers.simulation.flow import Flow, empty, flow
from headgate.drivers.simulation.forms import REMITTANCES, Form
from headgate.drivers.simulation.population import Role

_INVOICE = REMITTANCES.index("invoice")
_SALARY = REMITTANCES.index("salary")
_TAX = REMITTANCES.index("tax")
_PAYOUT = REMITTANCES.index("payout")


def salaries(today: Today) -> Flow:
    """Employers pay on their people's payday, in one batch early in the day."""
    people, rng = today.population, today.rng
    due = today.calendar.is_due(today.day, people.payday)
    due = due[~people.dormant[due]]
    extra = np.where(rng.random(len(due)) < 0.1, rng.uniform(1.02, 1.4, len(due)), 1.0)
    amount = np.rint(people.income[due] * extra).astype(np.int64)
    times = today.calendar.times(rng, today.day, "machine", len(due))
    return flow(times, people.employer[due], due, amount, Form.BATCH, remittance=_SALARY)


def suppliers(today: Today) -> Flow:
    """Firms pay invoices on working days, mostly to the same few suppliers, some abroad in other currencies."""
    if not today.calendar.is_working_day(today.day):
        return empty()
    people, rng, world = today.population, today.rng, today.world
    row = today.chance(np.arange(len(people.firms)), 0.16)
    payee = people.suppliers[row, np.minimum(rng.geometric(0.4, len(row)) - 1, 5)]
    other = rng.choice(np.concatenate([people.of(Role.COMPANY), people.of(Role.OUT_COMPANY)]), len(row))
    payee = np.where(rng.random(len(row)) < 0.15, other, payee)
    amount = as_people_write(rng, lognormal_minor(rng, 640 * world.price, 1.2, len(row)))
    abroad = people.role[payee] == Role.ABROAD
    currency = np.where(abroad & (rng.random(len(row)) < 0.6), 1 + payee % len(world.foreign), 0)
    form = np.where(rng.random(len(row)) < 0.3, int(Form.BATCH), int(Form.OFFICE))
    times = today.calendar.times(rng, today.day, "office", len(row))
    return flow(times, people.firms[row], payee, amount, form, currency=currency, remittance=_INVOICE)


def incoming(today: Today) -> Flow:
    """Customers elsewhere pay the invoices of our firms and traders."""
    if not today.calendar.is_working_day(today.day):
        return empty()
    people, rng, world = today.population, today.rng, today.world
    ours = people.firms[people.ours[people.firms]]
    payee = today.chance(ours, 0.14)
    payers = np.concatenate([people.of(Role.OUT_COMPANY), people.of(Role.OUT_PERSON), people.of(Role.COMPANY)])
    payer = np.where(
        rng.random(len(payee)) < 0.7,
        payers[(payee * 7 + rng.integers(0, 5, len(payee))) % len(payers)],
        rng.choice(payers, len(payee)),
    )
    amount = lognormal_minor(rng, 520 * world.price, 1.1, len(payee))
    times = today.calendar.times(rng, today.day, "office", len(payee))
    return flow(times, payer, payee, as_people_write(rng, amount), Form.OFFICE, remittance=_INVOICE)


def taxes(today: Today) -> Flow:
    """Firms pay taxes in the middle of the month, people with a side income in a few months of the year."""
    people, rng, world = today.population, today.rng, today.world
    if today.calendar.date_of(today.day).day != 15:
        return empty()
    firm = people.firms[rng.random(len(people.firms)) < 0.8]
    person = today.active[rng.random(len(today.active)) < 0.03]
    payer = np.concatenate([firm, person])
    amount = lognormal_minor(rng, 480 * world.price, 1.0, len(payer))
    times = today.calendar.times(rng, today.day, "office", len(payer))
    offices = people.of(Role.TAX)
    return flow(times, payer, offices[payer % len(offices)], amount, Form.OFFICE, remittance=_TAX)


def drawings(today: Today) -> Flow:
    """Owners of small firms draw money for themselves and lend some back."""
    people, rng, world = today.population, today.rng, today.world
    small = np.concatenate([people.of(Role.TRADER), people.of(Role.SHOP)])
    firm = today.chance(small, 0.05)
    owner = firm * 13 % people.people
    back = rng.random(len(firm)) < 0.15
    amount = as_people_write(rng, lognormal_minor(rng, 700 * world.price, 0.8, len(firm)))
    times = today.calendar.times(rng, today.day, "online", len(firm))
    return flow(times, np.where(back, owner, firm), np.where(back, firm, owner), amount, Form.ONLINE)


def payouts(today: Today) -> Flow:
    """Marketplaces pay their sellers every Wednesday: traders, shops and people who sell on the side."""
    people, rng, world = today.population, today.rng, today.world
    if today.calendar.date_of(today.day).weekday() != 2:
        return empty()
    sellers = np.concatenate([people.of(Role.TRADER), people.of(Role.SHOP), today.active[today.active % 12 == 5]])
    sellers = sellers[rng.random(len(sellers)) < 0.4]
    market = people.of(Role.MARKETPLACE)
    amount = lognormal_minor(rng, 160 * world.price, 0.9, len(sellers))
    times = today.calendar.times(rng, today.day, "machine", len(sellers))
    return flow(times, market[sellers % len(market)], sellers, amount, Form.BATCH, remittance=_PAYOUT)


HABITS = (salaries, suppliers, incoming, taxes, drawings, payouts)
