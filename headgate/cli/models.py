"""`headgate models`: a model folder, and the models of a home: in force, tried out, taken out."""

from __future__ import annotations

from pathlib import Path

import click

from headgate.cli._console import emit_json, emit_table, json_option, progress, say
from headgate.cli.rules import TAKEN_UP, wish
from headgate.cli.train import show as show_rows
from headgate.decisions.rollout import STAGES, Staged, StageName
from headgate.drivers.home import Home
from headgate.drivers.promotion import Evidence, evidence, require
from headgate.drivers.registry import Registry
from headgate.drivers.retraining import due, retrain
from headgate.drivers.staging import Staging
from headgate.models.model import Model


@click.group("models")
def command() -> None:
    """Look at models, try one out, promote it on evidence, take one out.

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
_why = click.option("--why", required=True, help="Why, in words: it stays on record.")


@command.command("list", epilog="Example: headgate models list --home home")
@_home
@json_option
def list_(home: Path, as_json: bool) -> None:
    """List the models of a home: the champion, the challenger or shadow beside it, and what was in force before."""
    registry = Registry(home)
    known, record = registry.models(), registry.record()
    if as_json:
        emit_json({"models": known, "record": record})
        return
    rows = [(each.content_hash[:12], each.role, each.title, each.average_precision, each.facts) for each in known]
    emit_table("Models", ("model", "role", "learnt from", "average precision", "facts"), rows)
    for line in record:
        say(f"{line.what} {line.model[:12]}: {line.why}")


@command.command("try", epilog="Example: headgate models try model --home home")
@click.argument("folder", type=click.Path(path_type=Path))
@_home
@json_option
def try_(folder: Path, home: Path, as_json: bool) -> None:
    """Put the model in FOLDER beside the one of a home, in the shadow: it is recorded and has no effect.

    A service takes it up while it runs; facts that only it reads are first folded from the journal, aside.
    """
    model = Staging(home).try_model(folder)
    _note(home, "tried", model.content_hash, "put into the shadow")
    _said("candidate", model, as_json)


@command.command(epilog="Example: headgate models stage share --share 0.05 --home home")
@click.argument("stage", type=click.Choice(STAGES))
@click.option("--share", type=float, help="With the stage `share`: of the payments, above 0 and below 1.")
@_home
@json_option
def stage(stage: StageName, share: float | None, home: Path, as_json: bool) -> None:
    """Set how far the candidate model of a home has been rolled out: recorded only, for a share, for all payments.

    A service takes it up while it runs, by an entry of the journal.
    """
    Staging(home).stage_model(Staged(stage=stage, share=share))
    wish(home, f"candidate model: {stage}{'' if share is None else f' {share:g}'}")
    if as_json:
        emit_json({"id": "candidate", "stage": stage, "share": share})
    else:
        say(f"candidate: {stage}. {TAKEN_UP}")


@command.command(epilog="Example: headgate models compare --home home")
@_home
@json_option
def compare(home: Path, as_json: bool) -> None:
    """Show how the candidate and what is in force ranked the same payments of the last 90 days with a known outcome."""
    found = _evidence(home)
    if as_json:
        emit_json(found)
        return
    rows = [
        ("average precision", f"{found.champion_average_precision:.3f}", f"{found.candidate_average_precision:.3f}"),
        ("false alarms per honest payer", f"{found.champion_burden:.4f}", f"{found.candidate_burden:.4f}"),
    ]
    title = f"{found.payments} payments with a known outcome on {found.days} days, {found.frauds} frauds"
    emit_table(title, ("", "in force", "candidate"), rows)
    if found.interval is not None:
        say(f"Difference {found.difference:+.3f} (95%: {found.interval[0]:+.3f} to {found.interval[1]:+.3f}).")
    say(f"Not to be promoted: {'; '.join(found.refused)}." if found.refused else "It may be promoted.")


@command.command(epilog="Example: headgate models promote --home home")
@_home
@json_option
def promote(home: Path, as_json: bool) -> None:
    """Let the candidate take the place of the model of a home; it keeps the scores that it has gathered.

    Refused unless it ranked the same recent payments better beyond chance, with no more false alarms for each honest
    payer; `headgate models compare` shows the evidence.
    """
    found = _evidence(home)
    require(found)
    model = Staging(home).promote_model()
    _note(home, "promoted", model.content_hash, found.words())
    _said("model", model, as_json)


@command.command("retrain", epilog="Example: headgate models retrain --due --home home")
@click.option("--due", "only_due", is_flag=True, help="Only where the newest model is older than the settings allow.")
@click.option("--seed", type=click.IntRange(min=0), default=7, show_default=True, help="Same seed, same model.")
@_home
@json_option
def retrain_(only_due: bool, seed: int, home: Path, as_json: bool) -> None:
    """Learn a model from the journal of a home and put it into the shadow as its candidate; never live by itself.

    For a timer: with --due nothing happens until the newest model is as old as `[training] every_days` says.
    """
    opened = Home(home)
    try:
        found = due(opened)
        if only_due and not found.now:
            said = f"Nothing is due: the newest model is {found.days:.1f} days old, of {found.every_days}."
            emit_json({"due": found, "candidate": None}) if as_json else say(said)
            return
        with progress("Computing facts", None) as tick:
            model = retrain(opened, seed=seed, tick=tick)
    finally:
        opened.close()
    emit_json({"due": found, "candidate": model.content_hash}) if as_json else _said("candidate", model, as_json)


@command.command(epilog="Example: headgate models drop --home home")
@_home
@json_option
def drop(home: Path, as_json: bool) -> None:
    """Take the candidate out of a home."""
    model = Staging(home).drop_model()
    _note(home, "dropped", model.content_hash, "taken out of the trial")
    _said("dropped", model, as_json)


@command.command(epilog='Example: headgate models retire --why "Customers changed" --home home')
@_why
@_home
@json_option
def retire(why: str, home: Path, as_json: bool) -> None:
    """Take the model of a home out of force: the scenarios decide alone until it returns or another is promoted."""
    model = Staging(home).withdraw_model(why)
    _note(home, "retired", model.content_hash, why)
    _said("retired", model, as_json)


@command.command("return", epilog='Example: headgate models return --why "A feed was late" --home home')
@_why
@_home
@json_option
def return_(why: str, home: Path, as_json: bool) -> None:
    """Let a model that was retired, or that the drift watch took out, decide again. Only a person does this."""
    name = Staging(home).return_model()
    _note(home, "returned", name, why)
    emit_json({"model": name}) if as_json else say(f"model: {name[:12]}. {TAKEN_UP}")


def _note(home: Path, what: str, model: str, why: str) -> None:
    """Put on record what was done to a model, and let a running service know."""
    Registry(home).note(what, model, why)
    wish(home, f"model {model[:12]} {what}: {why}")


def _evidence(root: Path) -> Evidence:
    Staging(root).candidate()
    home = Home(root)
    try:
        with progress("Reading decisions", None) as tick:
            return evidence(home, tick)
    finally:
        home.close()


def _said(what: str, model: Model, as_json: bool) -> None:
    if as_json:
        emit_json({what: model.content_hash})
    else:
        say(f"{what}: {model.content_hash[:12]}. {TAKEN_UP}")
