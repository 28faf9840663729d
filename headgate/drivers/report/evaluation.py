"""The report of an evaluation: its curves, its sentence at the top and its page.

One value of the evaluation enters; one self-contained HTML text leaves.
"""

from __future__ import annotations

from headgate.drivers.evaluation.calibration import Reliability
from headgate.drivers.evaluation.curves import Curve, ScoreOverTime
from headgate.drivers.evaluation.measure import OPERATING_BUDGET
from headgate.drivers.evaluation.result import Evaluation
from headgate.drivers.report.charts import Chart, Line, Mark, Tone
from headgate.drivers.report.figures import count, duration, percent
from headgate.drivers.report.page import render

_LEARNERS: dict[str, tuple[str, Tone]] = {
    "all": ("All", "all"),
    "raw": ("Raw row", "raw"),
    "scenarios": ("Scenarios", "scenarios"),
}


def evaluation_page(evaluation: Evaluation) -> str:
    """Return the report as HTML."""
    return render("evaluation.html", charts=charts(evaluation), e=evaluation, lede=lede(evaluation))


def lede(e: Evaluation) -> str:
    """Return the result in two or three sentences that need no table."""
    recall, precision = e.recall_at[OPERATING_BUDGET], e.precision_at[OPERATING_BUDGET]
    first = (
        f"Of {count(e.payments)} payments, {count(e.frauds)} are labelled as fraud. Reading the {OPERATING_BUDGET} "
        f"most suspicious of the test period finds {percent(recall)} of its frauds; {percent(precision)} of those "
        "alerts are right."
    )
    if not e.schemes.schemes:
        return first
    if not e.schemes.found:
        return f"{first} None of the {e.schemes.schemes} schemes had an alert."
    return (
        f"{first} {e.schemes.found} of {e.schemes.schemes} schemes had an alert, half of them within "
        f"{duration(e.schemes.hours_to_first_alert)} of their first payment."
    )


def charts(evaluation: Evaluation) -> tuple[Chart, ...]:
    """Return the charts of the report."""
    curves = evaluation.curves
    return (
        Chart(
            key="precision-recall",
            title="Precision and recall",
            x_title="Recall",
            y_title="Precision",
            x_kind="share",
            y_kind="share",
            lines=_learners(curves.precision_recall),
        ),
        Chart(
            key="recall-alerts",
            title="Recall by alerts a day",
            x_title="Alerts a day",
            y_title="Recall",
            x_kind="log",
            y_kind="share",
            lines=_learners(curves.recall_by_alerts),
        ),
        _time_chart(curves.score_over_time),
        _calibration_chart(evaluation.calibration),
    )


def _learners(curves: dict[str, Curve]) -> tuple[Line, ...]:
    return tuple(
        Line(label=label, tone=tone, x=curves[name].x, y=curves[name].y) for name, (label, tone) in _LEARNERS.items()
    )


def _time_chart(score: ScoreOverTime) -> Chart:
    days = score.top_fine.x or score.found.x or score.missed.x
    threshold = Curve(x=(days[0], days[-1]), y=(score.threshold, score.threshold))
    lines = (
        _line("Highest honest", "muted", score.top_fine),
        _line("Found", "good", score.found, "points"),
        _line("Missed", "bad", score.missed, "points"),
        Line(label="Threshold", tone="scenarios", x=threshold.x, y=threshold.y, dashed=True),
    )
    return Chart(key="time", title="Scores over time", x_title="Day", y_title="Score", x_kind="time", lines=lines)


def _line(label: str, tone: Tone, curve: Curve, mark: Mark = "line") -> Line:
    return Line(label=label, tone=tone, x=curve.x, y=curve.y, mark=mark)


def _calibration_chart(table: tuple[Reliability, ...]) -> Chart:
    x = [row.predicted for row in table]
    lines = (
        Line(label="As promised", tone="muted", x=(0.0, 1.0), y=(0.0, 1.0), dashed=True),
        Line(label="Observed", tone="all", x=x, y=[row.observed for row in table]),
        Line(label="Group", tone="all", x=x, y=[row.observed for row in table], mark="points"),
    )
    return Chart(
        key="calibration",
        title="Calibration",
        x_title="Promised probability",
        y_title="Observed fraud rate",
        x_kind="share",
        y_kind="share",
        lines=lines,
    )
