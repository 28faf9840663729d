"""`headgate subject`: the keys under which values of one data subject stand in the log: erase, hold, back up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from headgate.cli._console import emit_json, json_option, say
from headgate.drivers.home import Home
from headgate.errors import LegalHoldError, NotFoundError
from headgate.ledger.commitments import SubjectKeys
from headgate.ledger.entries import encode_entry
from headgate.ledger.kinds import Entry, Erased, LegalHold
from headgate.limits import US_PER_SECOND

_home = click.option("--home", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True)
_person = click.option("--person", required=True, help="Who does it; stands in the log.")
_reason = click.option("--reason", required=True, help="Why, without names of customers; stands in the log.")


@click.group("subject")
def command() -> None:
    """Erase or keep the keys of a data subject: without them, what the log says about it cannot be read by anybody.

    A subject is a pseudonym, as in the journal: an account. Erasing, holding and releasing are
    entries of the log.

    \b
    Example: headgate subject show A-000123 --home home
    """


@command.command("show")
@click.argument("subject")
@_home
@json_option
def show(subject: str, home: Path, as_json: bool) -> int:
    """Tell for which months there is a key, and whether a legal hold is in force. Exit 1 where there is no key.

    \b
    Example: headgate subject show A-000123 --home home
    """
    with _keys(home) as (_, keys):
        periods, held = keys.periods(subject), keys.held(subject)
    if as_json:
        emit_json({"subject": subject, "periods": periods, "hold": held and held._asdict()})
    else:
        click.echo(f"Keys of {subject}: {', '.join(periods) or 'none: erased, or never drawn'}.")
        if held:
            click.echo(f"Legal hold of {held.person} until {_day(held.until_us)}: {held.reason}.")
    return 0 if periods else 1


@command.command("erase")
@click.argument("subject")
@click.option("--period", "periods", multiple=True, help="A month such as 2026-11; all of them without one.")
@_reason
@_home
@json_option
def erase(subject: str, periods: tuple[str, ...], reason: str, home: Path, as_json: bool) -> None:
    """Erase the keys of a subject, here and in every backup of keys made before. Proofs of the log stay valid.

    The entry is left for the log first: a crash in between leaves an erasure to be asked for again. A legal hold
    blocks it. Make a new backup of the keys afterwards.

    \b
    Example: headgate subject erase A-000123 --reason "request 12/26" --home home
    """
    with _keys(home) as (opened, keys):
        there = tuple(period for period in keys.periods(subject) if not periods or period in periods)
        held = keys.held(subject)
        if held is not None:
            raise LegalHoldError(
                f"A legal hold of {held.person} forbids erasing this subject's keys: {held.reason}",
                where=f"until {_day(held.until_us)}",
                repair="Wait until it expires, or lift it with `headgate subject release`.",
            )
        if not there:
            raise NotFoundError(
                f"There is no key of {subject!r} for {', '.join(periods) or 'any month'}",
                where=str(opened.paths.subject_keys),
                repair="It was erased before, or the log says nothing about this subject. Check the spelling.",
            )
        about = keys.commit(subject, there[-1], subject.encode())
        _log(opened, Erased(at_us=_now_us(), subject=about, periods=there, reason=reason))
        gone = keys.erase(subject, there)
    if as_json:
        emit_json({"subject": subject, "erased": gone})
    else:
        say(f"The keys of {subject} for {', '.join(gone)} are erased. Back the keys up again: older backups are void.")


@command.command("hold")
@click.argument("subject")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day (UTC) on which it expires.")
@_reason
@_person
@_home
@json_option
def hold(subject: str, until: datetime, reason: str, person: str, home: Path, as_json: bool) -> None:
    """Forbid the erasure of a subject's keys until a day, at most ten years ahead.

    \b
    Example: headgate subject hold A-000123 --until 2027-06-30 --reason "court order 7/26" --person dora --home home
    """
    until_us = int(until.replace(tzinfo=UTC).timestamp()) * US_PER_SECOND
    _held(subject, reason, person, until_us, home)
    if as_json:
        emit_json({"subject": subject, "until_us": until_us})
    else:
        say(f"The keys of {subject} cannot be erased until {_day(until_us)}.")


@command.command("release")
@click.argument("subject")
@_reason
@_person
@_home
@json_option
def release(subject: str, reason: str, person: str, home: Path, as_json: bool) -> None:
    """Lift a legal hold before it expires.

    \b
    Example: headgate subject release A-000123 --reason "order 7/26 lifted" --person dora --home home
    """
    _held(subject, reason, person, 0, home)
    if as_json:
        emit_json({"subject": subject, "until_us": 0})
    else:
        say(f"No legal hold keeps the keys of {subject}.")


@command.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_home
@json_option
def backup(file: Path, home: Path, as_json: bool) -> None:
    """Write the keys of all subjects into a file, encrypted under backup.key; the next erasure makes it void.

    \b
    Example: headgate subject backup keys.backup --home home
    """
    with _keys(home) as (_, keys):
        keys.backup(file)
    if as_json:
        emit_json({"file": str(file)})
    else:
        say(f"{file} opens with backup.key of now only. Keep a copy of that key where you can destroy it.")


@command.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_home
@json_option
def restore(file: Path, home: Path, as_json: bool) -> None:
    """Take the keys of a backup into a home that has none, with the backup.key of then in its `subject-keys`.

    \b
    Example: headgate subject restore keys.backup --home home
    """
    with _keys(home) as (_, keys):
        count = keys.restore(file)
    if as_json:
        emit_json({"keys": count})
    else:
        say(f"{count} keys are back.")


def _held(subject: str, reason: str, person: str, until_us: int, home: Path) -> None:
    with _keys(home) as (opened, keys):
        keys.hold(subject, reason, person, until_us)
        now_us = _now_us()
        about = keys.commit(subject, f"{datetime.fromtimestamp(now_us / 1e6, UTC):%Y-%m}", subject.encode())
        _log(opened, LegalHold(at_us=now_us, subject=about, person=person, reason=reason, until_us=until_us))


@contextmanager
def _keys(root: Path) -> Iterator[tuple[Home, SubjectKeys]]:
    home = Home(root)
    try:
        keys = SubjectKeys(home.paths.subject_keys, clock_us=_now_us)
        try:
            yield home, keys
        finally:
            keys.close()
    finally:
        home.close()


def _log(home: Home, entry: Entry) -> None:
    """Leave an entry for the writer of the home, who logs it within a second, or when it starts."""
    home.store.tell_ledger(encode_entry(entry))


def _day(us: int) -> str:
    return f"{datetime.fromtimestamp(us / 1e6, UTC):%Y-%m-%d}"


def _now_us() -> int:
    return time.time_ns() // 1000
