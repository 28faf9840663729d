"""The director: starts schemes and twins through the whole span and hands out what is due each day.

Schemes lie in a deck that is shuffled and dealt again and again; one starts as soon as the share of fraudulent
payments allows. So kinds are even, starts are spread, and the share is a ceiling. Memory holds running
episodes only.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from headgate.drivers.simulation.calendar import Calendar
from headgate.drivers.simulation.draws import stream
from headgate.drivers.simulation.flow import Flow, empty
from headgate.drivers.simulation.labels import known_from
from headgate.drivers.simulation.population import Population
from headgate.drivers.simulation.scheme import Plan, Scheme
from headgate.drivers.simulation.schemes import schemes
from headgate.drivers.simulation.stage import Happening, Planned, Stage
from headgate.drivers.simulation.worlds import World
from headgate.limits import US_PER_DAY

TWINS_PER_SCHEME = 6
_DELAY_DAYS = 2.5  # a scheme starts up to this long after it was dealt
_TWIN_DELAY_DAYS = 16.0
_ATTEMPTS = 8


@dataclass(frozen=True)
class Episode:
    """A scheme or twin that was started. `known_us` is when the bank learns of a scheme; None is never."""

    number: int
    name: str
    is_scheme: bool
    known_us: int | None
    last_us: int


@dataclass
class Director:
    """Starts episodes; `begin` a day first, then take what is `due` on it."""

    world: World
    calendar: Calendar
    population: Population
    seed: int

    def __post_init__(self) -> None:
        self._rng = stream(self.seed, "director")
        self._deck: list[Scheme] = []
        self._next: Scheme | None = None
        self._turn: dict[str, int] = defaultdict(int)
        self._started = 0
        self._fraud_planned = 0
        self._payments: dict[int, list[tuple[Planned, int]]] = defaultdict(list)
        self._happenings: dict[int, list[Happening]] = defaultdict(list)
        self._network: list[int] = []
        self.running: dict[int, Episode] = {}
        self.schemes_started = 0
        self.twins_started = 0

    @property
    def scale(self) -> float:
        """How large schemes are: small in a small world, so that it can hold several."""
        return float(np.clip((self.population.people / 2500) ** 0.35, 0.35, 1.6)) * self.world.size

    def begin(self, day: int, payments_by_tonight: float) -> None:
        """Start what the ceiling allows by tonight, and forget what is over."""
        start = self.calendar.day_start_us(day)
        self.running = {n: e for n, e in self.running.items() if e.last_us >= start}
        allowed = self.world.fraud_share * payments_by_tonight
        empty_handed = 0  # plans that lay wholly after the last day
        while self._fraud_planned < allowed and empty_handed < _ATTEMPTS:
            scheme = self._next or self._deal()
            stage = self._play(scheme.plan, day, _DELAY_DAYS, empty_handed)
            if self._fraud_planned + len(stage.payments) > allowed:
                self._next = scheme
                return
            self._next = None
            if stage.payments:
                self._enter(stage, scheme.name, scheme)
                self._start_twins(scheme, day)
                empty_handed = 0
            else:
                empty_handed += 1

    def due(self, day: int) -> tuple[Flow, list[Happening]]:
        """Return the payments and happenings of a day, and forget them."""
        planned, happenings = self._payments.pop(day, []), self._happenings.pop(day, [])
        if not planned:
            return empty(), happenings
        table = np.array(
            [
                (p.ts_us, p.payer, p.payee, p.amount, p.form, p.currency, p.remittance, n, p.remote, p.declined)
                for p, n in planned
            ],
            dtype=np.int64,
        )
        return Flow(*(np.ascontiguousarray(table[:, column]) for column in range(table.shape[1]))), happenings

    def _deal(self) -> Scheme:
        if not self._deck:
            played = self.world.repertoire
            known = (scheme for scheme in schemes() if not played or scheme.name in played)
            cards = [scheme for scheme in known for _ in range(scheme.weight)]
            self._deck = [cards[i] for i in self._rng.permutation(len(cards))]
        return self._deck.pop()

    def _play(self, plan: Plan, day: int, delay_days: float, attempt: int = 0) -> Stage:
        """Return the stage after a plan was played, with what lies outside the span cut off."""
        rng = stream(self.seed, "episode", self._started, attempt)
        room = self.calendar.days - day
        begin = self.calendar.day_start_us(day) + int(rng.uniform(0, min(delay_days, room)) * US_PER_DAY)
        begin = self.calendar.settle(rng, begin)
        stage = Stage(self.world, self.calendar, self.population, rng, begin, self.scale, network=self._network)
        plan(stage)
        stage.payments = [p for p in stage.payments if p.ts_us < self.calendar.end_us]
        first = self.calendar.day_start_us(day)
        stage.happenings = [h for h in stage.happenings if first <= h.ts_us < self.calendar.end_us]
        return stage

    def _start_twins(self, scheme: Scheme, day: int) -> None:
        for _ in range(TWINS_PER_SCHEME):
            twin = scheme.twins[self._turn[scheme.name] % len(scheme.twins)]
            self._turn[scheme.name] += 1
            for attempt in range(_ATTEMPTS):
                stage = self._play(twin.plan, day, _TWIN_DELAY_DAYS, attempt)
                if stage.payments:
                    self._enter(stage, twin.name, None)
                    break

    def _enter(self, stage: Stage, name: str, scheme: Scheme | None) -> None:
        known = None if scheme is None else known_from(stage.rng, scheme, self.world, stage.payments[0].ts_us)
        last = max(p.ts_us for p in stage.payments)
        episode = Episode(self._started, name, scheme is not None, known, last)
        self.running[episode.number] = episode
        self._started += 1
        if scheme is None:
            self.twins_started += 1
        else:
            self.schemes_started += 1
            self._fraud_planned += len(stage.payments)
            self._network = [*self._network, *stage.recruited][-max(12, self.population.people // 25) :]
        for payment in stage.payments:
            self._payments[self._day_of(payment.ts_us)].append((payment, episode.number))
        for happening in stage.happenings:
            self._happenings[self._day_of(happening.ts_us)].append(happening)

    def _day_of(self, ts_us: int) -> int:
        return (ts_us - self.calendar.start_us) // US_PER_DAY
