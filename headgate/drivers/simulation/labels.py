"""When the bank learns the truth: hours after a takeover, days after a scam, weeks after laundering, or never.

Delays are lognormal by kind of scheme. A payment that nobody complained of for a week counts as fine.
"""

from __future__ import annotations

import math
from typing import Final

from headgate.drivers.simulation.draws import Rng
from headgate.drivers.simulation.scheme import Scheme
from headgate.drivers.simulation.worlds import World
from headgate.limits import US_PER_DAY, US_PER_HOUR

FINE_AFTER_US: Final = 7 * US_PER_DAY
_OVERLOOKED = 0.05  # of the payments of a scheme that was found


def known_from(rng: Rng, scheme: Scheme, world: World, first_us: int) -> int | None:
    """Return when a scheme is found, counted from its first payment; None for one that never is."""
    if rng.random() < world.never_known_share - _OVERLOOKED:
        return None
    median, spread = scheme.known_days
    days = median * math.exp(spread * float(rng.standard_normal()))
    return first_us + max(US_PER_HOUR, int(days * US_PER_DAY))


def known_at(rng: Rng, found_us: int | None, ts_us: int) -> int | None:
    """Return when one payment of a scheme becomes known: after the scheme and after itself; None is never."""
    if found_us is None or rng.random() < _OVERLOOKED:
        return None
    return max(found_us, ts_us) + int(rng.uniform(0.5, 30.0) * US_PER_HOUR)
