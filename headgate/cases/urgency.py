"""What reading a case now can still save: the expected loss of its alerts, times the time left to stop or recall them.

Pure functions of cases and a clock. Payments are weighed, never accounts or people; nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from headgate.cases.case import Case, CaseAlert
from headgate.limits import US_PER_HOUR

# How long a recall has a chance: the FBI's Financial Fraud Kill Chain takes transfers of up to 72 hours.
RECALL_US: Final = 72 * US_PER_HOUR


def expected_loss_minor(alert: CaseAlert) -> float:
    """Return the amount in reference minor units times the calibrated probability; the whole of it without a model."""
    return max(0, alert.reference_minor) * (1.0 if alert.probability is None else alert.probability)


def time_left_us(alert: CaseAlert, now_us: int) -> int:
    """Return how long the money can still be stopped or recalled: until its hold has ended, and 72 hours from then."""
    leaves_us = alert.clock_us if alert.hold_expires_us is None else alert.hold_expires_us
    return max(0, leaves_us + RECALL_US - now_us)


def urgency(case: Case, now_us: int) -> float:
    """Return the sum over the alerts of expected loss times time left, in reference minor units times hours."""
    return sum(expected_loss_minor(alert) * (time_left_us(alert, now_us) / US_PER_HOUR) for alert in case.alerts)


def most_urgent(cases: Iterable[Case], now_us: int) -> tuple[Case, ...]:
    """Return the cases, the most urgent first; those without time left by value, and equal ones as they were opened."""
    return tuple(sorted(cases, key=lambda case: (-urgency(case, now_us), -case.value_minor, case.number)))
