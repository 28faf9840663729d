"""What a habit may look at on one day: the world, the calendar, the population, the day and its numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headgate.drivers.simulation.calendar import Calendar
from headgate.drivers.simulation.draws import Bools, Ints, Rng
from headgate.drivers.simulation.population import Population
from headgate.drivers.simulation.worlds import World


@dataclass(frozen=True)
class Today:
    """One day as a habit sees it. `rng` is the habits' generator of this day."""

    world: World
    calendar: Calendar
    population: Population
    day: int
    rng: Rng

    @property
    def open(self) -> Bools:
        """Over accounts: opened before this day."""
        return np.asarray(self.population.opened_us < self.calendar.day_start_us(self.day))

    @property
    def active(self) -> Ints:
        """People whose account is open and in daily use."""
        population = self.population
        return np.flatnonzero(self.open[: population.people] & ~population.dormant)

    def chance(self, among: Ints, rate: float | np.ndarray[tuple[int], np.dtype[np.float64]]) -> Ints:
        """Return members, each as often as a Poisson count of its rate says."""
        return np.repeat(among, self.rng.poisson(rate, len(among)))
