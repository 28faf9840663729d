"""`headgate witness`: watch the logs of others and co-sign what follows, so that no log can show two histories."""

from __future__ import annotations

from pathlib import Path

import click

from headgate.cli._console import emit_json, json_option, say
from headgate.ledger.keys import load_key_file
from headgate.ledger.note import parse_key
from headgate.service.witnessing import KEY, make_witness, serve_witness, watch, watched


@click.group("witness")
def command() -> None:
    """Be a witness of other institutions' logs, as they may be one of yours.

    \b
    Example: headgate witness init witness --name witness.bank.example
    """


@command.command("init")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="The name of the witness, best an address without https://.")
@json_option
def init(folder: Path, name: str, as_json: bool) -> None:
    """Make the folder and the key of a witness, and print the verifier key to give to others.

    \b
    Example: headgate witness init witness --name witness.bank.example
    """
    key = make_witness(folder, name).text()
    emit_json({"key": key}) if as_json else click.echo(key)


@command.command("watch")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("key")
def watch_log(folder: Path, key: str) -> None:
    """Watch the log that has this verifier key; restart the witness to begin.

    \b
    Example: headgate witness watch witness ledger.bank.example/2026+5a9c2ab1+AQ…
    """
    watch(folder, parse_key(key))
    say(f"{sum(map(len, watched(folder).values()))} keys of {len(watched(folder))} logs are watched.")


@command.command("serve")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8322, show_default=True, help="0 takes a free one.")
@json_option
def serve(folder: Path, host: str, port: int, as_json: bool) -> None:
    """Answer logs that ask for a cosignature, until it is stopped.

    \b
    Example: headgate witness serve witness --port 8322
    """
    logs, key = watched(folder), load_key_file(folder / KEY).verifier.text()

    def told(address: str) -> None:
        if as_json:
            emit_json({"address": address, "key": key, "logs": sorted(logs)})
        else:
            say(f"Witness {key} at {address}, watching {len(logs)} logs. Stop it with Ctrl-C.")

    serve_witness(folder, host, port, told)
    say("Stopped; every cosignature that was given is remembered.")
