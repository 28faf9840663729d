"""Days, weekdays, working days and the hours at which people and machines pay.

Times are int64 microseconds UTC; the simulated bank lives in UTC. Nothing here knows who pays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from headgate.drivers.simulation.draws import Floats, Ints, Rng, pick
from headgate.limits import US_PER_DAY, US_PER_HOUR

_OFFICE_HOURS = (0, 0, 0, 0, 0, 0, 0.5, 2, 6, 9, 10, 10, 6, 8, 10, 9, 7, 4, 1.5, 0.6, 0.3, 0.2, 0.1, 0)
_SHOP_HOURS = (0.6, 0.3, 0.2, 0.1, 0.2, 0.6, 2, 4, 6, 7, 8, 9, 11, 9, 8, 8, 9, 11, 12, 10, 7, 5, 3, 1.5)
_MACHINE_HOURS = (2, 4, 6, 8, 8, 6, 4, 2, 1, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.2, 0.5, 1)


def _cumulative(weights: tuple[float, ...]) -> Floats:
    total = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.asarray(total / total[-1])


@dataclass(frozen=True)
class Calendar:
    """The span of a simulation and its hours. `day` counts from 0; weekday 0 is Monday."""

    first_day: date
    days: int
    online_hours: tuple[float, ...]

    @cached_property
    def start_us(self) -> int:
        """The first microsecond of the span."""
        return (self.first_day - date(1970, 1, 1)).days * US_PER_DAY

    @property
    def end_us(self) -> int:
        """The first microsecond after the span."""
        return self.start_us + self.days * US_PER_DAY

    @cached_property
    def _tables(self) -> dict[str, Floats]:
        return {
            "online": _cumulative(self.online_hours),
            "office": _cumulative(_OFFICE_HOURS),
            "shop": _cumulative(_SHOP_HOURS),
            "machine": _cumulative(_MACHINE_HOURS),
        }

    def date_of(self, day: int) -> date:
        """The calendar date of a day of the span."""
        return self.first_day + timedelta(days=day)

    def day_start_us(self, day: int) -> int:
        """The first microsecond of a day."""
        return self.start_us + day * US_PER_DAY

    def is_working_day(self, day: int) -> bool:
        """Whether offices and payrolls run: Monday to Friday."""
        return self.date_of(day).weekday() < 5

    def is_due(self, day: int, day_of_month: Ints) -> Ints:
        """Indices whose monthly day falls on this day; days past the end of a month fall on its last."""
        today = self.date_of(day)
        if (today + timedelta(days=1)).month != today.month:
            return np.flatnonzero(day_of_month >= today.day)
        return np.flatnonzero(day_of_month == today.day)

    def times(self, rng: Rng, day: int, hours: str, size: int, shift_hours: Floats | float = 0.0) -> Ints:
        """Return `size` times on a day by the profile `online`, `office`, `shop` or `machine`."""
        hour = pick(rng, self._tables[hours], size) + rng.random(size) + shift_hours
        within = np.rint(np.mod(hour, 24.0) * US_PER_HOUR).astype(np.int64)
        return np.asarray(self.day_start_us(day) + np.minimum(within, US_PER_DAY - 1) // 1000 * 1000)

    def settle(self, rng: Rng, ts_us: int) -> int:
        """Move a time on until its hour is one at which people pay; each hour is kept by its activity."""
        peak = max(self.online_hours)
        while rng.random() * peak > 1.6 * self.online_hours[ts_us // US_PER_HOUR % 24]:
            ts_us += int(rng.uniform(0.2, 2.2) * US_PER_HOUR)
        return ts_us // 1000 * 1000
