"""`headgate import`: source files into a dataset folder."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click
import msgspec

from headgate.charter.charter import load_charter
from headgate.cli._console import emit_json, emit_table, json_option, progress, say
from headgate.connectors.column_map import ColumnMap, check_map, guess_map, read_map, write_map
from headgate.connectors.importing import Importer, ImportReport
from headgate.connectors.sampling import refine, sample_rows
from headgate.connectors.source_files import column_names

_SHOWN_REJECTS = 10


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", "folder", required=True, type=click.Path(path_type=Path), help="The dataset folder to write.")
@click.option("--map", "map_file", type=click.Path(path_type=Path), help="A column map (TOML); guessed without it.")
@click.option("--currency", help="The currency of all rows where the source states none, for instance EUR or XXX.")
@click.option("--yes", is_flag=True, help="Accept the guessed map without being asked.")
@click.option("--overwrite", is_flag=True, help="Replace a folder that is not empty.")
@json_option
def command(
    files: tuple[Path, ...],
    folder: Path,
    map_file: Path | None,
    currency: str | None,
    yes: bool,
    overwrite: bool,
    as_json: bool,
) -> int:
    """Read CSV and Parquet FILES into a dataset folder.

    Column names are guessed and shown before anything is written; a map.toml settles them. Every row that cannot be
    imported is named with file, line, column and reason, and written to rejects.csv in the folder.

    \b
    Example: headgate import payments.csv --out world --currency EUR
    """
    charter = load_charter(None)
    names = column_names(files[0])
    notes: list[str] = []
    if map_file is not None:
        column_map = read_map(map_file)
    else:
        column_map, notes = refine(guess_map(names, charter), sample_rows(files[0]))
    if currency is not None:
        column_map = msgspec.structs.replace(column_map, currency=currency)
    apart = _set_apart(names, column_map)
    _show(column_map, notes, apart, guessed=map_file is None)
    for path in files:
        check_map(column_map, column_names(path), str(path), charter)
    if map_file is None and not yes and not _confirmed():
        say("Nothing was written. Save the map above as map.toml, correct it, and say --map map.toml; or say --yes.")
        return 2
    importer = Importer(column_map, now_us=time.time_ns() // 1000)
    with progress("Importing rows", None) as tick:
        for path in files:
            importer.read(path, tick)
    report = importer.write(folder, overwrite=overwrite)
    _answer(report, folder, apart, as_json)
    return 0


def _set_apart(names: list[str], column_map: ColumnMap) -> list[str]:
    charter = load_charter(None)
    used = set(column_map.columns.values())
    return [
        f"column {name!r} is set apart: {charter.refusal(name) or 'no field of a payment was found for it.'}"
        for name in names
        if name not in used
    ]


def _show(column_map: ColumnMap, notes: list[str], apart: list[str], *, guessed: bool) -> None:
    say("The map, guessed from the names:" if guessed else "The map:")
    say(write_map(column_map))
    for line in (*notes, *apart):
        say(f"- {line}")


def _confirmed() -> bool:
    return sys.stdin.isatty() and click.confirm("Import with this map?", err=True)


def _answer(report: ImportReport, folder: Path, apart: list[str], as_json: bool) -> None:
    if as_json:
        emit_json({"folder": str(folder), "set_apart": apart, **msgspec.structs.asdict(report)})
        return
    emit_table(
        f"Imported into {folder}",
        ("rows read", "payments written", "labelled", "rejected"),
        [(report.rows_read, report.written, report.labelled, len(report.rejects))],
    )
    for warning in report.warnings:
        say(f"Warning: {warning}")
    for reject in report.rejects[:_SHOWN_REJECTS]:
        say(f"Rejected: {reject.file}, line {reject.line}, column {reject.column!r}: {reject.reason}")
    if len(report.rejects) > _SHOWN_REJECTS:
        say(f"… and {len(report.rejects) - _SHOWN_REJECTS} more: see {folder / 'rejects.csv'}")
