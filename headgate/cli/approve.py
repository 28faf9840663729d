"""`headgate approve`: a second person approves other rules before they take effect."""

from __future__ import annotations

import getpass
import time
from pathlib import Path

import click

from headgate.cli._console import emit_json, emit_table, json_option, say
from headgate.cli.rules import TAKEN_UP, wish
from headgate.cli.users import read_secret
from headgate.drivers.approval import Approval, approve
from headgate.drivers.home import Home
from headgate.drivers.rollouts import in_force_at
from headgate.drivers.rules import Rules
from headgate.service.people import check_approver


@click.command("approve", epilog="Example: headgate approve --by sam --home home")
@click.option("--by", required=True, help="Who approves: a supervisor of this home, asked for their password.")
@click.option(
    "--person", default=getpass.getuser, show_default="who runs the command", help="Who made the change; another one."
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, one line.")
@click.option("--home", "root", type=click.Path(path_type=Path), default=Path("home"), show_default=True)
@json_option
def command(by: str, person: str, password_stdin: bool, root: Path, as_json: bool) -> int:
    """Approve what the files of a home say and is not in force yet: scenarios, models, policy, charter, rollout.

    It counts for these files as they are; with one more change nothing is approved. A service takes the rules up while
    it runs, and writes both names into journal and log. Exit code 1: there is nothing to approve.
    """
    home = Home(root)
    try:
        changes = _changes(home)
        if changes:
            check_approver(home.store, by, read_secret("Password of who approves", password_stdin))
            rules = home.rules.content_hash
            approve(
                home.paths.approval,
                Approval(rules=rules, person=person, approved_by=by, at_us=time.time_ns() // 1000),
            )
            wish(root, f"approved by {by}")
    finally:
        home.close()
    if as_json:
        emit_json({"changes": [each[:2] for each in changes], "person": person, "approved_by": by})
    elif changes:
        emit_table("", ("what", "name", "before", "after"), changes)
        say(f"{by} approved {len(changes)} changes of {person}. {TAKEN_UP}")
    else:
        say("The files say what is in force: there is nothing to approve.")
    return 0 if changes else 1


def _changes(home: Home) -> list[tuple[str, str, str, str]]:
    in_force = in_force_at(home.store.last_seq() + 1, home.blocks())
    before: Rules | None = home.rule_sets.get(in_force) if in_force else None
    old, new = {} if before is None else before.parts, home.rules.parts
    parts = dict.fromkeys((*old, *new))
    return [(*part, old.get(part, "")[:12], new.get(part, "")[:12]) for part in parts if old.get(part) != new.get(part)]
