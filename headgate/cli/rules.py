"""`headgate rules`: what decides in a home, what its files say instead, and letting that decide while it is served."""

from __future__ import annotations

import getpass
from pathlib import Path

import click

from headgate.cli._console import emit_json, emit_table, json_option, say
from headgate.drivers.asked import ask
from headgate.drivers.home import Home
from headgate.drivers.rollouts import differing, in_force_at
from headgate.drivers.rule_sets import RuleSets
from headgate.drivers.staging import Staging

TAKEN_UP = "A service takes it up while it runs, or when it starts; `headgate rules show` says what is in force."
_home = click.option("--home", type=click.Path(path_type=Path), default=Path("home"), show_default=True)


@click.group("rules")
def command() -> None:
    """Show what decides in a home, and let other rules decide without a stop.

    Example: headgate rules show --home home
    """


@command.command("show", epilog="Example: headgate rules show --home home")
@_home
@json_option
def show(home: Path, as_json: bool) -> None:
    """Print the parts of the rules in force by their hashes, and those of which the files of the home say otherwise."""
    of = Home(home)
    try:
        in_force = in_force_at(of.store.last_seq() + 1, of.blocks())
        found = differing(of.rule_sets.get(in_force), of.rules)
    finally:
        of.close()
    if as_json:
        emit_json({"in_force": in_force, "parts": found})
        return
    rows = [(each.kind, each.subject, each.in_force[:12], each.wanted[:12] if each.differs else "") for each in found]
    emit_table(f"In force: {in_force[:12]}", ("kind", "part", "in force", "files say"), rows)
    if any(each.differs for each in found):
        say("`headgate rules apply --why WORDS` lets decide what the files say.")


@command.command("apply", epilog='Example: headgate rules apply --why "Budget of the second team" --home home')
@click.option("--why", required=True, help="Why, in words: it stays in the journal beside your name.")
@_home
@json_option
def apply(why: str, home: Path, as_json: bool) -> None:
    """Let what the files of a home say decide: policy, charter, scenarios, models, rollout, as they are now.

    They are read and checked, and kept whole; a service takes them up by entries of the journal, without a stop.
    """
    name = wish(home, why)
    emit_json({"rules": name}) if as_json else say(f"rules: {name[:12]}. {TAKEN_UP}")


def wish(home: Path, why: str) -> str:
    """Ask in the name of the user of this machine for what the files of a home say; return the hash of it."""
    staging = Staging(home)
    sets = RuleSets(staging.paths.rules, staging.currency)
    return ask(staging.paths, sets, staging.rules(), getpass.getuser(), why).rules
