"""`headgate scenarios`: the library of typologies: list it, read one, prove the examples, measure them."""

from __future__ import annotations

from pathlib import Path

import click

from headgate.charter.charter import Charter, load_charter
from headgate.cli._console import emit_json, emit_table, json_option, progress, say, say_notes
from headgate.cli.rules import TAKEN_UP, wish
from headgate.connectors.dataset import read_dataset
from headgate.decisions.rollout import STAGES, Staged, StageName
from headgate.drivers.staging import Staging
from headgate.drivers.typologies import facts_and_truth
from headgate.errors import NotFoundError, nearest
from headgate.scenarios.coverage import Covered, coverage, packaged_risks_text, read_risks, unasked
from headgate.scenarios.document import parse_file
from headgate.scenarios.firing import needed
from headgate.scenarios.loader import Finding, files_of, load_library, packaged
from headgate.scenarios.loader import check as check_files
from headgate.scenarios.measure import Measured
from headgate.scenarios.measure import measure as measured
from headgate.scenarios.scaffold import scaffold
from headgate.scenarios.scenario import Scenario

_folder = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="An adopter's scenarios, laid over the packaged ones.",
)
_currency = click.option("--currency", default="EUR", show_default=True, help="The reference currency.")


@click.group(invoke_without_command=True, epilog="Example: headgate scenarios show mule-pass-through")
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> int:
    """List the scenarios, read one, or check a folder of them."""
    if context.invoked_subcommand is None:
        context.invoke(list_, as_json=as_json)
    return 0


@command.command("list", epilog="Example: headgate scenarios list --json")
@_folder
@_currency
@json_option
def list_(folder: Path | None = None, currency: str = "EUR", as_json: bool = False) -> int:
    """Print every scenario in force."""
    library = load_library(folder, reference_currency=currency)
    if as_json:
        emit_json([_summary(scenario) for scenario in library])
        return 0
    rows = [(each.id, each.severity, each.action, each.title) for each in library]
    emit_table("", ("id", "severity", "action", "title"), rows)
    say(f"{len(library)} scenarios. `headgate scenarios show ID` prints one.")
    return 0


def _summary(scenario: Scenario) -> dict[str, object]:
    return {
        "id": scenario.id,
        "title": scenario.title,
        "severity": scenario.severity,
        "action": scenario.action,
        "facts": scenario.facts,
        "content_hash": scenario.content_hash,
    }


@command.command(epilog="Example: headgate scenarios show scatter-gather --toml")
@click.argument("scenario_id", metavar="ID")
@click.option("--toml", "as_toml", is_flag=True, help="Print the packaged file, to start an own one from.")
@_folder
@_currency
@json_option
def show(scenario_id: str, as_toml: bool, folder: Path | None, currency: str, as_json: bool) -> int:
    """Print one scenario: what it is, when it fires, what it says, and where that is described."""
    library = {each.id: each for each in load_library(folder, reference_currency=currency)}
    if scenario_id not in library:
        raise NotFoundError(
            f"There is no scenario {scenario_id!r}",
            repair=f"{nearest(scenario_id, tuple(library))}`headgate scenarios list` prints all of them.",
        )
    scenario = library[scenario_id]
    if as_toml:
        click.echo(_text(scenario_id, folder), nl=False)
    elif as_json:
        emit_json({**_summary(scenario), "file": scenario.file, "sql": scenario.applied.sql})
    else:
        _print(scenario)
    return 0


def _text(scenario_id: str, folder: Path | None) -> str:
    """Return the file of a scenario as it is written, the adopter's before the packaged one."""
    sources = (*(files_of(folder) if folder else ()), *packaged())
    return next(each.text for each in sources if parse_file(each.text, each.where).id == scenario_id)


def _print(scenario: Scenario) -> None:
    file = scenario.file
    click.echo(click.style(file.title, bold=True))
    click.echo(f"{file.id} · severity {file.severity} · action {file.action} · {scenario.content_hash[:12]}\n")
    click.echo(f"{file.what.strip()}\n\nFires where\n{file.condition.rstrip()}\n\nSays\n{file.reason}\n")
    parameters = [(n, p.value, p.unit, p.min, p.max, p.sentence) for n, p in file.parameters.items()]
    emit_table("Parameters", ("name", "value", "unit", "min", "max", "meaning"), parameters)
    for each in file.references:
        click.echo(f"{each.publisher} ({each.year}): {each.title}{'. ' + each.note if each.note else ''}")


@command.command(epilog="Example: headgate scenarios check my-scenarios. Exit code 1: something is wrong.")
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--charter", "path", type=click.Path(dir_okay=False, path_type=Path), help="An adopter's charter.")
@_currency
@json_option
def check(folder: Path | None, path: Path | None, currency: str, as_json: bool) -> int:
    """Read every file of a FOLDER (default: the packaged ones) and run its examples."""
    sources = files_of(folder) if folder else packaged()
    charter: Charter = load_charter(path)
    findings = check_files(sources, charter, reference_currency=currency)
    if as_json:
        emit_json({"files": len(sources), "findings": [finding._asdict() for finding in findings]})
    else:
        _report(findings, len(sources))
    return 1 if findings else 0


