"""`headgate datasets`: public datasets, where a user gets them, and their raw files as dataset folders."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headgate.cli._console import emit_json, emit_table, json_option, progress, say, say_notes
from headgate.connectors.importing import write_folder
from headgate.connectors.public import converter, public_sets
from headgate.connectors.public.described import Converted, Described

_path = click.Path(path_type=Path)


@click.group("datasets")
def command() -> None:
    """Public datasets with known frauds: what they are, where to get them, and how to convert them.

    headgate fetches nothing: get the raw files at their source, under their licence.
    """


@command.command("list", epilog="Example: headgate datasets list")
@json_option
def list_(as_json: bool) -> None:
    """List the public datasets that headgate converts: kind, licence and source."""
    known = public_sets()
    if as_json:
        emit_json(known)
        return
    rows = [(of.name, of.title, of.licence, of.where) for of in known]
    emit_table("", ("name", "dataset", "licence", "where to get it"), rows)
    say("More of one: `headgate datasets show NAME`. Convert: `headgate datasets convert NAME RAW OUT`.")


@command.command("show", epilog="Example: headgate datasets show amlworld")
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show the files that `convert` expects, the columns that it never uses, and what to beware of."""
    converter(name)
    described = next(of for of in public_sets() if of.name == name)
    if as_json:
        emit_json(described)
        return
    emit_table(described.title, ("", ""), _rows(described))


def _rows(of: Described) -> list[tuple[str, str]]:
    return [
        ("kind", of.kind),
        ("licence", of.licence),
        ("where to get it", of.where),
        ("files", of.files),
        ("never used", ", ".join(of.never_used)),
        *(("beware" if not place else "", sentence) for place, sentence in enumerate(of.caveats)),
    ]


@command.command("convert", epilog="Example: headgate datasets convert paysim PS_log.csv paysim")
@click.argument("name")
@click.argument("raw", type=_path)
@click.argument("out", type=_path)
@click.option("--overwrite", is_flag=True, help="Replace a folder that is not empty.")
@json_option
def convert(name: str, raw: Path, out: Path, overwrite: bool, as_json: bool) -> None:
    """Make a dataset folder OUT of the raw files of NAME: RAW is their folder, or the file with the payments.

    Nothing is written unless every row is understood. Rows that cannot be payments are left out and counted.
    """
    read = converter(name)
    with progress("Converting", 2) as tick:
        converted = read(raw)
        tick(1)
        write_folder(out, lambda folder: _write(converted, folder), overwrite=overwrite)
        tick(1)
    described = next(of for of in public_sets() if of.name == name)
    told = _told(converted)
    if as_json:
        emit_json({"folder": str(out), **told, "caveats": described.caveats})
        return
    columns = ("rows read", "payments written", "labelled", "frauds")
    emit_table(
        f"Converted into {out}", columns, [(told["rows_read"], told["payments"], told["labelled"], told["frauds"])]
    )
    for reason, count in converted.left_out.items():
        say(f"Left out: {count} rows, because {reason}.")
    say_notes(described.caveats)


def _write(converted: Converted, folder: Path) -> None:
    for name, table in converted.tables.items():
        pq.write_table(table, folder / f"{name}.parquet")


def _told(converted: Converted) -> dict[str, object]:
    label = converted.tables["labels"].column("label")
    return {
        "rows_read": converted.rows_read,
        "payments": converted.tables["transactions"].num_rows,
        "labelled": len(label) - label.null_count,
        "frauds": int(pc.sum(label).as_py() or 0),
        "left_out": msgspec.to_builtins(converted.left_out),
    }
