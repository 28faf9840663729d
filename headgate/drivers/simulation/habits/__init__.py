"""Honest life: one file a side of it, each with functions from a day to a flow, listed in its `HABITS`.

A habit never knows of schemes. `honest_flow(today)` joins them all; a new file is found by its place here.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache

import numpy as np

from headgate.drivers.simulation.context import Today
from headgate.drivers.simulation.draws import Bools, Ints
from headgate.drivers.simulation.flow import Flow, joined

Habit = Callable[[Today], Flow]


@cache
def habits() -> tuple[Habit, ...]:
    """Return every habit, in the order of file names."""
    modules = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(h for name in modules for h in importlib.import_module(f"{__name__}.{name}").HABITS)


def honest_flow(today: Today) -> Flow:
    """Return all honest payments of a day, at most one side of each outside the bank, unsorted."""
    everything = joined([habit(today) for habit in habits()])
    population = today.population
    seen = population.ours[everything.payer] | population.ours[everything.payee]
    opened = (population.opened_us[everything.payer] < everything.ts_us) & (
        population.opened_us[everything.payee] < everything.ts_us
    )
    awake = _awake(today, everything.payer) & _awake(today, everything.payee)
    return everything.take(seen & opened & awake & (everything.payer != everything.payee))


def _awake(today: Today, account: Ints) -> Bools:
    """Dormant accounts see one payment in thirty of what others would."""
    people = today.population
    dormant = people.dormant[np.minimum(account, people.people - 1)] & (account < people.people)
    return ~dormant | (today.rng.random(len(account)) < 1 / 30)
