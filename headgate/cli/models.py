"""`headgate models`: look at a model folder."""

from __future__ import annotations

from pathlib import Path

import click

from headgate.cli._console import emit_json, json_option
from headgate.cli.train import show as show_rows
from headgate.models.model import Model


@click.group("models")
def command() -> None:
    """Look at models.

    Example: headgate models show model
    """


@command.command("show", epilog="Example: headgate models show model --card")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--card", is_flag=True, help="Print the whole model card.")
@json_option
def show(folder: Path, card: bool, as_json: bool) -> None:
    """Say what the model in FOLDER is, after proving that its files are what was saved."""
    model = Model.load(folder)
    if as_json:
        emit_json(model.document)
    elif card:
        click.echo(model.card())
    else:
        show_rows(model, folder)
