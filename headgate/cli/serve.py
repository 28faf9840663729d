"""`headgate serve`: the HTTP API and the workbench on a home."""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path

import click

from headgate import service
from headgate.cli._console import emit_json, json_option, progress, say
from headgate.settings.document import load_settings


@click.command(name="serve")
@click.option("--home", type=click.Path(path_type=Path), required=True, help="The home, made by `headgate replay`.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8321, show_default=True, help="0 takes a free one.")
@json_option
def command(home: Path, host: str, port: int, as_json: bool) -> None:
    """Serve the API and the workbench until it is stopped.

    The state is folded from the journal of the home first. Settings are read from HOME/headgate.toml and from
    environment variables such as HEADGATE_SERVER__HTTPS.

    Example: headgate serve --home home --port 8321
    """
    if not _is_loopback(host) and not load_settings(home, os.environ).server.https:
        say("Others can reach this address, and nothing encrypts the way: put a proxy with HTTPS in front of it.")
    with progress("Folding the journal", None) as tick:
        service.run(home, host, port, lambda address: _told(address, as_json), tick)
    say("Stopped; everything that was answered is on disk.")


def _told(address: str, as_json: bool) -> None:
    if as_json:
        emit_json({"address": address, "workbench": f"{address}/login", "openapi": f"{address}/openapi.json"})
    else:
        say(f"Workbench at {address}, API described at {address}/openapi.json. Stop it with Ctrl-C.")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
