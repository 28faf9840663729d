"""One number to rank payments by, with a model and without, and the draw of the randomised samples.

Pure functions of one payment, its fired scenarios and its margin. No state; nothing about a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Final

from headgate.decisions.policy import SEVERITIES, Policy
from headgate.decisions.threshold import Allowance
from headgate.scenarios.firing import Fired
from headgate.scenarios.scenario import POINTS

HALF_SHARE_MINOR: Final = 100_000  # the amount, in reference minor units, that counts half a point
SEVERITY_ORDER: Final = {severity: place for place, severity in enumerate(SEVERITIES)}

START_WITH_MODEL: Final = 0.0  # even odds, until a day has closed
START_WITHOUT_MODEL: Final = POINTS["high"]  # one scenario of high severity, until a day has closed
LEAST_POINTS: Final = POINTS["low"]  # without a model, a payment on which nothing fired is never an alert


def rank_with_model(margin: float, fired: Iterable[Fired], log_odds: Mapping[str, float]) -> float:
    """Return the margin plus the log odds of the most severe fired scenario.

    Only the highest counts: scenarios that see the same money would otherwise count it twice.
    """
    return margin + max((log_odds[each.severity] for each in fired), default=0.0)


def rank_without_model(fired: Iterable[Fired], amount_minor: int) -> float:
    """Return the points of the fired scenarios plus a share below 1 that rises with the amount; 0 where none fired."""
    points = sum(POINTS[each.severity] for each in fired)
    if not points:
        return 0.0
    amount = max(0, amount_minor)
    return points + amount / (amount + HALF_SHARE_MINOR)


def allowance(policy: Policy, with_model: bool) -> Allowance:
    """Return what the line must keep; the sample below the line is paid out of the budget."""
    cases = policy.budget.cases_per_day * (1 - policy.control.below_share)
    least = float("-inf") if with_model else LEAST_POINTS
    return Allowance(cases, policy.budget.largest_share, least)


def draws(salt: str, tx_id: str) -> tuple[float, float]:
    """Return two even draws from [0, 1) that belong to this payment for ever: below the line, above the line."""
    digest = blake2b(tx_id.encode(), digest_size=16, key=salt.encode()[:64]).digest()
    return int.from_bytes(digest[:6], "big") / 2**48, int.from_bytes(digest[8:14], "big") / 2**48
