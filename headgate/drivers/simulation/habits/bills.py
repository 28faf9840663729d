"""What comes every month: rent and mortgages, direct debits, donations, savings, and money moved back."""

from __future__ import annotations

import numpy as np

from headgate.drivers.simulation.context import Today
from headgate.drivers.simulation.draws import as_people_write, lognormal_minor
from headgate.drivers.simulation.flow import Flow, flow
from headgate.drivers.simulation.forms import REMITTANCES, Form
from headgate.drivers.simulation.population import Role

_RENT = REMITTANCES.index("rent")
_SUBSCRIPTION = REMITTANCES.index("subscription")
_SAVINGS = REMITTANCES.index("savings")
_DONATION = REMITTANCES.index("donation")


def rents(today: Today) -> Flow:
    """Tenants pay their landlord by standing order; one in six pays from the joint account."""
    people, rng = today.population, today.rng
    due = today.calendar.is_due(today.day, people.rent_day)
    due = due[(people.landlord[due] >= 0) & ~people.dormant[due]]
    payer = np.where((people.joint[due] >= 0) & (due % 2 == 0), people.joint[due], due)
    by_hand = np.where(due % 7 == 0, int(Form.ONLINE), int(Form.STANDING))
    hours = today.calendar.times(rng, today.day, "machine", len(due))
    times = np.where(due % 7 == 0, today.calendar.times(rng, today.day, "online", len(due)), hours)
    return flow(times, payer, people.landlord[due], people.rent[due], by_hand, remittance=_RENT)


def debits(today: Today) -> Flow:
    """Billers collect by direct debit, amounts vary a little from month to month."""
    people, rng = today.population, today.rng
    flat = today.calendar.is_due(today.day, people.bill_day.ravel())
    person, column = np.divmod(flat, people.bill_day.shape[1])
    real = (people.biller[person, column] >= 0) & ~people.dormant[person]
    person, column = person[real], column[real]
    drift = np.where(column < 2, 1.0, rng.uniform(0.8, 1.25, len(person)))
    amount = np.rint(people.bill_amount[person, column] * drift).astype(np.int64)
    times = today.calendar.times(rng, today.day, "machine", len(person))
    return flow(times, person, people.biller[person, column], amount, Form.DEBIT, remittance=_SUBSCRIPTION)


def savings(today: Today) -> Flow:
    """Savers put money aside after payday, and fetch some of it back when they need it."""
    people, rng = today.population, today.rng
    aside = today.calendar.is_due(today.day, people.payday % 28 + 2)
    aside = aside[(people.savings[aside] >= 0) & ~people.dormant[aside]]
    savers = today.active[people.savings[today.active] >= 0]
    back, more = today.chance(savers, 0.03), today.chance(savers, 0.02)
    size = len(back) + len(more)
    by_hand = as_people_write(rng, lognormal_minor(rng, 260 * today.world.price, 0.9, size))
    payer = np.concatenate([aside, people.savings[back], more])
    payee = np.concatenate([people.savings[aside], back, people.savings[more]])
    amount = np.concatenate([people.saving_amount[aside], by_hand])
    form = np.repeat([int(Form.STANDING), int(Form.ONLINE)], [len(aside), size])
    times = np.concatenate(
        [
            today.calendar.times(rng, today.day, "machine", len(aside)),
            today.calendar.times(rng, today.day, "online", size),
        ]
    )
    return flow(times, payer, payee, amount, form, remittance=_SAVINGS)


def household(today: Today) -> Flow:
    """Couples feed their joint account, and it feeds them back now and then."""
    people, rng = today.population, today.rng
    couples = today.active[people.joint[today.active] >= 0]
    into, out = today.chance(couples, 0.045), today.chance(couples, 0.012)
    amount = as_people_write(rng, lognormal_minor(rng, 340 * today.world.price, 0.8, len(into) + len(out)))
    payer = np.concatenate([into, people.joint[out]])
    payee = np.concatenate([people.joint[into], out])
    times = today.calendar.times(rng, today.day, "online", len(payer))
    return flow(times, payer, payee, amount, Form.ONLINE)


def donations(today: Today) -> Flow:
    """Donors give monthly by standing order and now and then by hand."""
    people, rng = today.population, today.rng
    charities = people.of(Role.CHARITY)
    donor = np.flatnonzero((np.arange(people.people) % 6 == 0) & ~people.dormant)
    monthly = donor[np.isin(donor, today.calendar.is_due(today.day, people.bill_day[:, 0]))]
    once = today.chance(today.active, 0.002)
    payer = np.concatenate([monthly, once])
    fixed = np.array([500, 1000, 1500, 2000, 3000, 5000])[monthly % 6]
    amount = np.concatenate([fixed, as_people_write(rng, lognormal_minor(rng, 25 * today.world.price, 0.8, len(once)))])
    payee = np.concatenate([charities[monthly % len(charities)], rng.choice(charities, len(once))])
    form = np.repeat([int(Form.STANDING), int(Form.ONLINE)], [len(monthly), len(once)])
    times = today.calendar.times(rng, today.day, "online", len(payer))
    return flow(times, payer, payee, amount, form, remittance=_DONATION)


HABITS = (rents, debits, savings, household, donations)
