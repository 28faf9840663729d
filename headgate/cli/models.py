"""`headgate models`: look at a model folder."""

from __future__ import annotations

from pathlib import Path

import click

from headgate.cli._console import emit_json, json_option, say
from headgate.cli.train import show as show_rows
from headgate.decisions.rollout import STAGES, Staged, StageName
from headgate.drivers.staging import Staging
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


_home = click.option("--home", type=click.Path(path_type=Path), default=Path("home"), show_default=True)


@command.command("try", epilog="Example: headgate models try model --home home")
@click.argument("folder", type=click.Path(path_type=Path))
@_home
@json_option
def try_(folder: Path, home: Path, as_json: bool) -> None:
    """Put the model in FOLDER beside the one of a home, in the shadow: it is recorded and has no effect.

    A service takes it up when it starts; facts that only it reads are then folded from the journal.
    """
    model = Staging(home).try_model(folder)
    _said("candidate", model, as_json)


@command.command(epilog="Example: headgate models stage share --share 0.05 --home home")
@click.argument("stage", type=click.Choice(STAGES))
@click.option("--share", type=float, help="With the stage `share`: of the payments, above 0 and below 1.")
@_home
@json_option
def stage(stage: StageName, share: float | None, home: Path, as_json: bool) -> None:
    """Set how far the candidate model of a home has been rolled out: recorded only, for a share, for all payments.

    A service takes it up when it starts, by an entry of the journal.
    """
    Staging(home).stage_model(Staged(stage=stage, share=share))
    emit_json({"id": "candidate", "stage": stage, "share": share}) if as_json else say(f"candidate: {stage}.")


@command.command(epilog="Example: headgate models promote --home home")
@_home
@json_option
def promote(home: Path, as_json: bool) -> None:
    """Let the candidate take the place of the model of a home; it keeps the scores that it has gathered."""
    _said("model", Staging(home).promote_model(), as_json)


@command.command(epilog="Example: headgate models drop --home home")
@_home
@json_option
def drop(home: Path, as_json: bool) -> None:
    """Take the candidate out of a home."""
    _said("dropped", Staging(home).drop_model(), as_json)


def _said(what: str, model: Model, as_json: bool) -> None:
    if as_json:
        emit_json({what: model.content_hash})
    else:
        say(f"{what}: {model.content_hash[:12]}. A service takes it up when it starts.")
