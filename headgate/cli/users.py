"""`headgate users`: the people who may log in, and the keys of programs."""

from __future__ import annotations

import getpass
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from headgate.cli._console import emit_json, emit_table, json_option, say
from headgate.drivers.home import Home
from headgate.service.people import PEOPLE, add_person, check_approver, disable_person, make_key, set_password
from headgate.service.roles import ROLES
from headgate.stores.store import Store
from headgate.stores.users import By

_home = click.option(
    "--home", type=click.Path(path_type=Path), required=True, help="The home, made by `headgate replay`."
)
_approved = click.option("--approved-by", help="A supervisor who approves it, asked for their password.")
_password = click.option("--password-stdin", is_flag=True, help="Read the password from standard input, one line.")
_secret = click.option("--password-stdin", is_flag=True, help="Read the approver's password from standard input.")


@click.group(name="users")
def command() -> None:
    """Say who may use a service: people by password, programs by key.

    Example: headgate users add ada --role analyst --home home
    """


@command.command()
@click.argument("name")
@click.option("--role", type=click.Choice(PEOPLE), required=True, help="What they may do; see docs/reference/roles.md.")
@_password
@_approved
@_home
@json_option
def add(name: str, role: str, password_stdin: bool, approved_by: str | None, home: Path, as_json: bool) -> None:
    """Add somebody who may log in. With --password-stdin, a second line is the password of who approves.

    Example: headgate users add ada --role analyst --home home
    """
    with _store(home) as store:
        secret = read_secret("Password", password_stdin, new=True)
        add_person(store, name, role, secret, _now_us(), _by(store, approved_by, password_stdin))
    _done(as_json, {"name": name, "role": role}, f"{name} may log in as {role}.")


@command.command()
@click.argument("name")
@_password
@_home
@json_option
def password(name: str, password_stdin: bool, home: Path, as_json: bool) -> None:
    """Give somebody a new password; their sessions end.

    Example: headgate users password ada --home home
    """
    with _store(home) as store:
        set_password(store, name, read_secret("Password", password_stdin, new=True), By(getpass.getuser()))
    _done(as_json, {"name": name}, f"{name} has a new password.")


@command.command()
@click.argument("name")
@click.option("--key", "is_key", is_flag=True, help="NAME is the name of a key.")
@_approved
@_secret
@_home
@json_option
def disable(name: str, is_key: bool, approved_by: str | None, password_stdin: bool, home: Path, as_json: bool) -> None:
    """Let a person or a key in no more.

    Example: headgate users disable ada --home home
    """
    with _store(home) as store:
        by = _by(store, approved_by, password_stdin)
        if is_key:
            store.disable_api_key(name, by)
        else:
            disable_person(store, name, by)
    _done(as_json, {"name": name, "disabled": True}, f"{name} is let in no more.")


@command.command()
@click.argument("name")
@click.option("--role", type=click.Choice(tuple(ROLES)), default="gateway", show_default=True, help="What it may do.")
@click.option(
    "--scope", "scopes", multiple=True, help="An operation that it may call, by its name; all of its role without one."
)
@click.option("--days", type=int, help="How many days it is good; for ever without it.")
@_approved
@_secret
@_home
@json_option
def key(
    name: str,
    role: str,
    scopes: tuple[str, ...],
    days: int | None,
    approved_by: str | None,
    password_stdin: bool,
    home: Path,
    as_json: bool,
) -> None:
    """Make a key for a program and print it, once.

    Example: headgate users key core-banking --scope decidePayments --days 90 --home home
    """
    with _store(home) as store:
        by = _by(store, approved_by, password_stdin)
        made = make_key(store, name, role, _now_us(), scopes=scopes, days=days, by=by)
    if as_json:
        emit_json({"name": name, "role": role, "scopes": scopes, "days": days, "key": made})
        return
    say("Keep it safe: it is not shown again.")
    click.echo(made)


@command.command(name="list")
@_home
@json_option
def list_(home: Path, as_json: bool) -> None:
    """Show people and keys.

    Example: headgate users list --home home
    """
    with _store(home) as store:
        people = [_row("person", user.name, user.role, user.disabled) for user in store.users()]
        keys = [
            _row("key", each.name, each.role, each.disabled, each.scopes, each.expires_us) for each in store.api_keys()
        ]
    if as_json:
        emit_json({"users": people + keys})
        return
    emit_table("", ("Kind", "Name", "Role", "Let in", "Operations", "Until"), [_told(row) for row in people + keys])


@contextmanager
def _store(home: Path) -> Iterator[Store]:
    opened = Home(home)
    try:
        yield opened.store
    finally:
        opened.close()


def read_secret(words: str, from_stdin: bool, *, new: bool = False) -> str:
    """Return a password from a line of standard input, or typed at the terminal; a new one is typed twice."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt(words, hide_input=True, confirmation_prompt=new, err=True)
    return typed


def _by(store: Store, approved_by: str | None, from_stdin: bool) -> By:
    """Who does it, and who approved it with their own password. Raises AuthError."""
    if not approved_by:
        return By(getpass.getuser())
    check_approver(store, approved_by, read_secret("Password of who approves", from_stdin))
    return By(getpass.getuser(), approved_by)


def _row(
    kind: str, name: str, role: str, disabled: bool, scopes: tuple[str, ...] = (), expires_us: int | None = None
) -> dict[str, Any]:
    row = {"kind": kind, "name": name, "role": role, "disabled": disabled}
    return row | {"scopes": scopes, "expires_us": expires_us} if kind == "key" else row


def _told(row: dict[str, Any]) -> tuple[str, ...]:
    expires_us = row.get("expires_us")
    until = "" if expires_us is None else f"{datetime.fromtimestamp(expires_us / 1e6, UTC):%Y-%m-%d}"
    let_in = "no" if row["disabled"] or (expires_us is not None and expires_us <= _now_us()) else "yes"
    return row["kind"], row["name"], row["role"], let_in, " ".join(row.get("scopes", ())), until


def _done(as_json: bool, value: dict[str, Any], sentence: str) -> None:
    if as_json:
        emit_json(value)
    else:
        say(sentence)


def _now_us() -> int:
    return time.time_ns() // 1000
