"""`headgate archive`: move closed days of a home from its store into Parquet files by day."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import click

from headgate.cli._console import emit_json, emit_table, json_option, say
from headgate.drivers.home import Home
from headgate.drivers.leaving import leave
from headgate.drivers.moving import move_closed_days
from headgate.drivers.said import archived
from headgate.stores.archive import Part


@click.command("archive", epilog="Example: headgate archive --home home")
@click.option("--home", "root", type=click.Path(path_type=Path), default=Path("home"), show_default=True)
@click.option("--keep-days", type=click.IntRange(0), help="Closed UTC days that stay in the store [default: setting].")
@json_option
def command(root: Path, keep_days: int | None, as_json: bool) -> None:
    """Move closed UTC days of journal and decisions from the store into the archive, and list what it holds.

    It may run while the service runs, and may be stopped at any moment: nothing is lost and nothing doubled. The hashes
    of the files are left for the log of the home.
    """
    home = Home(root)
    try:
        kept = home.installed.archive.keep_days if keep_days is None else keep_days
        moved = move_closed_days(home.store, time.time_ns() // 1000, kept, partial(_told, home))
        parts = home.store.parts()
    finally:
        home.close()
    if as_json:
        emit_json({"moved": moved, "parts": parts})
        return
    rows = [(part.name, part.last_seq - part.first_seq + 1, part.decisions, part.journal_sha256[:16]) for part in parts]
    emit_table("", ("part", "entries", "decisions", "sha256 of the journal"), rows)
    say(f"{moved} entries moved.")


def _told(home: Home, part: Part) -> None:
    leave(home, [archived(part)])
    say(f"Archived {part.name}")
