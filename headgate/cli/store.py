"""`headgate store`: bring a store from the home into the database that its settings name."""

from __future__ import annotations

import os
from pathlib import Path

import click

from headgate.cli._console import emit_json, emit_table, json_option
from headgate.drivers.home import read_settings
from headgate.drivers.opening_store import open_archive, open_store
from headgate.drivers.paths import Paths
from headgate.errors import FieldError
from headgate.settings.document import load_settings
from headgate.stores.copying import copy_store
from headgate.stores.sqlite import SqliteStore


@click.group("store")
def command() -> None:
    """Move the store of a home between databases.

    \b
    Example: headgate store copy --home home
    """


@command.command("copy")
@click.option("--home", "root", type=click.Path(path_type=Path), default=Path("home"), show_default=True)
@json_option
def copy(root: Path, as_json: bool) -> None:
    """Copy the SQLite store of a home into the empty PostgreSQL database that the setting [store] url names.

    Stop the service before, and start it after: what is written into the old store meanwhile would stay behind. Logins
    are not copied.

    \b
    Example: headgate store copy --home home
    """
    paths = Paths(root)
    read_settings(paths)
    settings = load_settings(root, os.environ)
    if not settings.store.url:
        raise FieldError(
            "No other store is named",
            where="setting [store] url",
            repair="Set it in headgate.toml, or as HEADGATE_STORE__URL in the environment, where passwords belong.",
        )
    source, target = SqliteStore(paths.store, open_archive(paths, settings)), open_store(paths, settings)
    try:
        copied = copy_store(source, target)
    finally:
        source.close()
        target.close()
    if as_json:
        emit_json(copied)
    else:
        emit_table("", ("table", "rows"), list(copied.items()))
