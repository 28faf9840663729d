"""Who lives in a simulated world: accounts, their holders, and the ties that make habits.

Built once from a seed. Accounts are numbers; `ids` are random texts that tell nothing of role or order.
People come first (account number = person number), then savings, joint accounts, firms and outsiders.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from headgate.drivers.simulation.calendar import Calendar
from headgate.drivers.simulation.draws import Bools, Floats, Ints, Rng, lognormal_minor, stream, zipf_weights
from headgate.drivers.simulation.worlds import World
from headgate.limits import US_PER_DAY, US_PER_HOUR

FRIENDS = 8
FAVOURITES = 12
DEBITS = 6


class Role(IntEnum):
    """What an account is in the simulation; of these, only a coarse type reaches the account table."""

    PERSON = 0
    SAVINGS = 1
    JOINT = 2
    TRADER = 3
    COMPANY = 4
    SHOP = 5
    BILLER = 6
    TAX = 7
    MARKETPLACE = 8
    CHARITY = 9
    NOTARY = 10
    CASH = 11
    OUT_PERSON = 12
    OUT_COMPANY = 13
    ABROAD = 14
    EXCHANGE = 15


TYPE_OF_ROLE = {
    Role.PERSON: "current",
    Role.SAVINGS: "savings",
    Role.JOINT: "joint",
    Role.CASH: "internal",
}


@dataclass(frozen=True)
class Population:
    """Columns over accounts (role, ours, party, opened_us, country, ids) and over people (the rest)."""

    role: Ints
    ours: Bools
    party: Ints
    opened_us: Ints
    country: Ints  # 0 is home
    ids: list[str]
    income: Ints
    spending: Floats
    sociable: Floats
    shift_hours: Floats
    dormant: Bools
    savings: Ints  # account number or -1
    joint: Ints
    saving_amount: Ints
    employer: Ints
    payday: Ints
    landlord: Ints  # account number or -1
    rent: Ints
    rent_day: Ints
    friends: Ints  # people x FRIENDS
    favourites: Ints  # people x FAVOURITES
    biller: Ints  # people x DEBITS, account number or -1
    bill_amount: Ints
    bill_day: Ints
    shop_category: Ints  # over all accounts, -1 where none
    shop_weight: Floats  # over self.of(SHOP)
    suppliers: Ints  # firms x 6; firms are self.firms
    firms: Ints
    groups: tuple[Ints, ...]  # account numbers by role

    @property
    def people(self) -> int:
        """How many customers are persons."""
        return len(self.income)

    def of(self, role: Role) -> Ints:
        """The account numbers of a role."""
        return self.groups[role]


def _counts(people: int, world: World) -> dict[Role, int]:
    def share(of_people: float, least: int) -> int:
        return max(least, round(people * of_people))

    return {
        Role.PERSON: people,
        Role.SAVINGS: round(people * world.saver_share),
        Role.JOINT: round(people * world.joint_share / 2),
        Role.TRADER: share(0.05, 8),
        Role.COMPANY: share(0.04, 10),
        Role.SHOP: share(0.18, 40),
        Role.BILLER: share(0.01, 16),
        Role.TAX: 2,
        Role.MARKETPLACE: share(0.0006, 3),
        Role.CHARITY: share(0.006, 6),
        Role.NOTARY: share(0.004, 4),
        Role.CASH: share(0.006, 3),
        Role.OUT_PERSON: share(0.7, 60),
        Role.OUT_COMPANY: share(0.08, 30),
        Role.ABROAD: share(0.08, 30),
        Role.EXCHANGE: world.exchanges,
    }


_OURS_SHARE = {
    Role.PERSON: 1.0,
    Role.SAVINGS: 1.0,
    Role.JOINT: 1.0,
    Role.CASH: 1.0,
    Role.TRADER: 0.6,
    Role.COMPANY: 0.7,
    Role.SHOP: 0.35,
    Role.BILLER: 0.15,
    Role.MARKETPLACE: 0.67,
    Role.CHARITY: 0.6,
    Role.NOTARY: 0.7,
}


def _ids(rng: Rng, count: int) -> list[str]:
    numbers = np.unique(rng.integers(16**9, 16**10, size=count + count // 8 + 8))
    return [f"{number:010x}" for number in rng.permutation(numbers)[:count].tolist()]


def _opened(rng: Rng, count: int, newcomers: float, calendar: Calendar) -> Ints:
    """Old accounts are years old; a share opens in the 120 days before the span or in its first four fifths."""
    age_days = 60 + np.exp(rng.normal(7.4, 0.8, count))
    opened = calendar.start_us - (age_days * US_PER_DAY).astype(np.int64)
    new = rng.random(count) < newcomers
    recent = calendar.start_us + (rng.uniform(-120, 0.8 * calendar.days, count) * US_PER_DAY).astype(np.int64)
    midday = np.where(new, recent, opened) // US_PER_DAY * US_PER_DAY + 9 * US_PER_HOUR
    return midday + rng.integers(0, 8 * 3600, count) * 1_000_000


def _friends(rng: Rng, people: int, outsiders: Ints, share: float) -> Ints:
    """Friends live near each other on a ring, so that circles close; a share of them banks elsewhere."""
    step = np.rint(rng.normal(0, 12, (people, FRIENDS))).astype(np.int64)
    step[step == 0] = 1
    near = (np.arange(people)[:, None] + step) % people
    near = np.where(near == np.arange(people)[:, None], (near + 1) % people, near)
    home = (np.arange(people)[:, None] * len(outsiders)) // people
    spread = rng.integers(-8, 9, (people, FRIENDS))
    outside = outsiders[(home + spread) % len(outsiders)]
    return np.where(rng.random((people, FRIENDS)) < share, outside, near)


def _pairs(rng: Rng, people: int, count: int) -> tuple[Ints, Ints]:
    """Couples are neighbours of the ring; each person is in one couple at most."""
    first = np.sort(rng.permutation(people // 2)[:count]) * 2
    return first, first + 1


def _rounded_rent(rng: Rng, income: Ints) -> Ints:
    share = rng.uniform(0.18, 0.38, len(income))
    return np.maximum((income * share / 500).astype(np.int64) * 500, 15_000)


def build(world: World, calendar: Calendar, people: int, seed: int) -> Population:
    """Return the population of `people` customers; the same arguments give the same population."""
    rng = stream(seed, "population")
    counts = _counts(people, world)
    role = np.repeat(np.array([int(r) for r in counts], dtype=np.int64), list(counts.values()))
    groups = tuple(np.flatnonzero(role == r) for r in Role)
    total = len(role)
    ours = rng.random(total) < np.array([_OURS_SHARE.get(Role(r), 0.0) for r in range(len(Role))])[role]
    ours[groups[Role.MARKETPLACE][0]] = ours[groups[Role.NOTARY][0]] = True
    party = np.arange(total)
    savings, joint = np.full(people, -1), np.full(people, -1)
    savers = np.sort(rng.permutation(people)[: counts[Role.SAVINGS]])
    savings[savers] = groups[Role.SAVINGS]
    party[groups[Role.SAVINGS]] = savers
    first, other = _pairs(rng, people, counts[Role.JOINT])
    joint[first] = joint[other] = groups[Role.JOINT]
    party[groups[Role.JOINT]] = first
    opened = _opened(rng, total, world.newcomer_share, calendar)
    opened[groups[Role.SAVINGS]] = np.maximum(opened[groups[Role.SAVINGS]], opened[savers])
    opened[groups[Role.JOINT]] = np.maximum.reduce([opened[groups[Role.JOINT]], opened[first], opened[other]])
    opened[groups[Role.CASH]] = np.minimum(opened[groups[Role.CASH]], calendar.start_us - 900 * US_PER_DAY)
    country = np.where(rng.random(total) < 0.02, rng.integers(1, len(world.countries) + 1, total), 0)
    country[groups[Role.ABROAD]] = rng.integers(1, len(world.countries) + 1, counts[Role.ABROAD])
    income = lognormal_minor(rng, world.income_median, world.income_spread, people)
    employers = np.concatenate([groups[Role.COMPANY], groups[Role.COMPANY], groups[Role.OUT_COMPANY]])
    landlords = np.concatenate(
        [groups[Role.PERSON][:: max(1, people // 40)], groups[Role.OUT_PERSON][:40], groups[Role.OUT_COMPANY][:6]]
    )
    tenant = rng.random(people) < world.tenant_share
    rent_factor = np.maximum(income, lognormal_minor(rng, world.income_median, 0.2, people) // 2)
    billers = groups[Role.BILLER]
    debits = np.arange(DEBITS)[None, :] < rng.integers(2, DEBITS + 1, people)[:, None]
    shops = groups[Role.SHOP]
    shop_category = np.full(total, -1)
    shop_category[shops] = rng.choice(10, p=[0.24, 0.2, 0.08, 0.1, 0.05, 0.04, 0.06, 0.08, 0.07, 0.08], size=len(shops))
    shop_weight = rng.permutation(zipf_weights(len(shops), 0.85))
    market = groups[Role.MARKETPLACE]
    firms = np.concatenate([groups[Role.TRADER], groups[Role.COMPANY], shops])
    sellers_to_firms = np.concatenate([groups[Role.COMPANY], groups[Role.OUT_COMPANY], groups[Role.ABROAD]])
    favourites = shops[rng.choice(len(shops), p=shop_weight, size=(people, FAVOURITES))]
    favourites[:, -1] = rng.choice(market, people)
    return Population(
        role=role,
        ours=ours,
        party=party,
        opened_us=opened,
        country=country,
        ids=_ids(rng, total),
        income=income,
        spending=rng.gamma(4.0, 0.25, people),
        sociable=rng.gamma(1.2, 1 / 1.2, people),
        shift_hours=rng.normal(0, 1.3, people),
        dormant=rng.random(people) < world.dormant_share,
        savings=savings,
        joint=joint,
        saving_amount=np.maximum((income * rng.uniform(0.03, 0.2, people) / 1000).astype(np.int64) * 1000, 2000),
        employer=rng.choice(employers, people),
        payday=rng.choice(np.array(world.payday), people),
        landlord=np.where(tenant, rng.choice(landlords, people), -1),
        rent=_rounded_rent(rng, rent_factor),
        rent_day=rng.choice(np.array([1, 1, 2, 3, 5, 28]), people),
        friends=_friends(rng, people, groups[Role.OUT_PERSON], world.outside_friend_share),
        favourites=favourites,
        biller=np.where(debits, rng.choice(billers, (people, DEBITS)), -1),
        bill_amount=lognormal_minor(rng, 32.0 * world.price, 0.8, people * DEBITS).reshape(people, DEBITS),
        bill_day=rng.integers(1, 29, (people, DEBITS)),
        shop_category=shop_category,
        shop_weight=shop_weight,
        suppliers=rng.choice(sellers_to_firms, (len(firms), 6)),
        firms=firms,
        groups=groups,
    )
