"""`headgate backup`: a whole home as one file, while it is served."""

from __future__ import annotations

import time
from pathlib import Path

import click

from headgate.cli._console import emit_json, json_option, say
from headgate.drivers.backup import backup
from headgate.drivers.home import Home


@click.command("backup", epilog="Example: headgate backup home --to home.backup")
@click.argument("home", type=click.Path(path_type=Path))
@click.option("--to", "file", type=click.Path(path_type=Path), required=True, help="The file to write, not there yet.")
@json_option
def command(home: Path, file: Path, as_json: bool) -> None:
    """Write HOME into one file: store, vault, archive, settings, rules, model and state, as of one moment.

    The service may run meanwhile. The file holds the vault, so it is made with mode 600: keep it as safe as the home.
    """
    opened = Home(home)
    try:
        manifest = backup(opened, file, time.time_ns() // 1000)
    finally:
        opened.close()
    if as_json:
        emit_json(manifest)
    else:
        say(f"{len(manifest.files)} files up to journal entry {manifest.last_seq} are in {file}.")
