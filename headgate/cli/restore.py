"""`headgate restore`: a home out of its backup."""

from __future__ import annotations

from pathlib import Path

import click

from headgate.cli._console import emit_json, json_option, say
from headgate.drivers.restore import restore


@click.command("restore", epilog="Example: headgate restore home.backup --home restored")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--home", type=click.Path(path_type=Path), required=True, help="The folder to make.")
@click.option("--overwrite", is_flag=True, help="Replace a home that is there.")
@json_option
def command(file: Path, home: Path, overwrite: bool, as_json: bool) -> None:
    """Make a home of the backup FILE. Every byte is checked before anything is written.

    The store comes back as SQLite in the home, and the archive too: see docs/how-to/keep-the-store.md for homes whose
    settings name other places.
    """
    manifest = restore(file, home, overwrite=overwrite)
    if as_json:
        emit_json(manifest)
    else:
        say(f"{home} is restored up to journal entry {manifest.last_seq}.")
