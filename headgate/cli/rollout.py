"""`headgate rollout`: how far each scenario and the candidate model of a home have come, and what the shadows said."""

from __future__ import annotations

from pathlib import Path

import click

from headgate.cli._console import emit_json, emit_table, json_option, progress, say
from headgate.drivers.home import Home
from headgate.drivers.shadows import ShadowReport, shadow_report


@click.command("rollout", epilog="Example: headgate rollout --home home")
@click.option("--home", "root", type=click.Path(path_type=Path), default=Path("home"), show_default=True)
@json_option
def command(root: Path, as_json: bool) -> None:
    """Show the stage of each scenario and model that is not live, and what would have been different."""
    home = Home(root)
    try:
        with progress("Reading decisions", None) as tick:
            report = shadow_report(home, tick)
    finally:
        home.close()
    emit_json(report) if as_json else _show(report)


def _show(report: ShadowReport) -> None:
    if not report.parts:
        say("Everything is live. `headgate scenarios add FILE` and `headgate models try FOLDER` begin a trial.")
        return
    rows = [(each.part, each.stage, each.aside, each.with_effect, each.frauds, each.known) for each in report.parts]
    emit_table(
        f"{report.decisions} decisions",
        ("part", "stage", "recorded only", "with effect", "frauds", "outcomes known"),
        rows,
    )
    changed = [(name, count) for name, count in sorted(report.changes.items())]
    emit_table("What would have followed instead", ("decided -> would have been", "payments"), changed)
    if report.waits:
        say("The files differ from what is in force; `headgate rules apply --why WORDS` lets them decide.")
