"""The stage on which one episode, a scheme or a benign twin, is played: who takes part, when, and how much.

Schemes and twins use the same stage, so that both recruit the same people, write amounts alike and sleep at
night. An episode leaves planned payments and happenings (new phone, raised limit); it writes nothing itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from headgate.drivers.simulation.calendar import Calendar
from headgate.drivers.simulation.draws import Ints, Rng, as_people_write
from headgate.drivers.simulation.forms import Form
from headgate.drivers.simulation.population import Population, Role
from headgate.drivers.simulation.worlds import World
from headgate.limits import US_PER_DAY, US_PER_HOUR

_REMITTANCES = (0.7, 0.22, 0.0, 0.05, 0.0, 0.0, 0.03)  # what people choose where nothing is given


@dataclass(frozen=True)
class Planned:
    """One payment of an episode, to be made when its day comes."""

    ts_us: int
    payer: int
    payee: int
    amount: int
    form: Form
    currency: int
    remittance: int
    remote: bool
    declined: bool


@dataclass(frozen=True)
class Happening:
    """Something around an account that is no payment: `device_changed`, `limit_changed`, `sim_swapped`."""

    ts_us: int
    account: int
    event: str


@dataclass
class Stage:
    """One episode while it is planned. Times in microseconds, amounts in minor units of the home currency."""

    world: World
    calendar: Calendar
    population: Population
    rng: Rng
    start_us: int
    scale: float  # multiplies the number of accounts in an episode
    payments: list[Planned] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    network: list[int] = field(default_factory=list)  # accounts that earlier schemes recruited
    recruited: list[int] = field(default_factory=list)  # accounts that this one recruited

    # --- who ---------------------------------------------------------------------------------------------
    def people(self, count: int = 1, *, fresh: bool = False) -> list[int]:
        """Return distinct customers in daily use; `fresh` prefers accounts opened in the last 120 days."""
        population = self.population
        opened = population.opened_us[: population.people]
        fit = (opened < self.start_us - US_PER_DAY) & ~population.dormant
        weight = fit.astype(np.float64)
        if fresh:
            weight[fit & (opened > self.start_us - 120 * US_PER_DAY)] *= 40.0
        return [int(a) for a in self.rng.choice(population.people, count, replace=False, p=weight / weight.sum())]

    def neighbours(self, count: int) -> list[int]:
        """Return distinct customers who live near each other, as friends and colleagues do."""
        (middle,) = self.people()
        population = self.population
        span = min(population.people, max(40, 3 * count))
        near = (middle + np.arange(span) - span // 2) % population.people
        fit = near[(population.opened_us[near] < self.start_us - US_PER_DAY) & ~population.dormant[near]]
        if len(fit) < count:
            return self.people(count)
        return [int(a) for a in self.rng.choice(fit, count, replace=False)]

    def mules(self, count: int) -> list[int]:
        """Return distinct recruited accounts: newcomers often, at other banks sometimes, some used before.

        A handler often runs the account from a device of his own.
        """
        fresh = self.rng.random() < 2 * self.world.fresh_mule_share
        fresh_pool = self.people(count, fresh=fresh)
        pools = {
            "inside": fresh_pool,
            "outside": self.some(Role.OUT_PERSON, count),
            "used": [a for a in self.network if a not in fresh_pool],
        }
        chosen: list[int] = []
        for number in range(count):
            source = "outside" if self.chance(self.world.outside_mule_share) else "inside"
            mule = pools[source][number]
            known = [a for a in pools["used"] if a not in chosen]
            if known and self.chance(self.world.reused_mule_share):
                mule = known[int(self.rng.integers(len(known)))]
            chosen.append(mule)
            if self.chance(self.world.handled_mule_share):
                self.happen(self.start_us - int(self.between(0.2, 30) * US_PER_HOUR), mule, "device_changed")
        self.recruited.extend(chosen)
        return chosen

    def sleeper(self) -> int:
        """Return a customer whose account has been nearly unused."""
        fit = np.flatnonzero(self.population.dormant & (self._opened_people() < self.start_us - 200 * US_PER_DAY))
        return int(self.rng.choice(fit)) if len(fit) else self.people()[0]

    def _opened_people(self) -> Ints:
        return self.population.opened_us[: self.population.people]

    def some(self, role: Role, count: int = 1, *, ours: bool = False) -> list[int]:
        """Return distinct accounts of a role (fewer where there are fewer), open by now."""
        population = self.population
        group = population.of(role)
        fit = group[population.opened_us[group] < self.start_us - US_PER_DAY]
        if ours and population.ours[fit].any():
            fit = fit[population.ours[fit]]
        return [int(a) for a in self.rng.choice(fit, min(count, len(fit)), replace=False)]

    def one(self, *roles: Role, ours: bool = False) -> int:
        """Return one account of one of the roles."""
        return self.some(roles[int(self.rng.integers(len(roles)))], 1, ours=ours)[0]

    def machine(self) -> int:
        """Return a cash machine of the bank."""
        return self.one(Role.CASH)

    # --- how many, how much ------------------------------------------------------------------------------
    def chance(self, share: float) -> bool:
        """Return whether an event of that probability happens."""
        return bool(self.rng.random() < share)

    def count(self, least: int, most: int) -> int:
        """Return a number of accounts; `most` grows with the scale of the world, `least` stays."""
        top = max(least, round(least + (most - least) * self.scale))
        return int(self.rng.integers(least, top + 1))

    def between(self, low: float, high: float) -> float:
        """Return a number, even on the logarithmic scale."""
        return math.exp(self.rng.uniform(math.log(low), math.log(high)))

    def sum(self, low: float, high: float) -> int:
        """Return an amount between low and high major units at the price level of `harbour`, as people write it."""
        return self.write(self.between(low, high) * self.world.price * 100)

    def write(self, amount_minor: float) -> int:
        """Return an amount rounded as people round; never below one major unit."""
        exact = np.array([max(100, round(amount_minor))], dtype=np.int64)
        return int(as_people_write(self.rng, exact)[0])

    def part(self, amount_minor: int, low: float, high: float) -> int:
        """Return a part of an amount, as people write it."""
        return self.write(amount_minor * self.rng.uniform(low, high))

    def split(self, amount_minor: int, parts: int) -> list[int]:
        """Return an amount cut into parts of uneven size; the parts add up roughly."""
        shares = self.rng.dirichlet(np.full(parts, 8.0))
        return [self.write(amount_minor * share) for share in shares]

    # --- when --------------------------------------------------------------------------------------------
    def after(self, ts_us: int, low_hours: float, high_hours: float) -> int:
        """Return a time some hours later, even on the logarithmic scale, moved to when people are awake."""
        return self.calendar.settle(self.rng, ts_us + int(self.between(low_hours, high_hours) * US_PER_HOUR))

    def paced(self, ts_us: int, low_hours: float, high_hours: float) -> int:
        """As `after`, for crime: the pace of the world stretches or shortens it."""
        return self.after(ts_us, low_hours * self.world.pace, high_hours * self.world.pace)

    def soon(self, ts_us: int) -> int:
        """Return a time a few minutes later."""
        return ts_us + int(self.between(0.02, 0.4) * US_PER_HOUR) // 1000 * 1000

    def spread(self, ts_us: int, hours: float, count: int) -> list[int]:
        """Return `count` times over a stretch of hours, in order, when people are awake."""
        offsets = np.sort(self.rng.uniform(0, hours, count))
        return sorted(self.calendar.settle(self.rng, ts_us + int(o * US_PER_HOUR)) for o in offsets)

    def monthly(self, ts_us: int, months: int) -> list[int]:
        """Return times about a month apart."""
        return [self.after(ts_us + month * 30 * US_PER_DAY, 0.1, 30) for month in range(months)]

    # --- what --------------------------------------------------------------------------------------------
    def pay(
        self,
        ts_us: int,
        payer: int,
        payee: int,
        amount: int,
        form: Form = Form.ONLINE,
        *,
        remittance: int | None = None,
        remote: bool = False,
        declined: bool = False,
    ) -> int:
        """Plan a payment and return its time. What the bank cannot see, or is paid to oneself, is left out."""
        ours = self.population.ours
        if payer != payee and (ours[payer] or ours[payee]):
            foreign = self.population.role[payee] == Role.ABROAD and self.chance(0.4)
            currency = 1 + payee % len(self.world.foreign) if foreign else 0
            if self.population.role[payer] in (Role.COMPANY, Role.SHOP) and form is Form.ONLINE:
                form = Form.OFFICE
            if remittance is None:
                remittance = int(self.rng.choice(len(_REMITTANCES), p=_REMITTANCES))
            self.payments.append(Planned(ts_us, payer, payee, amount, form, currency, remittance, remote, declined))
        return ts_us

    def happen(self, ts_us: int, account: int, event: str) -> None:
        """Plan a happening on an account of the bank."""
        if self.population.ours[account]:
            self.happenings.append(Happening(ts_us, account, event))

    def collect(self, collector: int, low_hours: float, high_hours: float) -> tuple[int, int]:
        """Let many accounts, some of other banks, send small sums to one; return the last time and the total."""
        givers = self.people(self.count(6, 11))
        last, held = self.start_us, 0
        hours = self.between(low_hours, high_hours) * self.world.pace
        for giver, when in zip(givers, self.spread(self.start_us, hours, len(givers)), strict=True):
            source = giver if self.chance(0.6) else self.one(Role.OUT_PERSON)
            amount = self.sum(20, 130)
            last = self.pay(when, source, collector, amount)
            held += amount
        return last, held

    def forward(self, ts_us: int, holder: int, payees: Sequence[int], amount: int, hours: tuple[float, float]) -> int:
        """Let a holder pass an amount on to the payees in uneven parts, at their own times; return the last."""
        last = ts_us
        for payee, piece in zip(payees, self.split(amount, len(payees)), strict=True):
            last = max(last, self.pay(self.paced(ts_us, *hours), holder, payee, piece))
        return last
