"""`headgate facts`: the facts of every payment of a dataset folder, as Parquet in the order of the log."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pyarrow as pa
import pyarrow.parquet as pq

from headgate.cli._console import Tick, emit_json, json_option, progress, say_notes
from headgate.connectors.dataset import Dataset, read_dataset
from headgate.errors import FileError
from headgate.facts.catalogue import DEFAULT
from headgate.facts.engine import Engine, chosen_fold, reference_fold
from headgate.facts.grammar import parse_all
from headgate.limits import US_PER_DAY


@click.command(epilog="Example: headgate facts world --out facts.parquet --facts payer_sent_count_24h,fan_in_24h")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Parquet file to write.")
@click.option("--facts", "names", default="", help="Comma-separated names; without it the default facts.")
@click.option("--reference", is_flag=True, help="Compute by the plain specification itself, whatever is faster.")
@click.option(
    "--label-delay", type=click.FloatRange(min=0), default=7.0, show_default=True,
    help="Days until a label without known_at counts as known.",
)  # fmt: skip
@click.option("--time-zone", default="UTC", show_default=True, help="IANA time zone of local hour and weekday.")
@json_option
def command(
    folder: Path, out: Path, names: str, reference: bool, label_delay: float, time_zone: str, as_json: bool
) -> None:
    """Write tx_id and the facts of every payment of FOLDER, in the order of the journal."""
    asked = tuple(name.strip() for name in names.split(",") if name.strip()) or DEFAULT
    parse_all(asked)
    with _writing(out) as beside:
        dataset = read_dataset(folder, label_delay_us=round(label_delay * US_PER_DAY))
        say_notes(dataset.notes)
        engine = _engine(asked, dataset, reference, time_zone)
        rows = _write(engine, dataset, beside)
    if as_json:
        emit_json({"file": str(out), "payments": rows, "facts": len(asked), "names": asked})
    else:
        click.echo(f"Wrote {len(asked)} facts of {rows} payments to {out}")


def _engine(names: tuple[str, ...], dataset: Dataset, reference: bool, time_zone: str) -> Engine:
    make_fold = reference_fold if reference else chosen_fold
    return Engine(names, reference_currency=dataset.reference_currency, time_zone=time_zone, make_fold=make_fold)


def _write(engine: Engine, dataset: Dataset, path: Path) -> int:
    schema = engine.schema.remove(engine.schema.get_field_index("seq"))
    rows = 0
    with (
        pq.ParquetWriter(path, schema, compression="zstd") as writer,
        progress("Facts", dataset.journal.num_rows) as tick,
    ):
        for facts in _observe(engine, dataset, tick):
            rows += facts.num_rows
            writer.write_batch(facts.select(schema.names))
    return rows


def _observe(engine: Engine, dataset: Dataset, tick: Tick) -> Iterator[pa.RecordBatch]:
    for block in dataset.blocks(rows=2048):
        yield engine.observe(block)
        tick(block.num_rows)


@contextmanager
def _writing(path: Path) -> Iterator[Path]:
    """Yield a file beside `path` that takes its name at the end.

    Raises FileError at once where nothing can be written there.
    """
    if path.is_dir():
        raise _unwritable(path, "it is a folder")
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        beside.touch()
    except OSError as error:
        raise _unwritable(path, str(error.strerror)) from error
    try:
        yield beside
        beside.replace(path)
    except OSError as error:
        raise _unwritable(path, str(error.strerror)) from error
    finally:
        beside.unlink(missing_ok=True)


def _unwritable(path: Path, why: str) -> FileError:
    return FileError(
        f"The file cannot be written: {why}",
        where=str(path),
        repair="Name a file in a folder that exists and that you may write to.",
    )
