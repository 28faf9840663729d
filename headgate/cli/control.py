"""`headgate control`: what the random samples below and above the line say, so that the line is moved on evidence."""

from __future__ import annotations

from pathlib import Path

import click

from headgate.cli._console import emit_json, emit_table, json_option, progress, say
from headgate.drivers.control import ControlReport, Estimate, control_report
from headgate.drivers.home import Home


@click.command("control", epilog="Example: headgate control --home home")
@click.option("--home", "root", type=click.Path(path_type=Path), default=Path("home"), show_default=True)
@json_option
def command(root: Path, as_json: bool) -> None:
    """Estimate how much fraud passes below the line and what holds hold, from the control samples of a home."""
    home = Home(root)
    try:
        with progress("Reading decisions", None) as tick:
            report = control_report(home, tick)
    finally:
        home.close()
    emit_json(report) if as_json else _show(report)


def _show(report: ControlReport) -> None:
    rows = [
        ("below the line", *_cells(report.below)),
        ("of it the fifth nearest to the line", *_cells(report.just_below)),
        ("what would have been held", *_cells(report.above)),
        ("alerts above the line, as acted on", *_cells(report.alerts)),
    ]
    columns = ("payments", "count", "sampled", "known", "fraud", "share of frauds", "95% interval")
    emit_table(f"{report.days:.1f} days", columns, rows)
    if report.fraud_below_a_day is not None:
        estimate, low, high = report.fraud_below_a_day
        say(f"About {estimate:.2f} frauds a day pass below the line (95%: {low:.2f} to {high:.2f}).")
    if report.below.share is None:
        say("What passes below the line cannot be told: no outcome is known of a payment that was drawn there.")
    if report.above.share is None:
        say("What holds hold cannot be told: set [control] above_share, and report outcomes of what was let through.")


def _cells(of: Estimate) -> tuple[str, ...]:
    if of.share is None or of.low is None or of.high is None:
        return str(of.payments), str(of.sampled), str(of.known), str(of.frauds), "cannot be told", ""
    interval = f"{of.low:.2%} to {of.high:.2%}"
    return str(of.payments), str(of.sampled), str(of.known), str(of.frauds), f"{of.share:.2%}", interval
