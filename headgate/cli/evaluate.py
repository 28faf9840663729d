"""`headgate evaluate`: how well frauds are found on a dataset, by the protocol, with no option needed."""

from __future__ import annotations

import time
from pathlib import Path

import click

from headgate.charter.charter import load_charter
from headgate.cli._console import emit_json, emit_table, json_option, progress, say, say_notes
from headgate.connectors.dataset import Dataset, read_dataset
from headgate.connectors.importing import require_free
from headgate.drivers.evaluation.evaluate import evaluate
from headgate.drivers.evaluation.prepare import Options, Parts
from headgate.drivers.evaluation.result import Evaluation
from headgate.drivers.evaluation.stopwatch import Stopwatch
from headgate.drivers.report.evaluation import evaluation_page, full_tables, lede, summary_rows
from headgate.drivers.report.page import write
from headgate.drivers.validation.pack import write_pack
from headgate.drivers.validation.validate import validate
from headgate.limits import US_PER_DAY
from headgate.scenarios.loader import load_library


@click.command(epilog="Example: headgate evaluate world --out report.html")
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
@click.option("--out", type=click.Path(path_type=Path), help="Write the report here, one HTML file.")
@click.option(
    "--label-delay",
    type=click.FloatRange(min=0, max=400),
    default=7.0,
    show_default=True,
    help="Days until a label is known, where the data has no known_at.",
)
@click.option(
    "--budget-cases",
    type=click.IntRange(min=1, max=100_000),
    default=10,
    show_default=True,
    help="Alerts a day that your team can read.",
)
@click.option(
    "--full",
    is_flag=True,
    help="Also: ablation, label-delay sweep and canary.",
)
@click.option("--pack", type=click.Path(path_type=Path), help="Write a validation pack for model risk to this folder.")
@click.option("--overwrite", is_flag=True, help="Replace a pack folder that is not empty.")
@click.option("--reference", is_flag=True, help="Compute the facts by their slow definition.")
@click.option("--seed", type=click.IntRange(min=0), default=7, show_default=True, help="Of training and intervals.")
def command(
    folder: Path,
    as_json: bool,
    out: Path | None,
    label_delay: float,
    budget_cases: int,
    full: bool,
    pack: Path | None,
    overwrite: bool,
    reference: bool,
    seed: int,
) -> None:
    """Train, test and report on the dataset in FOLDER: 60% of its time, then 20%, then 20%."""
    options = Options(
        label_delay_us=round(label_delay * US_PER_DAY),
        alerts_a_day=budget_cases,
        reference=reference,
        seed=seed,
        full=full,
    )
    watch = Stopwatch(time.perf_counter)
    with watch.step("read"):
        charter = load_charter(None)
        dataset = read_dataset(folder, label_delay_us=options.label_delay_us, charter=charter)
    parts = Parts(load_library(None, charter, reference_currency=dataset.reference_currency), charter)
    if pack is None:
        result = evaluate(dataset, parts, options, watch=watch, progress=progress)
    else:
        result = _packed(dataset, parts, options, pack, overwrite, watch)
    if out is not None:
        write(evaluation_page(result), out)
    if as_json:
        emit_json(result)
    else:
        _show(result, out)


def _packed(
    dataset: Dataset, parts: Parts, options: Options, folder: Path, overwrite: bool, watch: Stopwatch
) -> Evaluation:
    require_free(folder, overwrite=overwrite)
    arguments = (
        f"--label-delay={options.label_delay_us / US_PER_DAY:g}",
        f"--budget-cases={options.alerts_a_day}",
        f"--seed={options.seed}",
        *(("--reference",) if options.reference else ()),
    )
    made = validate(dataset, parts, options, arguments, watch=watch, progress=progress)
    write_pack(made, folder, overwrite=overwrite)
    differ = len(made.rerun.differ)
    said = "found the same" if not differ else f"DIFFERS in {differ}"
    say(f"Validation pack: {folder} (a fresh process {said} of {made.rerun.compared} numbers)")
    return made.result


def _show(result: Evaluation, out: Path | None) -> None:
    click.echo(lede(result))
    emit_table("", ("test period", "value", "95% interval"), summary_rows(result))
    for title, columns, rows in full_tables(result):
        emit_table(title, columns, rows)
    say_notes((*result.set_apart, *result.warnings))
    if out is not None:
        say(f"Report: {out}")
