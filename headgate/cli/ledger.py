"""`headgate ledger`: the keys that sign the log of a home."""

from __future__ import annotations

import getpass
import time
from pathlib import Path

import click

from headgate.cli._console import emit_json, json_option, say
from headgate.drivers.home import Home
from headgate.drivers.log_keys import log_keys
from headgate.ledger.entries import encode_entry
from headgate.ledger.keys import make_key_file
from headgate.ledger.kinds import KeyChanged

_home = click.option("--home", "root", type=click.Path(path_type=Path), default=Path("home"), show_default=True)


@click.group("ledger")
def command() -> None:
    """Show the keys that sign the log of a home, and make the next one.

    \b
    Example: headgate ledger keys --home home
    """


@command.command("keys")
@_home
@json_option
def keys(root: Path, as_json: bool) -> None:
    """Print the verifier keys of the log, those that sign first: what verifiers and witnesses need.

    \b
    Example: headgate ledger keys --home home
    """
    home = Home(root)
    try:
        found = log_keys(home.paths, home.installed.ledger, begun=home.store.ledger_head() is not None)
    finally:
        home.close()
    texts, signing = [key.text() for key in found.verifiers], len(found.signers)
    if as_json:
        emit_json({"origin": found.origin, "signing": texts[:signing], "old": texts[signing:]})
        return
    for number, text in enumerate(texts):
        click.echo(f"{text}  ({'signs' if number < signing else 'signed before'})")


@command.command("new-key")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--by", "person", default=getpass.getuser, show_default="who runs the command", help="Who makes it; for the log."
)
@_home
@json_option
def new_key(file: Path, person: str, root: Path, as_json: bool) -> None:
    """Make the next key of the log in FILE (mode 600; a relative path is one in the home) and print its verifier key.

    It signs once FILE stands under `keys` in the settings. That it was made is left for the log.

    \b
    Example: headgate ledger new-key next.key --home home
    """
    home = Home(root)
    try:
        found = log_keys(home.paths, home.installed.ledger, begun=home.store.ledger_head() is not None)
        made = make_key_file(home.paths.root / file, found.origin).verifier.text()
        home.store.tell_ledger(
            encode_entry(
                KeyChanged(
                    at_us=time.time_ns() // 1000,
                    name=found.origin,
                    person=person,
                    approved_by="",
                    before="",
                    after=made,
                    reason="key of the log added",
                )
            )
        )
    finally:
        home.close()
    if as_json:
        emit_json({"key": made, "file": str(file)})
        return
    click.echo(made)
    say("Give it to verifiers and witnesses first; then name the file under [ledger] keys, beside the key of now.")
