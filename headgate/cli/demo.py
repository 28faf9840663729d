"""`headgate demo`: the whole main job on a simulated bank, ending with the workbench in the browser."""

from __future__ import annotations

import secrets
import shutil
import time
from pathlib import Path

import click

from headgate import service
from headgate.cli._console import emit_json, emit_table, json_option, progress, say
from headgate.drivers.demonstration import Places, demonstrate
from headgate.drivers.report.demonstration import demonstration_page, lede, table_rows
from headgate.drivers.report.page import write
from headgate.errors import FileError
from headgate.service.people import add_person, make_key
from headgate.stores.sqlite import SqliteStore

_MARK = "headgate-demo"
_NAME = "demo"


@click.command("demo", epilog="Example: headgate demo --out demo --no-serve")
@click.option("--out", "root", type=click.Path(path_type=Path), default=Path("demo"), show_default=True)
@click.option("--payments", type=click.IntRange(min=5_000), default=100_000, show_default=True, help="About how many.")
@click.option("--days", type=click.IntRange(30, 400), default=120, show_default=True, help="How many days.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Same seed, same bank.")
@click.option("--serve/--no-serve", default=True, help="Serve the workbench at the end.")
@click.option("--port", type=click.IntRange(0, 65535), default=8321, show_default=True, help="Of the workbench.")
@json_option
def command(root: Path, payments: int, days: int, seed: int, serve: bool, port: int, as_json: bool) -> None:
    """Simulate a bank, learn from the first 60% of its time, replay the rest, report, and serve the workbench."""
    _prepare(root)
    places = Places(root)
    now_us = time.time_ns() // 1000
    demonstration = demonstrate(places, payments=payments, days=days, seed=seed, now_us=now_us, progress=progress)
    write(demonstration_page(demonstration), places.report)
    if as_json:
        emit_json(demonstration)
    else:
        click.echo(lede(demonstration))
        emit_table("", ("the replayed 40% of the time", ""), table_rows(demonstration))
    say(f"Report: {places.report}")
    say(f"Its log, which anybody can verify: headgate verify {places.log}")
    password, key = _login(places)
    if serve:
        service.run(places.home, port=port, on_ready=lambda address: _told(address, password, key))
    else:
        say(f"To look at the cases: headgate serve --home {places.home}")
        say(f"Login: {_NAME}, password {password}")


def _prepare(root: Path) -> None:
    """Empty the folder of an earlier demonstration, and no other folder."""
    mark = root / _MARK
    try:
        if root.exists() and any(root.iterdir()):
            if not mark.is_file():
                raise FileError(
                    "The folder is not empty and holds no demonstration",
                    where=str(root),
                    repair="Name another with --out.",
                )
            shutil.rmtree(root)
        root.mkdir(parents=True, exist_ok=True)
        mark.write_text("This folder was made by `headgate demo`, which replaces it.\n", encoding="utf-8")
    except OSError as error:
        raise FileError(
            f"The folder cannot be written: {error.strerror}", where=str(root), repair="Name another with --out."
        ) from error


def _login(places: Places) -> tuple[str, str]:
    password = secrets.token_urlsafe(12)
    store = SqliteStore(places.home / "headgate.db")
    try:
        now_us = time.time_ns() // 1000
        add_person(store, _NAME, "supervisor", password, now_us)
        return password, make_key(store, _NAME, "gateway", now_us)
    finally:
        store.close()


def _told(address: str, password: str, key: str) -> None:
    say(f"\nWorkbench: {address}")
    say(f"Login:     {_NAME}")
    say(f"Password:  {password}")
    say(f"API key:   {key}  (POST {address}/v1/payments; described at {address}/openapi.json)")
    say("Stop it with Ctrl-C.")
