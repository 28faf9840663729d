"""The simulation itself: day after day, habits and episodes are joined, served at the counter and written.

Memory holds the population and what is running, never the payments of more than a few days.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec
import numpy as np

from headgate.drivers.simulation import records
from headgate.drivers.simulation.calendar import Calendar
from headgate.drivers.simulation.context import Today
from headgate.drivers.simulation.counter import Counter
from headgate.drivers.simulation.director import Director
from headgate.drivers.simulation.draws import Ints, stream
from headgate.drivers.simulation.flow import joined
from headgate.drivers.simulation.habits import honest_flow
from headgate.drivers.simulation.population import build
from headgate.drivers.simulation.worlds import World
from headgate.drivers.simulation.writer import Writer
from headgate.errors import FieldError

MIN_CUSTOMERS = 60
MAX_CUSTOMERS = 5_000_000
MAX_DAYS = 3650


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What was written."""

    folder: str
    world: str
    seed: int
    days: int
    customers: int
    accounts: int
    payments: int
    fraud_payments: int
    fraud_share: float
    schemes: int
    twins: int
    sessions: int


@dataclass(frozen=True)
class Order:
    """What to simulate. `customers` or `payments` (about) says how large."""

    world: World
    days: int = 120
    seed: int = 1
    customers: int | None = None
    payments: int | None = None

    def people(self) -> int:
        """Return how many customers live in the world; raise FieldError for sizes that cannot be."""
        if not 2 <= self.days <= MAX_DAYS:
            raise FieldError(
                f"{self.days} days cannot be simulated", where="--days", repair=f"Ask for 2 to {MAX_DAYS} days."
            )
        people = self.customers
        if people is None:
            wished = 50_000 if self.payments is None else self.payments
            people = round(wished / (self.world.payments_per_customer_day * self.days))
        if not MIN_CUSTOMERS <= people <= MAX_CUSTOMERS:
            least = round(MIN_CUSTOMERS * self.world.payments_per_customer_day * self.days)
            raise FieldError(
                f"A world of {people} customers cannot be simulated",
                where="--payments or --customers",
                repair=f"Ask for {MIN_CUSTOMERS} to {MAX_CUSTOMERS} customers; "
                f"with {self.days} days the least is about {least} payments.",
            )
        return people


def simulate(order: Order, folder: Path, tick: Callable[[int], None] = lambda days: None) -> Summary:
    """Write the dataset folder that the order describes and return what was written. `tick` counts days."""
    people = order.people()
    world = order.world
    calendar = Calendar(date.fromisoformat(world.first_day), order.days, world.online_hours)
    population = build(world, calendar, people, order.seed)
    director = Director(world, calendar, population, order.seed)
    counter = Counter(population)
    fraud = payments = 0
    with Writer(folder) as writer:
        records.write_accounts(writer, world, population, order.seed)
        for day in range(order.days):
            rates = _rates(order, day)
            records.write_rates(writer, world, calendar, day, rates)
            usual = payments / day if day else people * world.payments_per_customer_day
            director.begin(day, payments + usual)
            today = Today(world, calendar, population, day, stream(order.seed, "habits", day))
            planned, happenings = director.due(day)
            dressed, sessions = counter.serve(today, joined([honest_flow(today), planned]), happenings, rates)
            fraud += records.write_payments(writer, today, dressed, director.running, payments, order.seed)
            records.write_sessions(writer, population, sessions)
            payments += len(dressed.flow)
            tick(1)
    return Summary(
        folder=str(folder),
        world=world.name,
        seed=order.seed,
        days=order.days,
        customers=people,
        accounts=len(population.role),
        payments=payments,
        fraud_payments=fraud,
        fraud_share=fraud / payments,
        schemes=director.schemes_started,
        twins=director.twins_started,
        sessions=writer.rows["sessions"],
    )


def _rates(order: Order, day: int) -> Ints:
    """Values of the currencies in millionths of home currency; a slow walk that depends on seed and day."""
    base = np.array([1.0, *(value for _, value in order.world.foreign)])
    walk = np.cumsum(stream(order.seed, "rates").standard_normal((order.days, len(base))), axis=0)[day] * 0.003
    walk[0] = 0.0
    rate: Ints = np.maximum(np.rint(base * (1 + np.tanh(walk)) * 1_000_000), 1).astype(np.int64)
    return rate
