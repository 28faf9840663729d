"""The report of a demonstration: a simulated bank, trained on its past, judged on its stream.

One value enters; one self-contained HTML text, or the rows of one table, leave.
"""

from __future__ import annotations

import msgspec

from headgate import __version__
from headgate.drivers.evaluation.curves import Curve
from headgate.drivers.evaluation.replayed import Replayed
from headgate.drivers.report.charts import Chart, Line, Tone
from headgate.drivers.report.figures import count, duration, percent
from headgate.drivers.report.page import render
from headgate.journal.currency import MINOR_DIGITS


class Demonstration(msgspec.Struct, frozen=True, kw_only=True):
    """A demonstration that ran. `known_frauds` were known when training ended; times are wall seconds by step."""

    world: str
    sentence: str
    seed: int
    customers: int
    accounts: int
    days: int
    trained_on: int
    known_frauds: int
    reference_currency: str
    cases_budget: float
    replayed: Replayed
    seconds: dict[str, float]
    peak_rss_mb: float


def demonstration_page(demonstration: Demonstration) -> str:
    """Return the report as HTML."""
    return render(
        "demonstration.html",
        charts=charts(demonstration),
        d=demonstration,
        o=demonstration.replayed,
        headgate_version=__version__,
        lede=lede(demonstration),
    )


def lede(d: Demonstration) -> str:
    """Return what happened in three sentences."""
    o = d.replayed
    return (
        f"A bank of {count(d.customers)} customers was simulated for {d.days} days, honest life, crime and honest "
        f"lookalikes of crime together. headgate learnt from the first {count(d.trained_on)} payments and then judged "
        f"{count(o.payments)} one by one, as they would have arrived, with a budget of {d.cases_budget:g} cases a day. "
        f"It found {o.schemes.found} of {o.schemes.schemes} schemes and held {percent(o.value_held)} of the fraudulent "
        "value before it settled."
    )


def table_rows(d: Demonstration) -> list[tuple[str, str]]:
    """Return the one table that the command prints: what it is, and its value."""
    o = d.replayed
    return [
        ("payments replayed", count(o.payments)),
        ("alerts a day", count(o.alerts_per_day)),
        (f"cases a day (budget {d.cases_budget:g})", count(o.cases_per_day)),
        ("precision of alerts at the budget", percent(o.precision)),
        ("recall of fraudulent payments at the budget", percent(o.recall)),
        ("precision of cases", percent(o.case_precision)),
        ("fraudulent value held before settlement", percent(o.value_held)),
        ("fraudulent value held or questioned", percent(o.value_asked)),
        ("schemes found of schemes present", f"{o.schemes.found} of {o.schemes.schemes}"),
        ("median time to the first alert of a scheme", duration(o.schemes.hours_to_first_alert)),
        ("median payments to the first alert of a scheme", count(o.schemes.payments_to_first_alert)),
    ]


def charts(d: Demonstration) -> tuple[Chart, ...]:
    """Return the charts of the report."""
    days = d.replayed.by_day
    budget = Curve(x=days.cases.x, y=tuple(float(d.cases_budget) for _ in days.cases.x))
    return (
        Chart(
            key="cases",
            x_title="Day",
            y_title="A day",
            x_kind="time",
            lines=(
                Line(label="Alerts", tone="muted", x=days.alerts.x, y=days.alerts.y, mark="steps"),
                Line(label="New cases", tone="all", x=days.cases.x, y=days.cases.y, mark="steps"),
                Line(label="Budget", tone="scenarios", x=budget.x, y=budget.y, dashed=True),
            ),
        ),
        Chart(
            key="value",
            x_title="Day",
            y_title=f"Value so far, {d.reference_currency}",
            x_kind="time",
            lines=(
                _money("Fraudulent", "bad", days.fraud_value, d.reference_currency),
                _money("Held before settlement", "good", days.held_value, d.reference_currency),
            ),
        ),
        Chart(
            key="scores",
            x_title="Day",
            y_title="Score",
            x_kind="time",
            lines=(
                Line(label="Highest honest", tone="muted", x=days.top_fine.x, y=days.top_fine.y),
                Line(label="Alerted", tone="good", x=d.replayed.found.x, y=d.replayed.found.y, mark="points"),
                Line(label="Missed", tone="bad", x=d.replayed.missed.x, y=d.replayed.missed.y, mark="points"),
                Line(label="Threshold", tone="scenarios", x=days.threshold.x, y=days.threshold.y, dashed=True),
            ),
        ),
    )


def _money(label: str, tone: Tone, minor: Curve, currency: str) -> Line:
    major = 10 ** MINOR_DIGITS[currency]
    return Line(label=label, tone=tone, x=minor.x, y=[None if y is None else y / major for y in minor.y], mark="steps")