def _report(findings: tuple[Finding, ...], files: int) -> None:
    for finding in findings:
        click.echo(f"{finding.where}: {finding.sentence}")
    say(f"{files} files, {len(findings)} findings." if findings else f"{files} files, all examples do what they say.")


@command.command(epilog="Example: headgate scenarios new night-withdrawals")
@click.argument("scenario_id", metavar="ID")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("my-scenarios"),
    show_default=True,
    help="Where the file goes; the folder is made.",
)
@json_option
def new(scenario_id: str, folder: Path, as_json: bool) -> None:
    """Write a new scenario to start from: complete, with examples that run."""
    path = scaffold(scenario_id, folder)
    if as_json:
        emit_json({"id": scenario_id, "file": str(path)})
        return
    say(f"{path} is written. Change it, and try it with `headgate scenarios check {folder}`.")


@command.command("coverage", epilog="Example: headgate scenarios coverage my-risks.toml --folder my-scenarios")
@click.argument("risks", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--toml", "as_toml", is_flag=True, help="Print the packaged risk assessment, to start an own one from.")
@_folder
@json_option
def coverage_(risks: Path | None, as_toml: bool, folder: Path | None, as_json: bool) -> int:
    """Set the scenarios against a risk assessment (RISKS, a TOML file). Exit code 1: a risk has no scenario."""
    if as_toml:
        click.echo(packaged_risks_text(), nl=False)
        return 0
    library = load_library(folder)
    covered = coverage(read_risks(risks), library)
    gaps = [each for each in covered if not each.scenarios]
    if as_json:
        emit_json({"covered": covered, "gaps": gaps, "unasked": unasked(covered, library)})
    else:
        _print_coverage(covered, gaps, unasked(covered, library))
    return 1 if gaps else 0


def _print_coverage(covered: tuple[Covered, ...], gaps: list[Covered], idle: tuple[str, ...]) -> None:
    rows = [(c.risk, c.product, c.level, c.typology, c.rail, ", ".join(c.scenarios) or "NONE") for c in covered]
    emit_table("", ("risk", "product", "level", "typology", "rail", "scenarios"), rows)
    for each in gaps:
        click.echo(f"No scenario: {each.risk} ({each.level}), {each.typology} by {each.rail}")
    if idle:
        click.echo(f"No risk asks for: {', '.join(idle)}")
    say(f"{len(covered) - len(gaps)} of {len(covered)} typologies on their rails have a scenario.")


_home = click.option("--home", type=click.Path(path_type=Path), default=Path("home"), show_default=True)


@command.command(epilog="Example: headgate scenarios add night-withdrawals.toml --home home")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_home
@json_option
def add(file: Path, home: Path, as_json: bool) -> None:
    """Put a new scenario into a home, in the shadow: it is recorded and has no effect.

    A service takes it up while it runs, by an entry of the journal.
    """
    scenario_id = Staging(home).add_scenario(file)
    wish(home, f"scenario {scenario_id} added, in the shadow")
    emit_json({"id": scenario_id, "stage": "shadow"}) if as_json else say(f"{scenario_id}: shadow. {TAKEN_UP}")


@command.command(epilog="Example: headgate scenarios stage fan-in-funnel share --share 0.1 --home home")
@click.argument("scenario_id", metavar="ID")
@click.argument("stage", type=click.Choice(STAGES))
@click.option("--share", type=float, help="With the stage `share`: of the payments, above 0 and below 1.")
@_home
@json_option
def stage(scenario_id: str, stage: StageName, share: float | None, home: Path, as_json: bool) -> None:
    """Set how far a scenario of a home has been rolled out: recorded only, for a share of the payments, for all.

    A service takes it up while it runs, by an entry of the journal.
    """
    Staging(home).stage_scenario(scenario_id, Staged(stage=stage, share=share))
    wish(home, f"scenario {scenario_id}: {stage}{'' if share is None else f' {share:g}'}")
    if as_json:
        emit_json({"id": scenario_id, "stage": stage, "share": share})
    else:
        say(f"{scenario_id}: {stage}. {TAKEN_UP}")


@command.command(epilog="Example: headgate scenarios measure world")
@click.argument("dataset", type=click.Path(file_okay=False, path_type=Path))
@_folder
@click.option("--charter", "path", type=click.Path(dir_okay=False, path_type=Path), help="An adopter's charter.")
@json_option
def measure(dataset: Path, folder: Path | None, path: Path | None, as_json: bool) -> int:
    """Run the scenarios over a labelled DATASET folder: alerts a day, precision, recall, schemes found."""
    charter = load_charter(path)
    data = read_dataset(dataset, charter=charter)
    say_notes(data.notes)
    library = load_library(folder, charter, reference_currency=data.reference_currency)
    with progress("Facts", data.journal.num_rows) as tick:
        figures = measured(library, *facts_and_truth(data, needed(library), tick))
    if as_json:
        emit_json(figures)
        return 0
    columns = ("scenario", "alerts a day", "precision", "recall", "schemes")
    emit_table(f"{data.payments} payments", columns, [_row(each) for each in figures])
    return 0


def _row(each: Measured) -> tuple[str, ...]:
    shares = (f"{share:.1%}" if share is not None else "" for share in (each.precision, each.recall))
    return each.scenario_id, f"{each.per_day:.2f}", *shares, f"{each.schemes} of {each.of}"
