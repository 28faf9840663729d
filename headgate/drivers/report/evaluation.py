"""The report of an evaluation: its curves, its sentence at the top and its page.

One value of the evaluation enters; one self-contained HTML text leaves.
"""

from __future__ import annotations

from collections.abc import Callable

from headgate.drivers.evaluation.calibration import Reliability
from headgate.drivers.evaluation.curves import Band, Curve, ScoreOverTime
from headgate.drivers.evaluation.measure import OPERATING_BUDGET
from headgate.drivers.evaluation.result import Evaluation
from headgate.drivers.evaluation.schemes import SchemesFound
from headgate.drivers.report.charts import Chart, Line, Mark, Tone
from headgate.drivers.report.figures import between, count, decimal, duration, percent
from headgate.drivers.report.page import render

_LEARNERS: dict[str, tuple[str, Tone]] = {
    "all": ("All", "all"),
    "raw": ("Raw row", "raw"),
    "scenarios": ("Scenarios", "scenarios"),
    "gfp": ("IBM graph features", "other"),
}
_FORMS: dict[str, Callable[[float | None], str]] = {
    "decimal": decimal,
    "percent": percent,
    "count": count,
    "duration": duration,
}
# measure, how it is shown, what it is called on a terminal
_SUMMARY = (
    ("ap", "decimal", "average precision"),
    ("ap_raw", "decimal", "  of the raw row, same learner"),
    ("ap_scenarios", "decimal", "  of the scenarios alone"),
    ("ap_above_raw", "decimal", "  above the raw row, in pairs"),
    ("ap_above_scenarios", "decimal", "  above the scenarios, in pairs"),
    ("ap_unseen", "decimal", "  over schemes unseen before the test period"),
    ("roc_auc", "decimal", "ROC area"),
    ("precision_at", "percent", "precision, reading"),
    ("recall_at", "percent", "recall, reading"),
    ("f1", "decimal", "F1"),
    ("value_detected", "percent", "value detected before settlement"),
    ("scheme_recall", "percent", "schemes found"),
    ("scheme_recall_unseen", "percent", "  of those unseen before the test period"),
    ("payments_to_first_alert", "count", "payments to the first alert of a scheme"),
    ("hours_to_first_alert", "duration", "time to the first alert of a scheme"),
    ("ece", "decimal", "calibration error"),
    ("alerts_per_day", "count", "alerts a day"),
    ("payments_per_second", "count", "payments a second through the facts"),
    ("peak_rss_mb", "count", "peak memory, MB"),
)


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
    return f"{first} {e.schemes.found} of {e.schemes.schemes} schemes had an alert, {_soon(e.schemes)}."


def _soon(schemes: SchemesFound) -> str:
    if schemes.payments_to_first_alert == 1:
        return "half of them or more on their first payment"
    return f"half of them within {duration(schemes.hours_to_first_alert)} of their first payment"


def charts(evaluation: Evaluation) -> tuple[Chart, ...]:
    """Return the charts of the report."""
    curves = evaluation.curves
    return (
        Chart(
            key="precision-recall",
            x_title="Recall",
            y_title="Precision",
            x_kind="share",
            y_kind="share",
            lines=(*_learners(curves.precision_recall), *_band(curves.precision_bands.get("all"))),
        ),
        Chart(
            key="recall-alerts",
            x_title="Alerts a day",
            y_title="Recall",
            x_kind="log",
            y_kind="share",
            lines=_learners(curves.recall_by_alerts),
        ),
        Chart(
            key="value-alerts",
            x_title="Alerts a day",
            y_title="Value",
            x_kind="log",
            y_kind="share",
            lines=_learners(curves.value_by_alerts),
        ),
        Chart(
            key="found-hours",
            x_title="Hours since the first payment of the scheme",
            y_title="Schemes found",
            x_kind="log",
            y_kind="share",
            lines=_learners(curves.found_by_hours),
        ),
        _time_chart(curves.score_over_time),
        _calibration_chart(evaluation.calibration),
    )


def _learners(curves: dict[str, Curve]) -> tuple[Line, ...]:
    return tuple(
        Line(label=label, tone=tone, x=curves[name].x, y=curves[name].y)
        for name, (label, tone) in _LEARNERS.items()
        if name in curves
    )


def _band(band: Band | None) -> tuple[Line, ...]:
    if band is None:
        return ()
    edges = (("All, 95% from", band.low), ("to", band.high))
    return tuple(Line(label=label, tone="all", x=band.x, y=y, dashed=True) for label, y in edges)


def _time_chart(score: ScoreOverTime) -> Chart:
    days = score.top_fine.x or score.found.x or score.missed.x
    threshold = Curve(x=(days[0], days[-1]), y=(score.threshold, score.threshold))
    lines = (
        _line("Highest honest", "muted", score.top_fine),
        _line("Found", "good", score.found, "points"),
        _line("Missed", "bad", score.missed, "points"),
        Line(label="Threshold", tone="scenarios", x=threshold.x, y=threshold.y, dashed=True),
    )
    return Chart(key="time", x_title="Day", y_title="Score", x_kind="time", lines=lines)


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
        x_title="Promised probability",
        y_title="Observed fraud rate",
        x_kind="share",
        y_kind="share",
        lines=lines,
    )


def summary_rows(e: Evaluation) -> list[tuple[str, str, str]]:
    """Return the measures as rows of text: what it is, value, interval."""
    rows = []
    for name, form, title in _SUMMARY:
        value, interval = getattr(e, name), e.about[name].interval
        if isinstance(value, dict):
            spans = interval if isinstance(interval, dict) else {}
            for budget, part in value.items():
                rows.append((f"{title} {budget}", _FORMS[form](part), between(spans.get(budget), form)))
        else:
            span = interval if isinstance(interval, tuple) else None
            rows.append((title, _FORMS[form](value), between(span, form)))
    return rows


Rows = list[tuple[str, ...]]


def full_tables(e: Evaluation) -> list[tuple[str, tuple[str, ...], Rows]]:
    """Return the baseline of IBM's graph features where it was measured, and what `--full` added, as tables of text:
    title, columns, rows."""
    gfp = e.gfp
    above = (decimal(gfp.ap), between(gfp.ap_interval), decimal(gfp.ap_above), between(gfp.ap_above_interval))
    heads = ("AP", "95% interval", "all above", "95% interval, in pairs")
    measured: list[tuple[str, tuple[str, ...], Rows]] = [("IBM's graph features, same learner", heads, [above])]
    if gfp.why_not:
        measured = [("IBM's graph features", ("",), [(gfp.why_not,)])] if e.full else []
    if e.full is None:
        return measured
    ablation: Rows = [
        (row.family, str(row.facts), decimal(row.ap), decimal(row.lost), between(row.lost_interval))
        for row in e.full.ablation
    ]
    delays: Rows = [
        (f"{row.days:g}", str(row.known_frauds), decimal(row.ap), between(row.ap_interval) or row.why_not)
        for row in e.full.delays
    ]
    canary = e.full.canary
    said = "nothing before the split changed" if canary.alive else "THE PAST CHANGED: do not trust this report"
    return [
        *measured,
        ("Without one family of facts", ("family", "facts", "AP", "lost", "95% interval, in pairs"), ablation),
        ("If outcomes came later", ("days", "known frauds", "AP", "95% interval"), delays),
        ("Canary", ("labels shuffled", ""), [(count(canary.shuffled), said)]),
    ]
