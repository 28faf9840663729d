"""`headgate webhooks`: who is told what, how far each has heard, and the letters that nobody took."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click

from headgate.cases.announcement import DeadLetter
from headgate.cli._console import emit_json, emit_table, json_option, say
from headgate.drivers.home import Home
from headgate.service.webhooks.letters import drop, letter_of, send_again
from headgate.service.webhooks.subscribers import subscribers_of
from headgate.settings.document import load_settings

_home = click.option("--home", type=click.Path(path_type=Path), required=True, help="The home of the service.")


@click.group(name="webhooks")
def command() -> None:
    """Look after the receivers of announcements.

    Example: headgate webhooks dead --home home
    """


@command.command(name="list")
@_home
@json_option
def list_(home: Path, as_json: bool) -> None:
    """Show every webhook of the settings, how far it has heard and how many dead letters it has.

    Example: headgate webhooks list --home home
    """
    webhooks = load_settings(home, os.environ).webhooks
    opened = Home(home)
    try:
        rows = [
            {
                "name": each.name,
                "url": each.url,
                "kinds": each.kinds,
                "heard": "{}.{}".format(*opened.store.heard(each.name)),
                "dead_letters": len(opened.store.dead_letters(each.name)),
            }
            for each in webhooks
        ]
    finally:
        opened.close()
    if as_json:
        emit_json({"webhooks": rows})
        return
    told = [(row["name"], row["url"], row["heard"], row["dead_letters"]) for row in rows]
    emit_table("", ("Name", "Url", "Heard up to", "Dead letters"), told)


@command.command()
@click.argument("name", required=False)
@_home
@json_option
def dead(name: str | None, home: Path, as_json: bool) -> None:
    """Show what a webhook (without NAME: any) did not take.

    Example: headgate webhooks dead --home home
    """
    opened = Home(home)
    try:
        letters = opened.store.dead_letters(name)
    finally:
        opened.close()
    if as_json:
        emit_json({"dead_letters": letters})
        return
    emit_table(
        "", ("Webhook", "Announcement", "Kind", "About", "Attempts", "Last error"), [_row(each) for each in letters]
    )


@command.command()
@click.argument("name")
@click.argument("announcement", required=False)
@_home
@json_option
def retry(name: str, announcement: str | None, home: Path, as_json: bool) -> None:
    """Send one dead letter of a webhook again, or all of them in order until one is not taken.

    Example: headgate webhooks retry core-banking 120034.0 --home home
    """
    subscribers = subscribers_of(load_settings(home, os.environ).webhooks, os.environ)
    opened = Home(home)
    try:
        chosen = (letter_of(opened.store, name, announcement),) if announcement else opened.store.dead_letters(name)
        for letter in chosen:
            send_again(opened.store, subscribers, letter, time.time())
    finally:
        opened.close()
    _done(as_json, "taken", [letter.announcement.id for letter in chosen])


@command.command(name="drop")
@click.argument("name")
@click.argument("announcement")
@_home
@json_option
def drop_(name: str, announcement: str, home: Path, as_json: bool) -> None:
    """Take a dead letter off the list without sending it.

    Example: headgate webhooks drop core-banking 120034.0 --home home
    """
    opened = Home(home)
    try:
        drop(opened.store, letter_of(opened.store, name, announcement))
    finally:
        opened.close()
    _done(as_json, "dropped", [announcement])


def _row(letter: DeadLetter) -> tuple[object, ...]:
    told = letter.announcement
    return letter.subscriber, told.id, told.kind, told.subject, letter.attempts, letter.last_error


def _done(as_json: bool, word: str, ids: list[str]) -> None:
    if as_json:
        emit_json({word: ids})
    else:
        say(f"{len(ids)} {'letter was' if len(ids) == 1 else 'letters were'} {word}.")
