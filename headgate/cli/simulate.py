"""`headgate simulate`: write the dataset folder of a simulated bank."""

from __future__ import annotations

from pathlib import Path

import click

from headgate.cli._console import emit_json, emit_table, json_option, progress
from headgate.drivers.simulation.simulate import Order, simulate
from headgate.drivers.simulation.worlds import WORLDS, world_named
from headgate.errors import FileError


@click.command(
    epilog="Example: headgate simulate world --payments 20000 --days 60 --seed 7",
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--payments", type=int, help="About how many payments (default: 50000).")
@click.option("--customers", type=int, help="How many customers instead.")
@click.option("--days", type=int, default=120, show_default=True, help="How many days.")
@click.option("--world", "world_name", default="harbour", show_default=True, help=f"One of: {', '.join(WORLDS)}.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Same seed, same bytes.")
@json_option
def command(
    folder: Path,
    payments: int | None,
    customers: int | None,
    days: int,
    world_name: str,
    seed: int,
    as_json: bool,
) -> None:
    """Simulate a bank with fraud and its benign twins, and write it to FOLDER as a dataset."""
    if payments is not None and customers is not None:
        raise click.UsageError("Give --payments or --customers, not both.")
    if folder.exists() and any(folder.iterdir() if folder.is_dir() else [folder]):
        raise FileError(
            "The place for the dataset is not empty",
            where=str(folder),
            repair="Name a new folder, or remove what is there.",
        )
    order = Order(world_named(world_name), days=days, seed=seed, customers=customers, payments=payments)
    order.people()
    with progress("Simulating days", days) as tick:
        summary = simulate(order, folder, tick)
    if as_json:
        emit_json(summary)
        return
    shown = {name: getattr(summary, name) for name in summary.__struct_fields__}
    shown["fraud_share"] = f"{summary.fraud_share:.3%}"
    emit_table("", ("simulated", ""), list(shown.items()))
