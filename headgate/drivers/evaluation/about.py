"""What each measure means, beside its unit: the words that go with every number to people and machines.

Sentences stand here once; the command, the report and the JSON show the same.
"""

from __future__ import annotations

import msgspec

from headgate.drivers.evaluation.intervals import Interval

Unit = str


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What one number needs to be understood.

    `interval` holds 95% of resamples drawn by day and by scheme: one pair, or a pair for each budget; None where
    it was not or could not be computed.
    """

    unit: Unit
    sentence: str
    interval: Interval | dict[str, Interval | None] | None = None


_RANK = "among the labelled payments of the test period"
_THRESHOLD = "at the threshold that alerted 0.5% of the payments of the validation period"

SENTENCES: dict[str, tuple[Unit, str]] = {
    "payments": ("payments", "Payments in the dataset."),
    "labelled": ("payments", "Payments with a label, fraud or fine."),
    "frauds": ("payments", "Payments labelled as fraud."),
    "prevalence": ("share", "Frauds among the labelled payments; a random ranking has this average precision."),
    "ap": ("share", f"Average precision of the model with facts and scenario points, {_RANK}."),
    "ap_raw": (
        "share",
        "Average precision of the same learner on the raw row: amount, currency, channel, rail, hour, weekday.",
    ),
    "ap_scenarios": ("share", "Average precision of the scenarios alone, ranked by their severity points."),
    "ap_above_raw": ("share", "How much average precision the full model adds to the raw row."),
    "ap_above_scenarios": ("share", "How much average precision the full model adds to the scenarios."),
    "ap_unseen": (
        "share",
        "Average precision over the frauds of schemes with no payment before the test period, and all fine payments.",
    ),
    "roc_auc": (
        "share",
        "Chance that a fraud ranks above a fine payment; says little when frauds are rare.",
    ),
    "precision_at": ("share", f"Frauds among the alerts when so many of the payments are read, {_RANK}."),
    "recall_at": ("share", f"Frauds found of all frauds when so many of the payments are read, {_RANK}."),
    "f1": ("share", "F1 at the threshold that was best on the validation period."),
    "value_detected": (
        "share",
        f"Share of the fraudulent amount that was alerted before it settled, {_THRESHOLD}.",
    ),
    "scheme_recall": ("share", f"Schemes of the test period with at least one alert, {_THRESHOLD}."),
    "scheme_recall_unseen": ("share", "The same for schemes with no payment before the test period."),
    "hours_to_first_alert": (
        "hours",
        "Median time from a scheme's first payment in the test period to its first alert, of the schemes found.",
    ),
    "payments_to_first_alert": (
        "payments",
        "Median payments of a scheme up to its first alert (1: its first payment), of the schemes found.",
    ),
    "ece": (
        "share",
        "Expected calibration error: mean gap between promised probability and observed fraud rate, 15 bins.",
    ),
    "alerts_per_day": ("alerts/day", f"Alerts a day in the test period, {_THRESHOLD}."),
    "recall_by_pattern": ("share", f"Fraudulent payments alerted, by type of pattern, {_THRESHOLD}."),
    "payments_per_second": (
        "payments/second",
        "Payments through the facts, in one process, with the patterns, on this machine.",
    ),
    "peak_rss_mb": ("MB", "Highest resident memory of the process, data and training included."),
    "seconds": ("seconds", "Wall time by step."),
}


def about(intervals: dict[str, Interval | None]) -> dict[str, About]:
    """Return the words for every measure, with the intervals that were computed (`name` or `name/budget`)."""
    return {name: About(unit=u, sentence=s, interval=_of(name, intervals)) for name, (u, s) in SENTENCES.items()}


def _of(name: str, intervals: dict[str, Interval | None]) -> Interval | dict[str, Interval | None] | None:
    parts = {key.partition("/")[2]: of for key, of in intervals.items() if key.startswith(f"{name}/")}
    return parts or intervals.get(name)
