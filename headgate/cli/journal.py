"""`headgate journal`: proofs about a journal, and its control totals."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
import pyarrow as pa

from headgate.cli._console import emit_json, emit_table, json_option, say
from headgate.connectors.dataset import read_dataset
from headgate.drivers.home import Home
from headgate.drivers.paths import Paths
from headgate.journal.check import check_journal
from headgate.journal.order import blocks_of
from headgate.journal.schema import BLOCK_SCHEMA
from headgate.journal.totals import control_totals


@click.group("journal")
def command() -> None:
    """Check a journal and reconcile it with its source.

    \b
    Example: headgate journal check world
    """


@command.command("check")
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
def check(folder: Path, as_json: bool) -> int:
    """Prove order, clocks, kinds, values and duplicates of the journal of a dataset folder or a home.

    \b
    Example: headgate journal check world
    """
    report = check_journal(blocks_of(_journal(folder)))
    if as_json:
        emit_json({"sound": report.sound, **msgspec.structs.asdict(report)})
    else:
        emit_table(f"Journal of {folder}", ("kind", "entries"), sorted(report.by_kind.items()))
        for fault in report.faults:
            say(f"Fault: {fault}")
        say("The journal is sound." if report.sound else "The journal is not sound.")
    return 0 if report.sound else 1


@command.command("totals")
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
def totals(folder: Path, as_json: bool) -> int:
    """Count and sum of payments by day, rail, currency and status, for reconciliation with the source.

    \b
    Example: headgate journal totals world
    """
    rows = control_totals(_journal(folder)).to_pylist()
    if as_json:
        emit_json(rows)
    else:
        columns = ("day", "rail", "currency", "status", "payments", "sum in minor units")
        emit_table("Control totals", columns, [tuple(row.values()) for row in rows])
    return 0


def _journal(folder: Path) -> pa.Table:
    if not Paths(folder).settings.is_file():
        return read_dataset(folder).journal
    home = Home(folder)
    try:
        return pa.Table.from_batches(home.blocks(), BLOCK_SCHEMA)
    finally:
        home.close()
